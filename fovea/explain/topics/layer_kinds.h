// The five kinds of layer of a convolutional network, and the volume that its input is.
#pragma once

#include <cstdint>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_layers: a network with one layer of each kind.
struct LayersTopic {
  std::int64_t height = 28;   ///< of the input
  std::int64_t width = 28;    ///< of the input
  std::int64_t channels = 1;  ///< of the input
  std::int64_t filters = 32;  ///< of the convolution, 3x3 with padding 1
  std::int64_t classes = 10;  ///< of the output
};

/// Input, convolution, pooling, fully connected, output: what each does, and the shapes between
/// them.
///
/// Throws   ArgumentError for sizes below 1, or 2 for height and width, or above 65,536.
Walk walk_layers(const LayersTopic& topic = {});

/// Options of walk_input.
struct InputTopic {
  Tensor image = {};  ///< [c, h, w]; undefined: 4x4 pixels in red, green and blue
};

/// An image as a volume of height x width x channels, a slice a channel.
///
/// Throws   ArgumentError, ShapeError for another shape.
Walk walk_input(const InputTopic& topic = {});

}  // namespace fovea::explain
