#include "fovea/io/archive/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "fovea/core/error.h"

namespace fovea::io {

namespace {

// zlib counts in 32 bits; the input and output are fed in pieces no larger than this.
constexpr std::size_t kGzipPiece = std::size_t{1} << 20;
// With window bits 15, 16 more means: a gzip header and trailer, and nothing else.
constexpr int kGzipWindow = 15 + 16;

}  // namespace

// Owns zlib's state.
struct GzipReader::Stream {
  z_stream z{};
  Stream() {
    if (inflateInit2(&z, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

bool is_gzip(std::span<const std::byte> content) {
  return content.size() >= 2 && content[0] == std::byte{0x1f} && content[1] == std::byte{0x8b};
}

GzipReader::GzipReader(std::span<const std::byte> content, std::string name)
    : content_(content), name_(std::move(name)), stream_(std::make_unique<Stream>()) {}

GzipReader::~GzipReader() = default;

std::size_t GzipReader::position() const { return fed_ - stream_->z.avail_in; }

std::string GzipReader::context() const { return str(" (", name_, ", byte ", position(), ")"); }

void GzipReader::feed() {
  z_stream& z = stream_->z;
  if (z.avail_in > 0 || fed_ == content_.size()) return;
  z.avail_in = static_cast<uInt>(std::min(kGzipPiece, content_.size() - fed_));
  // zlib's interface predates const; it does not write here.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content_.data() + fed_));
  fed_ += z.avail_in;
}

// Behind a member: false at the end of the data.
bool GzipReader::next_member() {
  if (position() == content_.size()) return false;
  check<ParseError>(is_gzip(content_.subspan(position())), "gzip: data expected to end, got ",
                    content_.size() - position(), " more bytes", context());
  inflateReset(&stream_->z);
  return true;
}

std::size_t GzipReader::read(std::span<std::byte> into) {
  z_stream& z = stream_->z;
  std::size_t filled = 0;
  while (filled < into.size() && !ended_) {
    feed();
    const std::size_t room = std::min(kGzipPiece, into.size() - filled);
    z.next_out = reinterpret_cast<Bytef*>(into.data() + filled);
    z.avail_out = static_cast<uInt>(room);
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    check<ParseError>(result != Z_DATA_ERROR && result != Z_NEED_DICT && result != Z_STREAM_ERROR,
                      "gzip: data expected to be undamaged, got \"",
                      z.msg != nullptr ? z.msg : zError(result), "\"", context());
    const std::size_t count = room - z.avail_out;
    filled += count;
    unpacked_ += count;
    if (result == Z_STREAM_END) {
      ended_ = !next_member();
      continue;
    }
    const bool starved = z.avail_in == 0 && fed_ == content_.size() && count == 0;
    check<ParseError>(!starved, "gzip: data expected to go on, got the end of the file after ",
                      unpacked_, " unpacked bytes", context());
  }
  return filled;
}

std::vector<std::byte> gunzip(std::span<const std::byte> content, const std::string& name,
                              std::uint64_t max_bytes) {
  GzipReader reader(content, name);
  std::vector<std::byte> unpacked;
  std::vector<std::byte> piece(kGzipPiece);
  for (std::size_t count = kGzipPiece; count == kGzipPiece;) {
    count = reader.read(piece);
    check<ParseError>(unpacked.size() + count <= max_bytes, "gzip: unpacked data expected at most ",
                      max_bytes, " bytes, got more (", name, ", byte ", reader.position(), ")");
    unpacked.insert(unpacked.end(), piece.begin(),
                    piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return unpacked;
}

}  // namespace fovea::io
