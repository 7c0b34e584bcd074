// What the decoders of image formats share. For image.cpp, png.cpp and jpeg.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fovea::io {

/// Rows of pixels, the channels of a pixel side by side: what PNG and JPEG store.
struct Pixels {
  std::size_t width = 0;             ///< pixels a row
  std::size_t height = 0;            ///< rows
  std::size_t channels = 0;          ///< values a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  std::vector<std::uint8_t> values;  ///< height * width * channels
};

/// Checks an image's size before memory is taken for it. Throws ParseError naming `format`.
void check_image_size(const char* format, std::uint64_t width, std::uint64_t height,
                      const std::string& name, std::size_t byte);

/// True for data that begins as a PNG does.
bool is_png(std::span<const std::byte> content);
/// True for data that begins as a JPEG does.
bool is_jpeg(std::span<const std::byte> content);

/// Unpacks a PNG to 1 to 4 channels. Throws ParseError.
Pixels decode_png(std::span<const std::byte> content, const std::string& name);
/// Unpacks a JPEG to 1 or 3 channels, upright. Throws ParseError.
Pixels decode_jpeg(std::span<const std::byte> content, const std::string& name);
/// Packs 1 or 3 channels as PNG.
std::vector<std::byte> pack_png(const Pixels& pixels);

/// The orientation, 1 to 8, that an EXIF segment holds; 1 (upright) when it holds none or is
/// damaged: a wrong tag is no reason to refuse the pixels.
/// Source   EXIF 2.3, tag 0x0112; TIFF 6.0, section 2.
int exif_orientation(std::span<const std::byte> segment);
/// Turns and mirrors pixels stored with `orientation` so that they stand upright.
Pixels upright(Pixels pixels, int orientation);

}  // namespace fovea::io
