// Softmax taken apart: from scores to probabilities.
#pragma once

#include <string>
#include <vector>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_softmax.
struct SoftmaxTopic {
  Tensor scores = {};                     ///< [classes]; undefined: 2, 1, 0.1
  std::vector<std::string> classes = {};  ///< their names; none: "0", "1", ...
};

/// Probabilities from scores, by the operation softmax, with what stands between them.
///
/// Throws   ArgumentError, ShapeError for options that do not fit each other.
Walk walk_softmax(const SoftmaxTopic& topic = {});

}  // namespace fovea::explain
