#include "fovea/io/pictures/image.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "fovea/io/atomic_file.h"
#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image_codec.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

namespace {

/// A format that can be read.
struct Format {
  bool (*is)(std::span<const std::byte>);
  Pixels (*decode)(const ImageSource&);
};
constexpr std::array<Format, 5> kFormats = {{{is_png, decode_png},
                                             {is_jpeg, decode_jpeg},
                                             {is_webp, decode_webp},
                                             {is_bmp, decode_bmp},
                                             {is_tiff, decode_tiff}}};

/// What `content` is, for somebody who wonders why it is no picture: "those of a GIF", or bytes.
std::string name_of_format(std::span<const std::byte> content) {
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  const auto at = [&](std::size_t place, std::string_view bytes) {
    return text.size() >= place && text.substr(place).starts_with(bytes);
  };
  struct Known {
    const char* name;
    bool is;
  };
  const std::array<Known, 8> formats = {{
      {"GIF", at(0, "GIF8")},
      {"AVIF", at(4, "ftypavif") || at(4, "ftypavis")},
      {"HEIC", at(4, "ftyphe") || at(4, "ftypmif1") || at(4, "ftypmsf1")},
      {"JPEG 2000", at(4, "jP  \r\n") || at(0, "\xff\x4f\xff\x51")},
      {"JPEG XL", at(0, "\xff\x0a") || at(4, "JXL \r\n")},
      {"ICO", at(0, {"\0\0\1\0", 4})},
      {"PDF", at(0, "%PDF")},
      {"text (HTML or XML)", at(0, "<")},
  }};
  std::string bytes = content.empty() ? "none" : hex_of(content, 4);
  for (const Known& known : formats) {
    if (known.is) return str("those of ", known.name, ", ", bytes);
  }
  return bytes;
}

/// The format of `content`. Throws ParseError when it is of none.
const Format& format_of(std::span<const std::byte> content, const std::string& name) {
  const auto found = std::find_if(kFormats.begin(), kFormats.end(),
                                  [&](const Format& format) { return format.is(content); });
  check<ParseError>(found != kFormats.end(),
                    "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got ",
                    name_of_format(content), " (", name, ", byte 0)");
  return *found;
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
  const Format& format = format_of(content, name);
  const Pixels pixels = format.decode({.content = content, .name = name, .max_pixels = max_pixels});
  const auto per_pixel = static_cast<std::int64_t>(pixels.channels);
  return to_image({.values = pixels.values.data(),
                   .height = static_cast<std::int64_t>(pixels.height),
                   .width = static_cast<std::int64_t>(pixels.width),
                   .channels = per_pixel,
                   .next_pixel = per_pixel,
                   .next_channel = 1},
                  channels);
}

Image read_image(const std::filesystem::path& path, Channels channels, std::uint64_t max_pixels) {
  // What is no picture is not read to its end first.
  const auto check_head = [&](std::span<const std::byte> head) {
    (void)format_of(head, path.string());
    return kAnyLength;
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
