// Unpacking gzip data, by content: a file is gzip when it begins so, whatever its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fovea::io {

/// True when `content` begins as gzip data does (1f 8b).
/// Source   RFC 1952, section 2.3.1.
bool is_gzip(std::span<const std::byte> content);

/// Unpacks gzip data: one member, or several one after the other.
/// Throws   ParseError naming `name` and the byte when the data ends early, is damaged (its
///          checksum and length are verified), is followed by something else, or unpacks to more
///          than `max_bytes`.
std::vector<std::byte> gunzip(std::span<const std::byte> content, const std::string& name,
                              std::uint64_t max_bytes);

}  // namespace fovea::io
