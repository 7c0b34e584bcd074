// The numbers of the ZIP format that reader and writer share. Source: APPNOTE.TXT 6.3.10, section
// 4.
#pragma once

#include <cstdint>

namespace fovea::io {

/// A record with a signature and a part of fixed length.
struct ZipRecord {
  const char* name;         ///< for messages
  std::uint32_t signature;  ///< its first 4 bytes
  std::uint64_t bytes;      ///< of the fixed part, with the signature
};

inline constexpr ZipRecord kZipLocalHeader{"local header", 0x04034b50, 30};      ///< 4.3.7
inline constexpr ZipRecord kZipHeader{"directory's header", 0x02014b50, 46};     ///< 4.3.12
inline constexpr ZipRecord kZip64End{"zip64 end", 0x06064b50, 56};               ///< 4.3.14
inline constexpr ZipRecord kZip64Locator{"zip64 end locator", 0x07064b50, 20};   ///< 4.3.15
inline constexpr ZipRecord kZipEnd{"end of central directory", 0x06054b50, 22};  ///< 4.3.16

/// The id of the extra field that holds sizes and positions of 8 bytes (4.5.3).
inline constexpr std::uint16_t kZip64Extra = 0x0001;
/// Flags (4.4.4) of entries that are encrypted (bits 0, 6, 13) or patches (bit 5).
inline constexpr std::uint16_t kZipRefusedFlags = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 13;
/// The flag of a name in UTF-8.
inline constexpr std::uint16_t kZipUtf8Flag = 1 << 11;

}  // namespace fovea::io
