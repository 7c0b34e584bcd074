// The way of a window over numbers, on a board. A convolution's forward pass is one, and so are the
// gradients of its kernels and of its image: they share what is here.
#pragma once

#include <string>
#include <vector>

#include "fovea/explain/walk.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::explain {

/// A kernel that sweeps over an image: at each place the sum of the products of its weights with
/// what they lie on. All numbers f64 on the CPU.
struct Sweep {
  Tensor image;         ///< [c, in...] with the zeros of padding, 1 to 3 spatial sizes
  Tensor kernel;        ///< [c, kernel...]
  Tensor output;        ///< [out...], as the operation gave it
  Tensor bias = {};     ///< 0-d, added to each sum; undefined: none
  Shape stride;         ///< step of the kernel
  Shape dilation;       ///< distance between kernel elements
  Shape padding_begin;  ///< how much of the image is padding: at the beginning
  Shape padding_end;    ///< and at the end
  std::vector<std::string> names = {};  ///< of the c slices, before their sums
  Text image_title;                     ///< of the grids
  Text kernel_title;                    ///< of the grids
  Text output_title;                    ///< of the grids
  Text what = {};                       ///< stands in stops' titles: "filter 1"
  Fields facts = {};                    ///< stand in stops' facts, after "step"
};

/// The board of a sweep, whose stops are numbered from `first_step`.
/// Requires shapes that fit each other, and slices of the image for every place of the output.
Board sweep_board(const Sweep& sweep, std::int64_t first_step);

/// Numbers with `spatial` spatial dimensions, [c, in...] or [in...], as a grid takes them: [rows,
/// columns] or [slices, rows, columns].
Tensor as_grid(const Tensor& x, int spatial);

/// `x` without its first dimension if that has size 1: a single channel, a single filter.
Tensor without_one(const Tensor& x);

/// `x` [c, in...] with zeros around the spatial dimensions; negative amounts crop.
Tensor pad_around(const Tensor& x, const Shape& begin, const Shape& end);

}  // namespace fovea::explain
