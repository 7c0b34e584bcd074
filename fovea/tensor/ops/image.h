// Operations on batches of images that prepare them for a model. They are not recorded: data needs
// no gradient.
#pragma once

#include <cstdint>
#include <span>

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

/// What gather_images cuts out of an image, whole numbers all.
struct ImageWindow {
  std::int64_t top = 0;            ///< the window's first row in the image; it may reach outside
  std::int64_t left = 0;           ///< the window's first column in the image
  std::int64_t flip = 0;           ///< 1: mirrored left to right, after cutting
  std::int64_t erased_top = 0;     ///< of the erased part, in the window that comes out
  std::int64_t erased_left = 0;    ///< likewise
  std::int64_t erased_height = 0;  ///< 0: nothing is erased
  std::int64_t erased_width = 0;   ///< likewise
};

/// What gather_images makes of a channel's bytes.
struct ImageValues {
  float divisor = 1;  ///< a byte v becomes (v / divisor - mean) / std, rounded after each step
  float mean = 0;     ///< see divisor
  float std = 1;      ///< see divisor
  float outside = 0;  ///< what lies outside the image
  float erased = 0;   ///< the erased part of a window
};

/// Makes a batch of stored bytes in one pass over them: picks images, cuts and mirrors a window of
/// each as crop_flip does, erases a part of it, and turns bytes into f32.
///
/// Formula  y[i, c, row, column] = erased[c] in the erased part, else outside[c] outside the image,
///          else (x[index[i], c, top + row, left + column'] / divisor[c] - mean[c]) / std[c], with
///          column' as for crop_flip.
/// Shapes   x [m, c, h, w] (u8, contiguous); index [k]; windows [k], or none for whole images as
///          they are; values [c]; y [k, c, height, width] (f32), channels-last.
/// Numerics the bits of x.to(f32), a division, a subtraction and a division.
/// Throws   ShapeError, DTypeError; IndexError when an image or an erased part lies outside;
///          ArgumentError when height or width is below 1, or when there are not as many values as
///          channels, or windows as indices.
Tensor gather_images(const Tensor& x, std::span<const std::int64_t> index,
                     std::span<const ImageWindow> windows, std::span<const ImageValues> values,
                     std::int64_t height, std::int64_t width);

}  // namespace fovea
