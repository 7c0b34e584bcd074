// The value of a layer that a walk is about.
#pragma once

#include "fovea/explain/model/layer.h"
#include "fovea/explain/model/operations.h"

namespace fovea::explain {

/// The index of the value in the layer's first output.
/// Throws   IndexError when it has no such value.
Shape value_index(const LayerRun& layer, const LayerOptions& options);

/// "layer1.0 (Conv2d): channel 3, row 5, column 7".
Text value_title(const Visit& visit);

}  // namespace fovea::explain
