#include "fovea/models/zoo/fashion_dnn.h"

#include "fovea/models/entry.h"

namespace fovea::models {

FashionDNN::FashionDNN(const FashionDNNOptions& options)
    : fc1(options.in_channels * options.image_size * options.image_size, 256),
      drop(options.dropout),
      fc2(256, 128),
      fc3(128, options.num_classes) {
  register_module("fc1", fc1);
  register_module("drop", drop);
  register_module("fc2", fc2);
  register_module("fc3", fc3);
}

Tensor FashionDNN::forward(const Tensor& x) {
  const Tensor hidden = nn::chain(x.flatten(1), fc1, relu_, drop);
  return fc3(nn::chain(hidden, fc2, relu_));
}

std::vector<ModelEntry> fashion_dnn_entries() {
  return {model_entry<FashionDNN>(
      {"fashion-dnn", "three fully connected layers", image_options("10", "1", "28", "0.25")},
      [](const OptionReader& read) { return read_image_options<FashionDNNOptions>(read, 1); })};
}

}  // namespace fovea::models
