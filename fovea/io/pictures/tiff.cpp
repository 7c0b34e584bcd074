// TIFF through libtiff, whose conversion to 8 bits of red, green, blue and alpha takes care of
// palettes, strips and tiles, colour spaces and compressions. Where it cuts numbers off, they are
// rounded here.
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

namespace {

constexpr std::size_t kTiffMessage = 1024;  // libtiff writes up to so much

/// A file in memory as libtiff reads it. Not moved: libtiff holds its address.
struct TiffReader {
  std::span<const std::byte> content;
  std::uint64_t position = 0;       // of the next byte; may be behind the end
  char message[kTiffMessage] = "";  // what went wrong first
  TIFF* tiff = nullptr;

  explicit TiffReader(std::span<const std::byte> bytes) : content(bytes) {}
  TiffReader(const TiffReader&) = delete;
  TiffReader& operator=(const TiffReader&) = delete;
  ~TiffReader() {
    if (tiff != nullptr) TIFFClose(tiff);
  }
};

tmsize_t on_tiff_read(thandle_t handle, void* into, tmsize_t count) {
  auto& reader = *static_cast<TiffReader*>(handle);
  if (reader.position >= reader.content.size() || count <= 0) return 0;
  const auto rest = static_cast<std::size_t>(reader.content.size() - reader.position);
  const std::size_t taken = std::min(rest, static_cast<std::size_t>(count));
  std::memcpy(into, reader.content.data() + reader.position, taken);
  reader.position += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t on_tiff_write(thandle_t, void*, tmsize_t) { return 0; }

toff_t on_tiff_seek(thandle_t handle, toff_t offset, int whence) {
  auto& reader = *static_cast<TiffReader*>(handle);
  // Offsets from the place and the end may be negative: they wrap, as toff_t does.
  const std::uint64_t from = whence == SEEK_SET   ? 0
                             : whence == SEEK_CUR ? reader.position
                                                  : reader.content.size();
  reader.position = from + offset;
  return reader.position;
}

int on_tiff_close(thandle_t) { return 0; }

toff_t on_tiff_size(thandle_t handle) { return static_cast<TiffReader*>(handle)->content.size(); }

/// Pixels are taken from where they lie: libtiff 4.5 refuses small tiles that it has to copy.
int on_tiff_map(thandle_t handle, void** base, toff_t* size) {
  const auto& reader = *static_cast<TiffReader*>(handle);
  *base = const_cast<std::byte*>(reader.content.data());  // not written to
  *size = reader.content.size();
  return 1;
}

void on_tiff_unmap(thandle_t, void*, toff_t) {}

int on_tiff_error(TIFF*, void* data, const char*, const char* format, std::va_list values) {
  auto& message = static_cast<TiffReader*>(data)->message;
  if (message[0] == '\0') std::vsnprintf(message, sizeof message, format, values);
  return 1;
}

/// Warnings are about tags that Fovea ignores.
int on_tiff_warning(TIFF*, void*, const char*, const char*, std::va_list) { return 1; }

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

void open_tiff(TiffReader& reader, std::uint64_t max_pixels) {
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_tiff_error, &reader);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_tiff_warning, &reader);
  // The largest strip there can be: all pixels, of 16 bits and four channels.
  const auto most = static_cast<tmsize_t>(std::min(max_pixels, std::uint64_t{1} << 40) * 8);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), most + (1 << 20));
  reader.tiff =
      TIFFClientOpenExt("", "r", &reader, on_tiff_read, on_tiff_write, on_tiff_seek, on_tiff_close,
                        on_tiff_size, on_tiff_map, on_tiff_unmap, options.get());
}

/// Where the page's table lies, or what was read of the file's head; libtiff does not tell where
/// damage is, but for the number of a strip or tile.
std::uint64_t place(const TiffReader& reader) {
  const std::uint64_t byte =
      reader.tiff != nullptr ? TIFFCurrentDirOffset(reader.tiff) : reader.position;
  return std::min<std::uint64_t>(byte, reader.content.size());
}

void need(bool ok, const TiffReader& reader, const ImageSource& source) {
  check<ParseError>(ok, "tiff: data expected to be undamaged, got \"",
                    printable(reader.message, 200), "\" (", source.name, ", byte ", place(reader),
                    ")");
}

template <class T>
T tiff_field(TIFF* tiff, std::uint32_t tag) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) != 0 ? value : T{};
}

