// One row of a depthwise convolution's result, for depthwise.cpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fovea/kernels/cpu/conv/epilogue.h"
#include "fovea/kernels/cpu/rounding.h"

namespace fovea::kernels::cpu {

/// A kernel's elements [begin, end) in one dimension.
struct DepthwiseTaps {
  std::int64_t begin = 0, end = 0;
};

/// Those that lie in [0, size) when the kernel begins at `first`.
inline DepthwiseTaps taps_inside(std::int64_t first, std::int64_t dilation, std::int64_t kernel,
                                 std::int64_t size) {
  const std::int64_t begin = first < 0 ? std::min(ceil_div(-first, dilation), kernel) : 0;
  const std::int64_t end = first >= size ? 0 : std::min((size - 1 - first) / dilation + 1, kernel);
  return {begin, std::max(begin, end)};
}

/// A row of outputs [columns, c] and what it is made of.
struct DepthwiseRow {
  std::int64_t c, w;                       ///< channels; columns of the image
  std::int64_t stride, padding, dilation;  ///< from left to right
  std::int64_t kernel_w;                   ///< columns of a kernel
  std::int64_t row_step;                   ///< floats of x from a kernel's row to the next
  const float* weight;                     ///< [kernel_h, kernel_w, c]
  const float* x;         ///< the image's row under the kernel's first, perhaps outside
  float* y;               ///< the row
  DepthwiseTaps ky;       ///< rows of the kernel inside the image
  EpilogueRows epilogue;  ///< of the row

  /// The kernel's columns that lie inside for output ox.
  DepthwiseTaps taps_inside(std::int64_t ox) const {
    return cpu::taps_inside(ox * stride - padding, dilation, kernel_w, w);
  }
};

}  // namespace fovea::kernels::cpu
