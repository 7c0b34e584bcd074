#include "fovea/models/zoo/alexnet.h"

#include "fovea/models/entry.h"

namespace fovea::models {

namespace {

constexpr std::int64_t kChannels = 256;  // of the features

bool is_small(const AlexNetOptions& options) {
  return options.image_size < AlexNet::kFullImageSize;
}

nn::ConvLayerOptions first_convolution(const AlexNetOptions& options) {
  if (is_small(options))
    return {.in_channels = options.in_channels,
            .out_channels = 64,
            .kernel_size = 3,
            .stride = 2,
            .padding = 1};
  return {.in_channels = options.in_channels,
          .out_channels = 64,
          .kernel_size = 11,
          .stride = 4,
          .padding = 2};
}

nn::ConvLayerOptions same_size(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return {.in_channels = in, .out_channels = out, .kernel_size = kernel, .padding = kernel / 2};
}

nn::Sequential make_features(const AlexNetOptions& options) {
  check_image_size("AlexNet", options.image_size, AlexNet::kMinImageSize);
  // Pixels a side behind the first convolution; the others keep it.
  std::int64_t side =
      is_small(options) ? (options.image_size + 1) / 2 : (options.image_size + 4 - 11) / 4 + 1;
  nn::Sequential features;
  const auto convolve = [&](const nn::ConvLayerOptions& convolution) {
    features.push_back(nn::Conv2d(convolution));
    features.push_back(nn::ReLU());
  };
  const auto pool = [&] {
    if (side < 3) return;
    features.push_back(nn::MaxPool2d({.kernel_size = 3, .stride = 2}));
    side = (side - 3) / 2 + 1;
  };
  convolve(first_convolution(options));
  pool();
  convolve(same_size(64, 192, 5));
  pool();
  convolve(same_size(192, 384, 3));
  convolve(same_size(384, kChannels, 3));
  convolve(same_size(kChannels, kChannels, 3));
  pool();
  return features;
}

std::int64_t pooled_side(const AlexNetOptions& options) { return is_small(options) ? 1 : 6; }

nn::Sequential make_classifier(const AlexNetOptions& options) {
  const std::int64_t side = pooled_side(options), units = is_small(options) ? 512 : 4096;
  return nn::Sequential(nn::Dropout(options.dropout), nn::Linear(kChannels * side * side, units),
                        nn::ReLU(), nn::Dropout(options.dropout), nn::Linear(units, units),
                        nn::ReLU(), nn::Linear(units, options.num_classes));
}

}  // namespace

AlexNet::AlexNet(const AlexNetOptions& options)
    : features(make_features(options)),
      avgpool(pooled_side(options)),
      classifier(make_classifier(options)) {
  register_module("features", features);
  register_module("avgpool", avgpool);
  register_module("classifier", classifier);
}

Tensor AlexNet::forward(const Tensor& x) { return classifier(avgpool(features(x)).flatten(1)); }

std::vector<ModelEntry> alexnet_entries() {
  return {model_entry<AlexNet>(
      {"alexnet", "five convolutions, three fully connected layers", imagenet_options("0.5")},
      [](const OptionReader& read) {
        return read_image_options<AlexNetOptions>(read, AlexNet::kMinImageSize);
      })};
}

}  // namespace fovea::models
