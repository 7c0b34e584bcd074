// Cross-entropy taken apart: from scores over probabilities to the loss, and back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_cross_entropy.
struct CrossEntropyTopic {
  Tensor scores = {};                     ///< [classes]; undefined: 2, 1, 0.1
  std::int64_t target = 1;                ///< the true class
  std::vector<std::string> classes = {};  ///< their names; none: "0", "1", ...
};

/// The loss of one sample, by the operation cross_entropy, and its gradient by the tape, which is
/// p - y.
///
/// Throws   ArgumentError, ShapeError, IndexError for options that do not fit each other.
Walk walk_cross_entropy(const CrossEntropyTopic& topic = {});

}  // namespace fovea::explain