/// A small picture may be cut into many large tiles, each of which has to be unpacked.
void check_tiles(const TiffReader& reader, const Pixels& pixels, const ImageSource& source) {
  if (TIFFIsTiled(reader.tiff) == 0) return;
  const std::uint64_t width = tiff_field<std::uint32_t>(reader.tiff, TIFFTAG_TILEWIDTH);
  const std::uint64_t height = tiff_field<std::uint32_t>(reader.tiff, TIFFTAG_TILELENGTH);
  const bool sides = width > 0 && height > 0 && width <= kMaxImageSide && height <= kMaxImageSide;
  const auto padded = [](std::uint64_t side, std::uint64_t tile) {
    return (side + tile - 1) / tile * tile;  // below 2^17
  };
  const bool ok = sides && padded(pixels.width, width) * padded(pixels.height, height) <=
                               4 * std::max(source.max_pixels, std::uint64_t{1} << 20);
  check<ParseError>(ok, "tiff: tiles expected not to be much larger than their image of ",
                    pixels.width, "x", pixels.height, ", got ", width, "x", height, " (",
                    source.name, ", byte ", place(reader), ")");
}

std::uint32_t packed(unsigned red, unsigned green, unsigned blue, unsigned alpha) {
  return red | green << 8 | blue << 16 | alpha << 24;
}

/// Grey of 16 bits, with or without alpha, which libtiff would cut to the upper eight.
void put_grey_16(TIFFRGBAImage* image, std::uint32_t* to, std::uint32_t, std::uint32_t,
                 std::uint32_t width, std::uint32_t height, std::int32_t from_skew,
                 std::int32_t to_skew, unsigned char* from) {
  const std::size_t samples = image->samplesperpixel;
  const auto load = [](const unsigned char* at) {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return (value + 128u) / 257u;
  };
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const unsigned stored = load(from);
      const unsigned grey = image->photometric == PHOTOMETRIC_MINISWHITE ? 255 - stored : stored;
      *to++ = packed(grey, grey, grey, samples > 1 ? load(from + 2) : 255);
      from += 2 * samples;
    }
    to += to_skew;
    from += std::ptrdiff_t{from_skew} * static_cast<std::ptrdiff_t>(2 * samples);
  }
}

/// CMYK, which libtiff would round down.
void put_cmyk(TIFFRGBAImage* image, std::uint32_t* to, std::uint32_t, std::uint32_t,
              std::uint32_t width, std::uint32_t height, std::int32_t from_skew,
              std::int32_t to_skew, unsigned char* from) {
  const std::size_t samples = image->samplesperpixel;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const unsigned light = 255u - from[3];
      *to++ = packed(lit(255u - from[0], light), lit(255u - from[1], light),
                     lit(255u - from[2], light), 255);
      from += samples;
    }
    to += to_skew;
    from += std::ptrdiff_t{from_skew} * static_cast<std::ptrdiff_t>(samples);
  }
}

/// What the fourth value of a pixel is, as libtiff leaves it.
enum class TiffAlpha : std::uint8_t { kNone, kStraight, kPremultiplied };

bool is_grey(const TIFFRGBAImage& image) {
  return image.photometric == PHOTOMETRIC_MINISWHITE || image.photometric == PHOTOMETRIC_MINISBLACK;
}

