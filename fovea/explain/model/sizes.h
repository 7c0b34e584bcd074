// How sizes change from layer to layer: 28 -> 28 -> 14 -> 12 -> 6, and by which formula.
#pragma once

#include "fovea/core/shape.h"
#include "fovea/explain/walk.h"
#include "fovea/nn/module.h"

namespace fovea::explain {

/// Runs `module` in evaluation mode on one sample of zeros. The document lists for each layer
/// "layer", "type", "input" and "output" (sizes without the batch; of several inputs the first),
/// and "formula" with its numbers put in, "(28 - 3 + 2x1) / 1 + 1 = 28", null where there is none.
/// Shapes   input [channels, height, width], or what the model takes, without the batch.
/// Throws   what the model throws when it does not take such input.
Walk walk_sizes(nn::Module& module, const Shape& input);

}  // namespace fovea::explain
