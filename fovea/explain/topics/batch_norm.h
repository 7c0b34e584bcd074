// Batch normalisation taken apart: one channel of a small batch.
#pragma once

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_batch_norm.
struct BatchNormTopic {
  Tensor values = {};       ///< [n]: the batch's values of a channel; undefined: 2 4 4 4 5 5 7 9
  double weight = 0.5;      ///< scale
  double bias = 2;          ///< shift
  double running_mean = 0;  ///< before the batch
  double running_var = 1;   ///< before the batch
  double momentum = 0.1;    ///< share of the batch in the running statistics
  double eps = 1e-5;        ///< added to the variance
};

/// A channel before, normalised, and after scale and shift, with its distributions; the running
/// statistics' update; and evaluation. All numbers are those of the operation batch_norm.
///
/// Throws   ArgumentError, ShapeError for options outside their range.
Walk walk_batch_norm(const BatchNormTopic& topic = {});

}  // namespace fovea::explain
