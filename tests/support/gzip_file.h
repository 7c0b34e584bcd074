// IDX and gzip data for tests. For tests that link zlib.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fovea::test {

/// `content` packed with gzip.
inline std::string gzipped(std::string_view content) {
  z_stream z{};
  // Window bits 15, and 16 more for gzip's header.
  if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string packed(deflateBound(&z, static_cast<uLong>(content.size())) + 32, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&z, Z_FINISH);
  packed.resize(packed.size() - z.avail_out);
  deflateEnd(&z);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return packed;
}

/// The header of an IDX file of element type `code`, and `data` after it.
inline std::string idx(int code, std::initializer_list<std::uint32_t> sizes,
                       std::string_view data) {
  std::string content{'\0', '\0', static_cast<char>(code), static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes)
    for (const int shift : {24, 16, 8, 0}) content += static_cast<char>(size >> shift & 0xff);
  content += data;
  return content;
}

}  // namespace fovea::test
