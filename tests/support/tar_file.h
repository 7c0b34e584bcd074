// Tar archives made piece by piece, for tests of what reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fovea::test {

/// A number as a header holds it.
inline std::string octal(std::uint64_t value, std::size_t width) {
  std::string digits;
  for (; digits.size() < width - 1; value /= 8)
    digits.insert(0, 1, static_cast<char>('0' + value % 8));
  return digits + '\0';
}

/// A header with its checksum.
inline std::string tar_header(const std::string& name, char kind, const std::string& size,
                              const std::string& magic = std::string("ustar\0"
                                                                     "00",
                                                                     8),
                              const std::string& prefix = "") {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  block.replace(124, size.size(), size);
  block.replace(148, 8, "        ");
  block[156] = kind;
  block.replace(257, magic.size(), magic);
  block.replace(345, prefix.size(), prefix);
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  return block.replace(148, 7, octal(sum, 7));
}

/// With zeros to the end of its last block.
inline std::string tar_padded(std::string content) {
  content.resize((content.size() + 511) / 512 * 512);
  return content;
}

/// A file with its header; the name has at most 100 bytes.
inline std::string tar_file(const std::string& name, const std::string& content, char kind = '0') {
  return tar_header(name, kind, octal(content.size(), 12)) + tar_padded(content);
}

/// The two blocks at the end of an archive.
inline std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace fovea::test
