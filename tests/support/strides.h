// Layouts that kernels' tests ask for beside the usual ones.
#pragma once

#include <cstdint>

#include "fovea/core/shape.h"

namespace fovea::test {

/// Strides of an array whose dimensions lie in memory in reverse order.
inline Shape reversed_strides(const Shape& sizes) {
  Shape strides = sizes;
  std::int64_t step = 1;
  for (int dim = 0; dim < sizes.ndim(); ++dim) {
    strides[dim] = step;
    step *= sizes[dim];
  }
  return strides;
}

}  // namespace fovea::test
