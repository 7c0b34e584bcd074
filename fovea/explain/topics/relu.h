// The activation relu taken apart.
#pragma once

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_relu.
struct ReluTopic {
  Tensor x = {};  ///< [n] or [h, w]; undefined: -2, -1, -0.5, 0, 0.5, 1, 2
};

/// max(0, x) of each number, by the operation relu, its curve, and its gradient by the tape.
///
/// Throws   ArgumentError, ShapeError for other dimensions or too many numbers.
Walk walk_relu(const ReluTopic& topic = {});

}  // namespace fovea::explain
