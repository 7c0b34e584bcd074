#include "fovea/io/pictures/image.h"

#include <array>
#include <string_view>

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

/// What `content` is, for somebody who wonders why it is no picture: "those of a WebP", or bytes.
std::string name_of_format(std::span<const std::byte> content) {
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  const auto at = [&](std::size_t place, std::string_view bytes) {
    return text.size() >= place && text.substr(place).starts_with(bytes);
  };
  struct Known {
    const char* name;
    bool is;
  };
  const std::array<Known, 11> formats = {{
      {"WebP", at(0, "RIFF") && at(8, "WEBP")},
      {"GIF", at(0, "GIF8")},
      {"BMP", at(0, "BM") && text.size() >= 26},
      {"TIFF", at(0, {"II*\0", 4}) || at(0, {"MM\0*", 4}) || at(0, {"II+\0", 4})},
      {"AVIF", at(4, "ftypavif") || at(4, "ftypavis")},
      {"HEIC", at(4, "ftyphe") || at(4, "ftypmif1") || at(4, "ftypmsf1")},
      {"JPEG 2000", at(4, "jP  \r\n") || at(0, "\xff\x4f\xff\x51")},
      {"JPEG XL", at(0, "\xff\x0a") || at(4, "JXL \r\n")},
      {"ICO", at(0, {"\0\0\1\0", 4})},
      {"PDF", at(0, "%PDF")},
      {"text (HTML or XML)", at(0, "<")},
  }};
  const std::string bytes = content.empty() ? "none" : hex_of(content, 4);
  for (const Known& known : formats) {
    if (known.is) return str("those of ", known.name, ", ", bytes);
  }
  return bytes;
}

}  // namespace

void check_image_size(const char* format, std::uint64_t width, std::uint64_t height,
                      const ImageSource& source, std::size_t byte) {
  const bool ok = width <= kMaxImageSide && height <= kMaxImageSide && width > 0 && height > 0 &&
                  width * height <= source.max_pixels;
  if (ok) return;
  throw ParseError(str(format, ": size expected at most ", kMaxImageSide, " a side and ",
                       source.max_pixels, " pixels (max_pixels), got ", width, "x", height, " (",
                       source.name, ", byte ", byte, ")"));
}

Image decode_image(std::span<const std::byte> content, const std::string& name, Channels channels,
                   std::uint64_t max_pixels) {
  const bool png = is_png(content);
  check<ParseError>(png || is_jpeg(content),
                    "image: first bytes expected a PNG's or a JPEG's, got ",
                    name_of_format(content), " (", name, ", byte 0)");
  const ImageSource source{.content = content, .name = name, .max_pixels = max_pixels};
  Pixels pixels = png ? decode_png(source) : decode_jpeg(source);
  flatten_on_white(pixels);
  if (channels == Channels::kGrey) to_grey(pixels);
  return to_image(pixels, channels == Channels::kRgb ? 3 : pixels.channels);
}

Image read_image(const std::filesystem::path& path, Channels channels, std::uint64_t max_pixels) {
  // What is no picture is not read to its end first.
  const auto check_head = [&](std::span<const std::byte> head) {
    if (!is_png(head) && !is_jpeg(head)) (void)decode_image(head, path.string());
  };
  const std::vector<std::byte> content = InputFile(path).read_all(kMaxImageFile, check_head);
  return decode_image(content, path.string(), channels, max_pixels);
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
