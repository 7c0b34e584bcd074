// BMP, read by hand: the libraries that Debian has for it bring a desktop's worth of packages, or
// are not meant for files from strangers. All that Windows and OS/2 write is read, but for JPEG and
// PNG inside a BMP.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::array<std::uint32_t, 7> kHeaders = {12, 40, 52, 56, 64, 108, 124};

/// How pixels are packed.
enum BmpPacking : std::uint32_t {
  kPlain = 0,
  kRuns8 = 1,
  kRuns4 = 2,
  kMasks = 3,
  kAlphaMasks = 6,
};

/// A BMP's bytes and where one is.
class BmpFile {
 public:
  explicit BmpFile(const ImageSource& source) : source_(source) {}

  /// The number at `at`. Throws ParseError when the file ends before.
  template <class T>
  T load(std::size_t at) const {
    need(at, sizeof(T));
    return load_little<T>(source_.content.subspan(at));
  }
  /// `count` bytes at `at`. Throws likewise.
  const std::uint8_t* bytes(std::size_t at, std::size_t count) const {
    need(at, count);
    return reinterpret_cast<const std::uint8_t*>(source_.content.data()) + at;
  }
  /// Throws ParseError, `what` being wrong at `at`.
  template <class... Parts>
  [[noreturn]] void fail(std::size_t at, const Parts&... what) const {
    throw ParseError(str("bmp: ", what..., " (", source_.name, ", byte ", at, ")"));
  }
  const ImageSource& source() const { return source_; }

 private:
  void need(std::size_t at, std::size_t count) const {
    const std::size_t size = source_.content.size();
    if (at <= size && count <= size - at) return;
    fail(size, "data expected to go on for ", count, " bytes from byte ", at,
         ", got the end of the file");
  }

  const ImageSource& source_;
};

/// One channel of pixels of 16 or 32 bits: the bits that a mask has.
struct Channel {
  unsigned shift = 0;
  std::uint64_t most = 0;  ///< its largest value; 0 for a channel that is not there

  std::uint8_t of(std::uint32_t pixel) const {
    if (most == 0) return 0;
    const std::uint64_t value = pixel >> shift & most;
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
  }
};

struct BmpHeader {
  std::size_t width = 0;
  std::size_t height = 0;
  bool from_top = false;  ///< the first row stored is the upper one
  unsigned bits = 0;
  std::uint32_t packing = kPlain;
  std::size_t pixels_at = 0;               ///< byte of the first row
  std::array<Channel, 4> masks = {};       ///< red, green, blue, alpha
  std::vector<std::uint8_t> palette = {};  ///< red, green, blue of each index
};

Channel channel_of(const BmpFile& file, std::uint32_t mask, std::size_t at) {
  if (mask == 0) return {};
  const auto shift = static_cast<unsigned>(std::countr_zero(mask));
  const std::uint64_t most = mask >> shift;
  if ((most & (most + 1)) != 0)
    file.fail(at, "mask of a colour expected to be bits in a row, got ", mask);
  return {.shift = shift, .most = most};
}

void read_masks(const BmpFile& file, std::uint32_t header, BmpHeader& bmp) {
  constexpr std::size_t kMasksAt = kFileHeader + 40;
  if (bmp.packing == kPlain) {
    if (bmp.bits == 16) bmp.masks = {{{10, 31}, {5, 31}, {0, 31}, {}}};
    if (bmp.bits == 32) bmp.masks = {{{16, 255}, {8, 255}, {0, 255}, {}}};
    return;
  }
  if (bmp.packing != kMasks && bmp.packing != kAlphaMasks) return;
  const bool alpha = bmp.packing == kAlphaMasks || header >= 56;
  for (std::size_t c = 0; c < (alpha ? 4u : 3u); ++c) {
    const std::size_t at = kMasksAt + 4 * c;
    bmp.masks[c] = channel_of(file, file.load<std::uint32_t>(at), at);
  }
}

/// The palette: 3 bytes a colour in the oldest header, 4 in others; as many colours as the header
/// says, and no more than there is room for before the pixels.
void read_palette(const BmpFile& file, std::uint32_t header, std::uint32_t told, BmpHeader& bmp) {
  const std::size_t entry = header == 12 ? 3 : 4;
  const std::size_t at = kFileHeader + header;
  std::size_t colours = std::size_t{1} << bmp.bits;
  if (told != 0) colours = std::min<std::size_t>(colours, told);
  if (bmp.pixels_at > at) colours = std::min(colours, (bmp.pixels_at - at) / entry);
  const std::uint8_t* from = file.bytes(at, colours * entry);
  for (std::size_t i = 0; i < colours; ++i, from += entry)
    bmp.palette.insert(bmp.palette.end(), {from[2], from[1], from[0]});
}

