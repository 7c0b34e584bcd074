// Pictures: PNG, JPEG, WebP, BMP and TIFF read from files that nobody vouches for, PNG written.
//
// An image is a u8 tensor [channels, height, width] with 1 channel (grey) or 3 (red, green, blue).
// What is done to a file's pixels to make them so:
//   - 16 bits a channel become 8, rounded; 1, 2 and 4 bits and palettes are expanded
//   - an image is turned as its orientation in EXIF (or else in XMP) says, like Pillow; CMYK
//     becomes RGB by (255-C)(255-K)/255
//   - colour profiles and gamma are ignored
//   - of an animation or a file of several pages the first picture is read
//   - a BMP whose palette is grey is a grey image; WebP has none
//   - alpha and colour are taken as io/pixels.h says
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/pixels.h"
#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// An image as a tensor: u8 [channels, height, width].
using Image = Tensor;

/// The most pixels that a file may have unless told otherwise: it unpacks to under 200 MB.
inline constexpr std::uint64_t kMaxImagePixels = std::uint64_t{1} << 26;
/// The longest side that a file may have, in pixels.
inline constexpr std::uint32_t kMaxImageSide = 1u << 16;

/// The longest file that is read. Compressed pixels are no larger than plain ones of 16 bits and
/// four channels, but for metadata.
inline constexpr std::uint64_t kMaxImageFile = kMaxImagePixels * 8;

/// Reads a picture file of at most `max_pixels`; which one is told by its content, not its
/// name.
/// Throws   IoError when it cannot be read; ParseError naming file and byte when it is no image
///          (and which other format, if it is known), is damaged, ends early, or is over the
///          limits.
Image read_image(const std::filesystem::path& path, Channels channels = Channels::kAsStored,
                 std::uint64_t max_pixels = kMaxImagePixels);

/// Reads a picture from memory; `name` stands for the file in messages. Throws ParseError.
Image decode_image(std::span<const std::byte> content, const std::string& name,
                   Channels channels = Channels::kAsStored,
                   std::uint64_t max_pixels = kMaxImagePixels);

/// Writes an image as PNG; the same image always gives the same bytes.
/// Throws   DTypeError unless u8; ShapeError unless [1, h, w] or [3, h, w] and not empty; IoError.
void write_png(const std::filesystem::path& path, const Image& image);

/// What write_png writes.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace fovea::io
