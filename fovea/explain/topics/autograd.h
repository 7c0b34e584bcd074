// Autograd taken apart: the tape of a small program, and the gradients that walk it back.
#pragma once

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_autograd: the numbers of the program (w x + b - target)^2.
struct AutogradTopic {
  double x = 3;       ///< input
  double w = 2;       ///< weight
  double b = 1;       ///< bias
  double target = 4;  ///< what the output should be
};

/// The operations that a small program records, forward, and the gradients through each, back: all
/// of the tape itself.
///
/// Throws   ArgumentError unless all numbers are finite.
Walk walk_autograd(const AutogradTopic& topic = {});

}  // namespace fovea::explain