TiffAlpha alpha_of(const TiffReader& reader, const TIFFRGBAImage& image) {
  const bool rgb = image.photometric == PHOTOMETRIC_RGB;
  if (!rgb && !is_grey(image)) return TiffAlpha::kNone;
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  if (TIFFGetFieldDefaulted(reader.tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 0) count = 0;
  // A fourth channel that nothing is said about is alpha to everybody, against the book.
  if (count == 0)
    return rgb && image.samplesperpixel == 4 ? TiffAlpha::kStraight : TiffAlpha::kNone;
  if (kinds[0] == EXTRASAMPLE_ASSOCALPHA) return TiffAlpha::kPremultiplied;
  if (kinds[0] != EXTRASAMPLE_UNASSALPHA) return TiffAlpha::kNone;
  // libtiff multiplies colours, and what lies in planes; grey values beside their alpha it leaves.
  return is_grey(image) && image.isContig != 0 ? TiffAlpha::kStraight : TiffAlpha::kPremultiplied;
}

/// From libtiff's raster to as many channels as the image has. Premultiplied colours are laid over
/// white here: v + 255 - a, which is what io/pixels.h does with those that are not.
void unpack(const std::vector<std::uint32_t>& raster, TiffAlpha alpha, bool grey, Pixels& pixels) {
  const std::size_t colours = grey ? 1 : 3;
  pixels.channels = colours + (alpha == TiffAlpha::kStraight ? 1 : 0);
  pixels.values.resize(raster.size() * pixels.channels);
  std::uint8_t* to = pixels.values.data();
  for (const std::uint32_t pixel : raster) {
    const std::uint32_t a = TIFFGetA(pixel);
    const std::uint32_t white = alpha == TiffAlpha::kPremultiplied ? 255 - a : 0;
    for (std::size_t c = 0; c < colours; ++c)
      *to++ = static_cast<std::uint8_t>(std::min(255u, (pixel >> 8 * c & 0xff) + white));
    if (alpha == TiffAlpha::kStraight) *to++ = static_cast<std::uint8_t>(a);
  }
}

struct EndImage {
  void operator()(TIFFRGBAImage* image) const { TIFFRGBAImageEnd(image); }
};

void read_tiff_pixels(TiffReader& reader, const ImageSource& source, Pixels& pixels) {
  TIFFRGBAImage image;
  need(TIFFRGBAImageBegin(&image, reader.tiff, /*stop=*/1, reader.message) != 0, reader, source);
  const std::unique_ptr<TIFFRGBAImage, EndImage> end(&image);
  if (image.isContig != 0 && is_grey(image) && image.bitspersample == 16)
    image.put.contig = put_grey_16;
  if (image.isContig != 0 && image.photometric == PHOTOMETRIC_SEPARATED)
    image.put.contig = put_cmyk;
  // Rows as they are stored: it is upright() that turns them, of which libtiff does half.
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
  std::vector<std::uint32_t> raster(pixels.width * pixels.height);
  need(TIFFRGBAImageGet(&image, raster.data(), image.width, image.height) != 0, reader, source);
  unpack(raster, alpha_of(reader, image), is_grey(image), pixels);
}

}  // namespace

bool is_tiff(std::span<const std::byte> content) {
  constexpr std::array<std::string_view, 4> kStarts = {
      {{"II*\0", 4}, {"MM\0*", 4}, {"II+\0", 4}, {"MM\0+", 4}}};
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

Pixels decode_tiff(const ImageSource& source) {
  TiffReader reader(source.content);
  open_tiff(reader, source.max_pixels);
  need(reader.tiff != nullptr, reader, source);
  Pixels pixels;
  pixels.width = tiff_field<std::uint32_t>(reader.tiff, TIFFTAG_IMAGEWIDTH);
  pixels.height = tiff_field<std::uint32_t>(reader.tiff, TIFFTAG_IMAGELENGTH);
  check_image_size("tiff", pixels.width, pixels.height, source, place(reader));
  check_tiles(reader, pixels, source);
  // Numbers with a sign would be read as if they had none. (Those with a fraction libtiff refuses.)
  const auto format = tiff_field<std::uint16_t>(reader.tiff, TIFFTAG_SAMPLEFORMAT);
  const auto packing = tiff_field<std::uint16_t>(reader.tiff, TIFFTAG_COMPRESSION);
  char why[kTiffMessage] = "";
  if (format == SAMPLEFORMAT_INT || format == SAMPLEFORMAT_COMPLEXINT)
    std::snprintf(why, sizeof why, "numbers with a sign");
  else if (packing == COMPRESSION_OJPEG)
    std::snprintf(why, sizeof why, "JPEG as TIFF 6.0 had it, which is given up");
  else
    (void)TIFFRGBAImageOK(reader.tiff, why);
  check<ParseError>(why[0] == '\0',
                    "tiff: image expected to be one of whole numbers of 1 to 16 "
                    "bits, grey, RGB, CMYK, YCbCr or with a palette, got \"",
                    printable(why, 200), "\" (", source.name, ", byte ", place(reader), ")");
  read_tiff_pixels(reader, source, pixels);
  const auto orientation = tiff_field<std::uint16_t>(reader.tiff, TIFFTAG_ORIENTATION);
  return upright(std::move(pixels), orientation <= 8 ? orientation : 1);
}

}  // namespace fovea::io
