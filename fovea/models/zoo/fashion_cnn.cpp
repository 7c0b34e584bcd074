#include "fovea/models/zoo/fashion_cnn.h"

#include "fovea/core/error.h"
#include "fovea/models/entry.h"

namespace fovea::models {

namespace {

// Inputs of fc1: each side is halved, loses 2 to the second convolution, and is halved again.
std::int64_t flat_features(std::int64_t image_size) {
  check<ArgumentError>(image_size >= FashionCNN::kMinImageSize,
                       "FashionCNN: image_size expected at least ", FashionCNN::kMinImageSize,
                       ", got ", image_size);
  const std::int64_t side = (image_size / 2 - 2) / 2;
  return 64 * side * side;
}

}  // namespace

FashionCNN::FashionCNN(const FashionCNNOptions& options)
    : layer1(nn::Conv2d({.in_channels = options.in_channels,
                         .out_channels = 32,
                         .kernel_size = 3,
                         .padding = 1}),
             nn::BatchNorm2d(32), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2, .stride = 2})),
      layer2(nn::Conv2d({.in_channels = 32, .out_channels = 64, .kernel_size = 3}),
             nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2})),
      fc1(flat_features(options.image_size), 600),
      drop(options.dropout),
      fc2(600, 120),
      fc3(120, options.num_classes) {
  register_module("layer1", layer1);
  register_module("layer2", layer2);
  register_module("fc1", fc1);
  register_module("drop", drop);
  register_module("fc2", fc2);
  register_module("fc3", fc3);
}

Tensor FashionCNN::forward(const Tensor& x) {
  const Tensor features = layer2(layer1(x)).flatten(1);
  return fc3(fc2(nn::chain(features, fc1, drop)));
}

std::vector<ModelEntry> fashion_cnn_entries() {
  return {model_entry<FashionCNN>(
      {"fashion-cnn", "two convolutions with batch norm, three fully connected layers",
       image_options("10", "1", "28", "0.25")},
      [](const OptionReader& read) {
        return read_image_options<FashionCNNOptions>(read, FashionCNN::kMinImageSize);
      })};
}

}  // namespace fovea::models
