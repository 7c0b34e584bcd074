// A fully connected layer taken apart: an image flattened, and weighted sums of all its numbers.
#pragma once

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_linear.
struct LinearTopic {
  Tensor image = {};   ///< [h, w]; undefined: a 3x3 image, nine inputs
  Tensor weight = {};  ///< [out, h w]; undefined: two rows of -1, 0 and 1, and a bias of 1 and -2
  Tensor bias = {};    ///< [out]; undefined with a weight: none
};

/// y = x W^T + b over a flattened image, a stop for each output; y is that of the operation linear.
///
/// Throws   ArgumentError, ShapeError when the sizes do not fit each other or are too many.
Walk walk_linear(const LinearTopic& topic = {});

}  // namespace fovea::explain
