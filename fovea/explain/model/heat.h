// Numbers as pictures: shades of grey, and heat over an image.
#pragma once

#include <cstdint>

#include "fovea/core/language.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"

namespace fovea::explain {

/// From black, the least, to white, the largest value. Shapes [1 or 3, h, w] -> the same, u8.
io::Image grey_picture(const Tensor& values);

/// From black over red and yellow to white, the largest value; 0 and below are black.
/// Shapes   map [h, w] -> [3, h, w] u8.
io::Image heat_picture(const Tensor& map);

/// What such a picture shows, and what its black and white stand for.
Text heat_caption(Text what, const Tensor& map);

/// The heat over an image, which is darkened to grey: strong where the map is large.
/// Shapes   image [1 or 3, h, w] u8, map [h, w] -> [3, h, w] u8.
/// Throws   ShapeError when they are of other sizes.
io::Image heat_over(const io::Image& image, const Tensor& map);

/// A small picture enlarged by a whole factor, pixel by pixel, so that its longer side has `side`
/// pixels or more.
io::Image enlarged(const io::Image& image, std::int64_t side = 96);

/// Another size, bilinear. Shapes [h, w] -> [height, width], f32 or f64.
/// Numerics as torch.nn.functional.interpolate(mode="bilinear", align_corners=False) for a size
///          that is no smaller.
Tensor scaled_map(const Tensor& map, std::int64_t height, std::int64_t width);

}  // namespace fovea::explain
