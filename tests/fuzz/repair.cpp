#include "tests/fuzz/repair.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "fovea/io/archive/deflate.h"
#include "fovea/io/archive/zip_format.h"
#include "fovea/io/bytes.h"

namespace fovea::fuzz {

namespace {

using Bytes = std::span<std::byte>;

template <class T>
T number(Bytes content, std::size_t at) {
  return io::load_little<T>(content.subspan(at));
}

// The CRC-32 of the entry whose directory header is at `at`; false when its data is not there.
bool crc_of_entry(Bytes content, std::size_t at, std::uint32_t& crc) {
  constexpr std::size_t kMostUnpacked = std::size_t{1} << 20;
  const auto method = number<std::uint16_t>(content, at + 10);
  const std::size_t packed = number<std::uint32_t>(content, at + 20);
  const std::size_t size = number<std::uint32_t>(content, at + 24);
  const std::size_t local = number<std::uint32_t>(content, at + 42);
  if (local + io::kZipLocalHeader.bytes > content.size()) return false;
  const std::size_t data = local + io::kZipLocalHeader.bytes +
                           number<std::uint16_t>(content, local + 26) +
                           number<std::uint16_t>(content, local + 28);
  if (data > content.size() || packed > content.size() - data) return false;
  const Bytes bytes = content.subspan(data, packed);
  if (method == 0) {
    crc = io::crc32(bytes);
    return true;
  }
  if (method != 8 || size > kMostUnpacked) return false;
  std::vector<std::byte> unpacked(size);
  if (!io::inflate_exactly(bytes, unpacked).empty()) return false;
  crc = io::crc32(unpacked);
  return true;
}

}  // namespace

void repair_zip(Bytes content) {
  for (std::size_t at = 0; at + io::kZipHeader.bytes <= content.size(); ++at) {
    if (number<std::uint32_t>(content, at) != io::kZipHeader.signature) continue;
    std::uint32_t crc = 0;
    if (crc_of_entry(content, at, crc)) std::memcpy(content.data() + at + 16, &crc, sizeof crc);
  }
}

void repair_tar(Bytes content) {
  constexpr std::size_t kBlock = 512, kSize = 124, kChecksum = 148;
  for (std::size_t at = 0; at + kBlock <= content.size();) {
    const Bytes block = content.subspan(at, kBlock);
    std::memset(block.data() + kChecksum, ' ', 8);
    unsigned sum = 0;
    for (const std::byte b : block) sum += std::to_integer<unsigned>(b);
    std::snprintf(reinterpret_cast<char*>(block.data()) + kChecksum, 8, "%06o", sum);
    const std::string digits(reinterpret_cast<const char*>(block.data()) + kSize, 12);
    const std::size_t size = std::strtoull(digits.c_str(), nullptr, 8);
    if (size > content.size()) return;
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
}

}  // namespace fovea::fuzz
