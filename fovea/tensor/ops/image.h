// Operations on batches of images that prepare them for a model. They are not recorded: data needs
// no gradient.
#pragma once

#include <cstdint>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// Cuts a window out of each image, at a place of its own, and mirrors it left to right if asked.
///
/// Formula  y[i, c, row, column] = x[i, c, top + row, left + column'], and 0 outside the image,
///          where column' = width - 1 - column if flip, else column.
/// Shapes   x [n, c, h, w], any dtype; placement [n, 3] (i64), rows of (top, left, flip as 0 or 1);
///          y [n, c, height, width]. top and left may be negative: the window may reach outside.
/// Throws   ShapeError, DTypeError; ArgumentError when height or width is below 1.
Tensor crop_flip(const Tensor& x, const Tensor& placement, std::int64_t height, std::int64_t width);

}  // namespace fovea
