// What the decoders of image formats share. For the files of this folder alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::io {

/// Rows of pixels, the channels of a pixel side by side: what files store.
struct Pixels {
  std::size_t width = 0;             ///< pixels a row
  std::size_t height = 0;            ///< rows
  std::size_t channels = 0;          ///< values a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  std::vector<std::uint8_t> values;  ///< height * width * channels
};

/// What a decoder is told of a file.
struct ImageSource {
  std::span<const std::byte> content;  ///< the whole file
  const std::string& name;             ///< what messages call it
  std::uint64_t max_pixels = 0;        ///< more are refused
};

/// Checks an image's size before memory is taken for it. Throws ParseError naming `format`.
void check_image_size(const char* format, std::uint64_t width, std::uint64_t height,
                      const ImageSource& source, std::size_t byte);

/// True for data that begins as a PNG does.
bool is_png(std::span<const std::byte> content);
/// True for data that begins as a JPEG does.
bool is_jpeg(std::span<const std::byte> content);
/// True for data that begins as a WebP does.
bool is_webp(std::span<const std::byte> content);
/// True for data that begins as a BMP does, up to the length of its header.
bool is_bmp(std::span<const std::byte> content);
/// True for data that begins as a TIFF does, a BigTIFF too.
bool is_tiff(std::span<const std::byte> content);

/// Unpacks a PNG to 1 to 4 channels, upright. Throws ParseError.
Pixels decode_png(const ImageSource& source);
/// Unpacks a JPEG to 1 or 3 channels, upright. Throws ParseError.
Pixels decode_jpeg(const ImageSource& source);
/// Unpacks a WebP, of an animation its first picture, to 3 or 4 channels, upright. Throws
/// ParseError.
Pixels decode_webp(const ImageSource& source);
/// Unpacks a BMP to 1, 3 or 4 channels. Throws ParseError.
Pixels decode_bmp(const ImageSource& source);
/// Unpacks the first page of a TIFF to 1 to 4 channels, upright. Throws ParseError.
Pixels decode_tiff(const ImageSource& source);
/// What ink that lets through `colour` of 255 leaves of `light`: of CMYK, (255-C)(255-K)/255.
inline std::uint8_t lit(unsigned colour, unsigned light) {
  return static_cast<std::uint8_t>((colour * light + 127) / 255);
}

/// Packs 1 or 3 channels as PNG.
std::vector<std::byte> pack_png(const Pixels& pixels);

/// The orientation, 1 to 8, that EXIF data holds, with or without "Exif\0\0" before it; 0 when it
/// holds none or is damaged, and 1 (upright) for a value that is none: a wrong tag is no reason to
/// refuse the pixels.
/// Source   EXIF 2.3, tag 0x0112; TIFF 6.0, section 2. Numbers of any type count, as for Pillow.
int exif_orientation(std::span<const std::byte> segment);
/// The same of an XMP packet, which counts where EXIF says nothing. Source Pillow, Image.getexif.
int xmp_orientation(std::string_view text);
/// Turns and mirrors pixels stored with `orientation` (0 as 1) so that they stand upright.
Pixels upright(Pixels pixels, int orientation);

}  // namespace fovea::io
