#include "fovea/io/pictures/image.h"

#include "fovea/io/atomic_file.h"
#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image_codec.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

namespace {

// Drops alpha (the last of 2 or 4 channels) by laying the image over white.
void flatten_on_white(Pixels& pixels) {
  if (pixels.channels != 2 && pixels.channels != 4) return;
  const std::size_t colours = pixels.channels - 1;
  const std::size_t count = pixels.width * pixels.height;
  std::uint8_t* values = pixels.values.data();
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned alpha = values[i * pixels.channels + colours];
    for (std::size_t c = 0; c < colours; ++c) {
      const unsigned colour = values[i * pixels.channels + c];
      values[i * colours + c] =
          static_cast<std::uint8_t>((colour * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
  pixels.channels = colours;
  pixels.values.resize(count * colours);
}

std::uint8_t grey_of(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >>
                                   16);
}

void to_grey(Pixels& pixels) {
  if (pixels.channels != 3) return;
  const std::size_t count = pixels.width * pixels.height;
  for (std::size_t i = 0; i < count; ++i) pixels.values[i] = grey_of(&pixels.values[i * 3]);
  pixels.channels = 1;
  pixels.values.resize(count);
}

// From channels side by side to one plane a channel; a grey image fills any number of planes.
Image to_image(const Pixels& pixels, std::size_t planes) {
  const std::size_t count = pixels.width * pixels.height;
  std::vector<std::uint8_t> values(planes * count);
  for (std::size_t c = 0; c < planes; ++c) {
    const std::size_t source = pixels.channels == 1 ? 0 : c;
    for (std::size_t i = 0; i < count; ++i)
      values[c * count + i] = pixels.values[i * pixels.channels + source];
  }
  return from_data(values,
                   {static_cast<std::int64_t>(planes), static_cast<std::int64_t>(pixels.height),
                    static_cast<std::int64_t>(pixels.width)});
}

}  // namespace

void check_image_size(const char* format, std::uint64_t width, std::uint64_t height,
                      const std::string& name, std::size_t byte) {
  const bool ok = width <= kMaxImageSide && height <= kMaxImageSide && width > 0 && height > 0 &&
                  width * height <= kMaxImagePixels;
  if (ok) return;
  throw ParseError(str(format, ": size expected at most ", kMaxImageSide, " a side and ",
                       kMaxImagePixels, " pixels, got ", width, "x", height, " (", name, ", byte ",
                       byte, ")"));
}

Image decode_image(std::span<const std::byte> content, const std::string& name, Channels channels) {
  const bool png = is_png(content);
  check<ParseError>(png || is_jpeg(content),
                    "image: first bytes expected a PNG's or a JPEG's, got ",
                    content.empty() ? "none" : hex_of(content, 4), " (", name, ", byte 0)");
  Pixels pixels = png ? decode_png(content, name) : decode_jpeg(content, name);
  flatten_on_white(pixels);
  if (channels == Channels::kGrey) to_grey(pixels);
  return to_image(pixels, channels == Channels::kRgb ? 3 : pixels.channels);
}

Image read_image(const std::filesystem::path& path, Channels channels) {
  return decode_image(read_file(path, kMaxImageFile), path.string(), channels);
}

std::vector<std::byte> encode_png(const Image& image) {
  check<DTypeError>(image.dtype() == u8, "write_png: dtype expected u8, got ", image.dtype(),
                    " (image ", image.sizes(), ")");
  const bool ok =
      image.dim() == 3 && (image.size(0) == 1 || image.size(0) == 3) && image.numel() > 0;
  check<ShapeError>(ok, "write_png: image expected [1, h, w] or [3, h, w], got ", image.sizes());
  check<ShapeError>(image.size(1) <= kMaxImageSide && image.size(2) <= kMaxImageSide,
                    "write_png: image expected at most ", kMaxImageSide, " a side, got ",
                    image.sizes());
  Pixels pixels;
  pixels.channels = static_cast<std::size_t>(image.size(0));
  pixels.height = static_cast<std::size_t>(image.size(1));
  pixels.width = static_cast<std::size_t>(image.size(2));
  pixels.values = image.permute({1, 2, 0}).to_vector<std::uint8_t>();
  return pack_png(pixels);
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_file(path, encode_png(image));
}

}  // namespace fovea::io
