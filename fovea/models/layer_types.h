// From an entry of a list of layers to the layer, for every type that such a list may name. Library
// internal.
#pragma once

#include <cstdint>
#include <memory>

#include "fovea/core/shape.h"
#include "fovea/models/layer_list.h"
#include "fovea/nn/module.h"

namespace fovea::models {

/// Makes the layer that `table` describes, for an input of the given sizes (without the batch).
/// What follows from the input (in_channels, in_features, num_features) may be left out and is
/// checked when it is there. Where PyTorch's argument is a number of outputs, "num_classes" stands
/// for that option.
/// Throws   ParseError for an unknown type or argument, one that is missing, or a value that cannot
///          be; ShapeError when the layer does not take such an input. Both name the layer.
std::shared_ptr<nn::Module> make_layer(const LayerTable& table, const Shape& input,
                                       std::int64_t num_classes);

}  // namespace fovea::models
