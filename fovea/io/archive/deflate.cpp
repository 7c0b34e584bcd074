#include "fovea/io/archive/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "fovea/core/error.h"

namespace fovea::io {

namespace {

// zlib counts in 32 bits: input and output are handed over in pieces no larger than this.
constexpr std::size_t kZlibPiece = std::size_t{1} << 30;
// Negative window bits mean deflate data without zlib's or gzip's header.
constexpr int kRawWindow = -15;
constexpr int kMemoryLevel = 8;  // zlib's default

struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit2(&stream, kRawWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

struct Deflater {
  z_stream stream{};
  Deflater() {
    const int result = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow,
                                    kMemoryLevel, Z_DEFAULT_STRATEGY);
    if (result != Z_OK) throw std::bad_alloc();
  }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
};

// Hands zlib the next piece of `from` when it has used up the one before.
void feed(z_stream& z, std::span<const std::byte>& from) {
  if (z.avail_in > 0 || from.empty()) return;
  const std::span<const std::byte> piece = from.first(std::min(kZlibPiece, from.size()));
  // zlib's interface predates const; it does not write here.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(piece.data()));
  z.avail_in = static_cast<uInt>(piece.size());
  from = from.subspan(piece.size());
}

// Gives zlib the next piece of `into` to fill when the one before is full.
void drain(z_stream& z, std::span<std::byte>& into) {
  if (z.avail_out > 0 || into.empty()) return;
  const std::span<std::byte> piece = into.first(std::min(kZlibPiece, into.size()));
  z.next_out = reinterpret_cast<Bytef*>(piece.data());
  z.avail_out = static_cast<uInt>(piece.size());
  into = into.subspan(piece.size());
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc) {
  uLong sum = crc;
  while (!bytes.empty()) {
    const std::size_t count = std::min(kZlibPiece, bytes.size());
    sum = ::crc32(sum, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(count));
    bytes = bytes.subspan(count);
  }
  return static_cast<std::uint32_t>(sum);
}

std::string inflate_exactly(std::span<const std::byte> packed, std::span<std::byte> into) {
  Inflater inflater;
  z_stream& z = inflater.stream;
  // One byte more than there should be: that data is too long shows when it is written to.
  std::byte beyond{};
  std::span<std::byte> spare(&beyond, 1);
  for (;;) {
    feed(z, packed);
    if (z.avail_out == 0 && into.empty()) {
      if (spare.empty()) return "more data than that";
      drain(z, spare);
    }
    drain(z, into);
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) break;
    if (result == Z_BUF_ERROR && z.avail_out > 0) return "its end too early";
    if (result != Z_OK && result != Z_BUF_ERROR) return z.msg != nullptr ? z.msg : zError(result);
  }
  const bool used_spare = spare.empty();
  if (used_spare && z.avail_out == 0) return "more data than that";
  if (!into.empty() || (!used_spare && z.avail_out > 0)) return "less data than that";
  if (z.avail_in > 0 || !packed.empty()) return "more bytes after the end of the data";
  return {};
}

std::size_t inflate_head(std::span<const std::byte> packed, std::span<std::byte> into) {
  Inflater inflater;
  z_stream& z = inflater.stream;
  const std::size_t room = into.size();
  for (;;) {
    feed(z, packed);
    drain(z, into);
    if (z.avail_out == 0) return room;
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK) return room - into.size() - z.avail_out;
  }
}

std::vector<std::byte> deflate_pieces(std::initializer_list<std::span<const std::byte>> pieces) {
  Deflater deflater;
  z_stream& z = deflater.stream;
  std::vector<std::byte> packed;
  std::vector<std::byte> out(std::size_t{1} << 16);
  const auto step = [&](int flush) {
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&z, flush);  // no error: the stream is ours alone, and has room
    packed.insert(packed.end(), out.begin(), out.end() - static_cast<std::ptrdiff_t>(z.avail_out));
    return result;
  };
  for (std::span<const std::byte> piece : pieces) {
    while (z.avail_in > 0 || !piece.empty()) {
      feed(z, piece);
      step(Z_NO_FLUSH);
    }
  }
  while (step(Z_FINISH) != Z_STREAM_END) {
  }
  return packed;
}

}  // namespace fovea::io
