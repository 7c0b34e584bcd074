// Pixels as files, cameras and screens have them, made into images: u8 tensors [channels, height,
// width] with 1 channel (grey) or 3 (red, green, blue).
//   - transparent pixels are laid over white, as on a page
//   - colour becomes grey by Pillow's weights: (19595 R + 38470 G + 7471 B + 32768) / 65536
#pragma once

#include <cstdint>

#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// What is made of colour.
enum class Channels : std::uint8_t {
  kAsStored,  ///< 1 channel for grey pixels, 3 for others
  kGrey,      ///< 1 channel
  kRgb,       ///< 3 channels; those of grey pixels are alike
};

/// Pixels that lie in memory, row by row from the top. Nothing is copied.
struct PixelView {
  const std::uint8_t* values = nullptr;  ///< the first channel of the pixel at the top left
  std::int64_t height = 0;               ///< rows
  std::int64_t width = 0;                ///< pixels of a row
  std::int64_t channels = 0;             ///< 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  std::int64_t next_pixel = 0;           ///< values from one pixel to the next
  std::int64_t next_channel = 0;         ///< values from one channel of a pixel to the next
};

/// The image of these pixels. See the head of this file.
///
/// Shapes   -> u8 [1 or 3, height, width].
/// Requires 1 to 4 channels.
Tensor to_image(const PixelView& pixels, Channels channels);

}  // namespace fovea::io
