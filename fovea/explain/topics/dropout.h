// Dropout taken apart: which values fall, and what becomes of the others.
#pragma once

#include <cstdint>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_dropout.
struct DropoutTopic {
  Tensor x = {};           ///< [h, w]; undefined: the numbers 1 to 24 as [4, 6]
  Tensor channels = {};    ///< [c, h, w], for Dropout2d; undefined: four channels of 1, 2, 3, 4
  double p = 0.5;          ///< with which probability a value falls
  std::uint64_t seed = 0;  ///< which values do is a function of it
};

/// Values before and after dropout in training and in evaluation, and the same for whole channels,
/// by the operations dropout and dropout2d.
///
/// Throws   ArgumentError, ShapeError for options outside their range.
Walk walk_dropout(const DropoutTopic& topic = {});

}  // namespace fovea::explain
