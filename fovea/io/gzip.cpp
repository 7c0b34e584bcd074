#include "fovea/io/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "fovea/core/error.h"

namespace fovea::io {

namespace {

// zlib counts in 32 bits; the input and output are fed in pieces no larger than this.
constexpr std::size_t kPiece = std::size_t{1} << 20;
// With window bits 15, 16 more means: a gzip header and trailer, and nothing else.
constexpr int kGzipWindow = 15 + 16;

// Owns zlib's state.
struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

bool is_gzip(std::span<const std::byte> content) {
  return content.size() >= 2 && content[0] == std::byte{0x1f} && content[1] == std::byte{0x8b};
}

std::vector<std::byte> gunzip(std::span<const std::byte> content, const std::string& name,
                              std::uint64_t max_bytes) {
  Inflater inflater;
  z_stream& z = inflater.stream;
  std::vector<std::byte> unpacked;
  std::vector<std::byte> piece(kPiece);
  std::size_t fed = 0;  // bytes of `content` that zlib has been given
  const auto context = [&] { return str(" (", name, ", byte ", fed - z.avail_in, ")"); };
  for (;;) {
    if (z.avail_in == 0 && fed < content.size()) {
      z.avail_in = static_cast<uInt>(std::min(kPiece, content.size() - fed));
      // zlib's interface predates const; it does not write here.
      z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content.data() + fed));
      fed += z.avail_in;
    }
    z.next_out = reinterpret_cast<Bytef*>(piece.data());
    z.avail_out = static_cast<uInt>(piece.size());
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    check<ParseError>(result != Z_DATA_ERROR && result != Z_NEED_DICT && result != Z_STREAM_ERROR,
                      "gzip: data expected to be undamaged, got \"",
                      z.msg != nullptr ? z.msg : "damaged data", "\"", context());
    const std::size_t count = piece.size() - z.avail_out;
    check<ParseError>(unpacked.size() + count <= max_bytes, "gzip: unpacked data expected at most ",
                      max_bytes, " bytes, got more", context());
    unpacked.insert(unpacked.end(), piece.begin(),
                    piece.begin() + static_cast<std::ptrdiff_t>(count));
    if (result == Z_STREAM_END) {
      const std::size_t position = fed - z.avail_in;
      if (position == content.size()) return unpacked;
      check<ParseError>(is_gzip(content.subspan(position)), "gzip: data expected to end, got ",
                        content.size() - position, " more bytes", context());
      inflateReset(&z);
    } else {
      const bool starved = z.avail_in == 0 && fed == content.size() && count == 0;
      check<ParseError>(!starved, "gzip: data expected to go on, got the end of the file after ",
                        unpacked.size(), " unpacked bytes", context());
    }
  }
}

}  // namespace fovea::io
