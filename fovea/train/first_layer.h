// What a network's first layer looks for: its weights as pictures.
#pragma once

#include <optional>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/io/pictures/image.h"
#include "fovea/nn/module.h"

namespace fovea::train {

/// The weights of a model's first layer, a picture [3, height, width] for each of its first 64
/// filters: see vision::weight_pictures. A linear layer's weights are laid out as the input is,
/// [channels, height, width].
/// Returns  nothing when they cannot be seen as images of 1 or 3 channels.
std::vector<io::Image> first_layer_pictures(const nn::Module& model, const Shape& input);

/// They in one picture, as many rows as columns, each enlarged to 40 pixels or more.
std::optional<io::Image> draw_first_layer(const nn::Module& model, const Shape& input);

}  // namespace fovea::train