/// Checks that there are pixels of so many bits, packed so.
void check_packing(const BmpFile& file, std::uint32_t header, const BmpHeader& bmp) {
  const unsigned bits = bmp.bits;
  const bool deep = bits == 16 || bits == 32;
  const bool plain = bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 24 || deep;
  const bool ok = (bmp.packing == kPlain && plain) || (bmp.packing == kRuns8 && bits == 8) ||
                  (bmp.packing == kRuns4 && bits == 4) ||
                  ((bmp.packing == kMasks || bmp.packing == kAlphaMasks) && deep && header != 64);
  if (ok) return;
  file.fail(kFileHeader + 16,
            "pixels expected plain, in runs (of 4 or 8 bits) or with masks (of 16 or 32), got "
            "packing ",
            bmp.packing, " of ", bits, " bits");
}

BmpHeader read_header(const BmpFile& file) {
  BmpHeader bmp;
  const auto header = file.load<std::uint32_t>(kFileHeader);
  bmp.pixels_at = file.load<std::uint32_t>(10);
  std::uint32_t colours = 0;
  std::int64_t width = 0, height = 0;
  if (header == 12) {
    width = file.load<std::uint16_t>(18);
    height = file.load<std::uint16_t>(20);
    bmp.bits = file.load<std::uint16_t>(24);
  } else {
    width = static_cast<std::int32_t>(file.load<std::uint32_t>(18));
    height = static_cast<std::int32_t>(file.load<std::uint32_t>(22));
    bmp.bits = file.load<std::uint16_t>(28);
    bmp.packing = file.load<std::uint32_t>(30);
    colours = file.load<std::uint32_t>(46);
  }
  bmp.from_top = height < 0;
  bmp.width = static_cast<std::size_t>(std::max<std::int64_t>(width, 0));
  bmp.height = static_cast<std::size_t>(height < 0 ? -height : height);
  check_image_size("bmp", bmp.width, bmp.height, file.source(), 18);
  check_packing(file, header, bmp);
  if (bmp.pixels_at < kFileHeader + header)
    file.fail(10, "pixels expected behind the header, got byte ", bmp.pixels_at);
  read_masks(file, header, bmp);
  if (bmp.bits <= 8) read_palette(file, header, colours, bmp);
  return bmp;
}

/// Indices of a run-length packed image in the order of its rows; 0 where it says nothing.
class BmpRuns {
 public:
  BmpRuns(const BmpFile& file, const BmpHeader& bmp)
      : file_(file), bmp_(bmp), indices_(bmp.width * bmp.height), at_(bmp.pixels_at) {}

  std::vector<std::uint8_t> unpack() {
    // A file that fills its last row may leave the end out.
    while (y_ < bmp_.height) {
      const unsigned count = next(), value = next();
      if (count > 0) {
        for (unsigned i = 0; i < count; ++i) put(index_in(value, i));
      } else if (value == 0) {
        x_ = 0, ++y_;
      } else if (value == 1) {
        break;
      } else if (value == 2) {
        x_ += next(), y_ += next();
      } else {
        put_plain(value);
      }
      if (y_ + 1 == bmp_.height && x_ == bmp_.width && at_ == file_.source().content.size()) break;
    }
    return std::move(indices_);
  }

 private:
  unsigned next() { return file_.load<std::uint8_t>(at_++); }
  /// Of two pixels in a byte the left one has the upper bits.
  unsigned index_in(unsigned value, unsigned i) const {
    if (bmp_.packing == kRuns8) return value;
    return i % 2 == 0 ? value >> 4 : value & 15;
  }
  void put(unsigned index) {
    if (x_ >= bmp_.width)
      file_.fail(at_ - 1, "run expected to end inside its row of ", bmp_.width, " pixels");
    indices_[y_ * bmp_.width + x_++] = static_cast<std::uint8_t>(index);
  }
  /// `count` pixels that are no run, and what fills their last two bytes.
  void put_plain(unsigned count) {
    const unsigned a_byte = bmp_.packing == kRuns8 ? 1 : 2;
    const unsigned bytes = (count + a_byte - 1) / a_byte;
    unsigned value = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (i % a_byte == 0) value = next();
      put(index_in(value, i));
    }
    if (bytes % 2 == 1) (void)next();
  }

  const BmpFile& file_;
  const BmpHeader& bmp_;
  std::vector<std::uint8_t> indices_;
  std::size_t at_;
  std::size_t x_ = 0, y_ = 0;
};

