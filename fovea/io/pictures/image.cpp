#include "fovea/io/pictures/image.h"

#include "fovea/io/atomic_file.h"
#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image_codec.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

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
  const Pixels pixels = png ? decode_png(content, name) : decode_jpeg(content, name);
  const auto per_pixel = static_cast<std::int64_t>(pixels.channels);
  return to_image({.values = pixels.values.data(),
                   .height = static_cast<std::int64_t>(pixels.height),
                   .width = static_cast<std::int64_t>(pixels.width),
                   .channels = per_pixel,
                   .next_pixel = per_pixel,
                   .next_channel = 1},
                  channels);
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
