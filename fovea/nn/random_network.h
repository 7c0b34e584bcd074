// Convolutional networks drawn at random, for tests and benchmarks: what holds for twenty of them
// was not tuned to one.
//
// A network is a Sequential, so that it is fused as any other, and its layers print as PyTorch's
// constructors: `layer_texts` is a form from which another program can build the same network.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/nn/containers.h"

namespace fovea::nn {

/// Bounds of the networks that random_network draws.
struct RandomNetworkLimits {
  std::int64_t max_side = 48;                   ///< height and width of an image, at least 8
  std::int64_t max_channels = 256;              ///< of any layer, at least 4
  std::int64_t max_blocks = 5;                  ///< convolutions with what follows them, at least 1
  std::int64_t max_multiply_adds = 30'000'000;  ///< of all convolutions together, for one image
};

/// A network and what it takes and gives.
struct RandomNetwork {
  Shape input;                        ///< of one image: [channels, height, width]
  std::int64_t classes = 0;           ///< scores for an image
  std::shared_ptr<Sequential> model;  ///< in training mode
};

/// The network number `seed`: convolutions of sizes 1, 3 and 5, plain, grouped and depthwise, with
/// strides and any number of channels; batch norm, relu and pooling after them, mostly in this
/// order and sometimes in another; a head of linear layers. The structure is a function of the
/// seed and the limits alone; the weights come from the default generator.
///
/// Throws   ArgumentError for limits below those that RandomNetworkLimits names.
RandomNetwork random_network(std::uint64_t seed, const RandomNetworkLimits& limits = {});

/// A line for each layer: "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))". In PyTorch, what its
/// torch.nn makes of these lines is the same network.
std::vector<std::string> layer_texts(const Sequential& model);

}  // namespace fovea::nn
