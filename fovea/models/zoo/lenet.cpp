#include "fovea/models/zoo/lenet.h"

#include "fovea/models/entry.h"

namespace fovea::models {

namespace {

std::int64_t border(const LeNet5Options& options) {
  return options.image_size < LeNet5::kFullImageSize ? 2 : 0;
}

// Inputs of fc1: each convolution takes 4 off a side, each pooling halves it.
std::int64_t flat_features(const LeNet5Options& options) {
  check_image_size("LeNet5", options.image_size, LeNet5::kMinImageSize);
  const std::int64_t side = ((options.image_size + 2 * border(options) - 4) / 2 - 4) / 2;
  return 16 * side * side;
}

}  // namespace

LeNet5::LeNet5(const LeNet5Options& options)
    : conv1({.in_channels = options.in_channels,
             .out_channels = 6,
             .kernel_size = 5,
             .padding = border(options)}),
      conv2({.in_channels = 6, .out_channels = 16, .kernel_size = 5}),
      pool({.kernel_size = 2}),
      fc1(flat_features(options), 120),
      fc2(120, 84),
      fc3(84, options.num_classes) {
  register_module("conv1", conv1);
  register_module("conv2", conv2);
  register_module("pool", pool);
  register_module("tanh", tanh);
  register_module("fc1", fc1);
  register_module("fc2", fc2);
  register_module("fc3", fc3);
  const double gain = nn::init::calculate_gain(nn::init::Nonlinearity::kTanh);
  for (const auto& [name, parameter] : named_parameters()) {
    if (parameter.dim() == 1) {
      nn::init::zeros_(parameter);
    } else {
      nn::init::xavier_uniform_(parameter, gain);
    }
  }
}

Tensor LeNet5::forward(const Tensor& x) {
  const Tensor features = nn::chain(x, conv1, pool, tanh, conv2, pool, tanh).flatten(1);
  return nn::chain(features, fc1, tanh, fc2, tanh, fc3);
}

std::vector<ModelEntry> lenet5_entries() {
  return {model_entry<LeNet5>({"lenet5", "two 5x5 convolutions, three fully connected layers",
                               image_options("10", "1", "32")},
                              [](const OptionReader& read) {
                                return read_image_options<LeNet5Options>(read,
                                                                         LeNet5::kMinImageSize);
                              })};
}

}  // namespace fovea::models