/// Indices of up to 8 bits, in the order of the rows.
std::vector<std::uint8_t> read_indices(const BmpFile& file, const BmpHeader& bmp) {
  if (bmp.packing != kPlain) return BmpRuns(file, bmp).unpack();
  const std::size_t stride = (bmp.width * bmp.bits + 31) / 32 * 4;
  const std::uint8_t* row = file.bytes(bmp.pixels_at, stride * bmp.height);
  std::vector<std::uint8_t> indices;
  indices.reserve(bmp.width * bmp.height);
  const unsigned mask = (1u << bmp.bits) - 1;
  for (std::size_t y = 0; y < bmp.height; ++y, row += stride) {
    for (std::size_t bit = 0; bit < bmp.width * bmp.bits; bit += bmp.bits)
      indices.push_back(static_cast<std::uint8_t>(row[bit / 8] >> (8 - bmp.bits - bit % 8) & mask));
  }
  return indices;
}

bool is_grey(const std::vector<std::uint8_t>& palette) {
  for (std::size_t i = 0; i < palette.size(); i += 3) {
    if (palette[i] != palette[i + 1] || palette[i] != palette[i + 2]) return false;
  }
  return true;
}

/// Pixels of a palette, in the order of the rows.
void look_up(const BmpFile& file, const BmpHeader& bmp, Pixels& pixels) {
  const std::vector<std::uint8_t> indices = read_indices(file, bmp);
  const std::size_t colours = bmp.palette.size() / 3;
  pixels.channels = is_grey(bmp.palette) ? 1 : 3;
  pixels.values.reserve(indices.size() * pixels.channels);
  for (const std::uint8_t index : indices) {
    if (index >= colours)
      file.fail(bmp.pixels_at, "colours expected among the ", colours, " of the palette, got ",
                int{index});
    const auto colour = bmp.palette.begin() + std::ptrdiff_t{3} * index;
    pixels.values.insert(pixels.values.end(), colour,
                         colour + static_cast<std::ptrdiff_t>(pixels.channels));
  }
}

/// Pixels of 16, 24 or 32 bits, in the order of the rows.
void read_colours(const BmpFile& file, const BmpHeader& bmp, Pixels& pixels) {
  const std::size_t bytes = bmp.bits / 8;
  const std::size_t stride = (bmp.width * bytes + 3) / 4 * 4;
  const std::uint8_t* row = file.bytes(bmp.pixels_at, stride * bmp.height);
  pixels.channels = bmp.masks[3].most > 0 ? 4 : 3;
  pixels.values.reserve(bmp.width * bmp.height * pixels.channels);
  for (std::size_t y = 0; y < bmp.height; ++y, row += stride) {
    for (std::size_t x = 0; x < bmp.width; ++x) {
      const std::uint8_t* from = row + x * bytes;
      if (bytes == 3) {
        pixels.values.insert(pixels.values.end(), {from[2], from[1], from[0]});
        continue;
      }
      std::uint32_t pixel = from[0] | from[1] << 8;
      if (bytes == 4)
        pixel |= static_cast<std::uint32_t>(from[2]) << 16 | static_cast<std::uint32_t>(from[3])
                                                                 << 24;
      for (std::size_t c = 0; c < pixels.channels; ++c)
        pixels.values.push_back(bmp.masks[c].of(pixel));
    }
  }
}

}  // namespace

bool is_bmp(std::span<const std::byte> content) {
  if (content.size() < kFileHeader + 4) return false;
  const auto header = load_little<std::uint32_t>(content.subspan(kFileHeader));
  return content[0] == std::byte{'B'} && content[1] == std::byte{'M'} &&
         std::find(kHeaders.begin(), kHeaders.end(), header) != kHeaders.end();
}

Pixels decode_bmp(const ImageSource& source) {
  const BmpFile file(source);
  const BmpHeader bmp = read_header(file);
  Pixels pixels;
  pixels.width = bmp.width;
  pixels.height = bmp.height;
  if (bmp.bits <= 8) {
    look_up(file, bmp, pixels);
  } else {
    read_colours(file, bmp, pixels);
  }
  if (bmp.from_top) return pixels;
  return upright(std::move(pixels), 4);  // rows are stored from the lowest to the uppermost
}

}  // namespace fovea::io
