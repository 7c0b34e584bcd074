// Adam taken apart: one parameter over some steps.
#pragma once

#include <cstdint>

#include "fovea/explain/walk.h"
#include "fovea/optim/adam.h"

namespace fovea::explain {

/// Options of walk_adam: the parameter p goes down the loss (p - target)^2.
struct AdamTopic {
  double start = 0;                       ///< where the parameter starts
  double target = 1;                      ///< where the loss is 0
  std::int64_t steps = 10;                ///< how many, at most 1,000
  optim::AdamOptions options{.lr = 0.1};  ///< of the optimiser
};

/// What optim::Adam does to one parameter, step by step: gradient, moments, corrections and change.
/// The gradients are the tape's, the moments those of the optimiser's state.
///
/// Throws   ArgumentError for options outside their range.
Walk walk_adam(const AdamTopic& topic = {});

}  // namespace fovea::explain
