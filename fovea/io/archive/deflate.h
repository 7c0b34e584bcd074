// Raw deflate data and CRC-32, the parts of a ZIP entry that zlib knows how to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace fovea::io {

/// Deflate packs at most this many bytes into one: 258 bytes, the longest repetition, in 2 bits.
inline constexpr std::uint64_t kMaxDeflateRatio = 1032;

/// The CRC-32 of bytes that follow those whose CRC-32 is `crc`; 0 is that of no bytes.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc = 0);

/// Unpacks raw deflate data that fills `into` exactly and uses all of `packed`.
/// Returns  what is wrong, in a few words that follow "got "; empty when nothing is.
/// Source   RFC 1951.
std::string inflate_exactly(std::span<const std::byte> packed, std::span<std::byte> into);

/// Unpacks the beginning of raw deflate data, as much as fits `into` and is undamaged.
/// Returns  how many bytes that is.
std::size_t inflate_head(std::span<const std::byte> packed, std::span<std::byte> into);

/// Raw deflate data of the pieces one after the other, at zlib's default level.
std::vector<std::byte> deflate_pieces(std::initializer_list<std::span<const std::byte>> pieces);

}  // namespace fovea::io
