#include "fovea/models/zoo/vgg.h"

#include <algorithm>
#include <array>
#include <string>

#include "fovea/core/error.h"
#include "fovea/models/entry.h"

namespace fovea::models {

namespace {

constexpr std::size_t kStages = 5;
constexpr std::array<std::int64_t, kStages> kFilters = {64, 128, 256, 512, 512};

/// A column of the paper's table 1: how many convolutions each stage has.
struct VggConfiguration {
  std::int64_t depth;
  std::array<int, kStages> convolutions;
};

constexpr std::array<VggConfiguration, 4> kVggConfigurations = {{
    {11, {1, 1, 2, 2, 2}},
    {13, {2, 2, 2, 2, 2}},
    {16, {2, 2, 3, 3, 3}},
    {19, {2, 2, 4, 4, 4}},
}};

const VggConfiguration& vgg_configuration(std::int64_t depth) {
  const auto* const found =
      std::find_if(kVggConfigurations.begin(), kVggConfigurations.end(),
                   [depth](const VggConfiguration& one) { return one.depth == depth; });
  check<ArgumentError>(found != kVggConfigurations.end(),
                       "VGG: depth expected one of 11, 13, 16, 19, got ", depth);
  return *found;
}

bool is_small(const VGGOptions& options) { return options.image_size < VGG::kFullImageSize; }

nn::Sequential make_features(const VGGOptions& options) {
  const VggConfiguration& stages = vgg_configuration(options.depth);
  check_image_size("VGG", options.image_size, VGG::kMinImageSize);
  nn::Sequential features;
  std::int64_t channels = options.in_channels, side = options.image_size;
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    for (int i = 0; i < stages.convolutions[stage]; ++i) {
      const std::int64_t stride = features.size() == 0 && is_small(options) ? 2 : 1;
      features.push_back(nn::Conv2d({.in_channels = channels,
                                     .out_channels = kFilters[stage],
                                     .kernel_size = 3,
                                     .stride = stride,
                                     .padding = 1}));
      channels = kFilters[stage];
      side = (side - 1) / stride + 1;
      if (options.batch_norm) features.push_back(nn::BatchNorm2d(channels));
      features.push_back(nn::ReLU());
    }
    if (side < 2) continue;
    features.push_back(nn::MaxPool2d({.kernel_size = 2, .stride = 2}));
    side /= 2;
  }
  return features;
}

std::int64_t pooled_side(const VGGOptions& options) { return is_small(options) ? 1 : 7; }

nn::Sequential make_classifier(const VGGOptions& options) {
  const std::int64_t side = pooled_side(options), units = is_small(options) ? 512 : 4096;
  return nn::Sequential(nn::Linear(kFilters.back() * side * side, units), nn::ReLU(),
                        nn::Dropout(options.dropout), nn::Linear(units, units), nn::ReLU(),
                        nn::Dropout(options.dropout), nn::Linear(units, options.num_classes));
}

/// torchvision's initial weights. Its deviation of 0.01 suits thousands of units a layer; the
/// linear layers of the small form start as Linear does.
void initialize_vgg(nn::Module& module, bool small) {
  if (const auto* conv = dynamic_cast<nn::Conv2d*>(&module)) {
    nn::init::kaiming_normal_(conv->weight(), {.mode = nn::init::FanMode::kFanOut,
                                               .nonlinearity = nn::init::Nonlinearity::kRelu});
    nn::init::zeros_(conv->bias());
  } else if (const auto* linear = dynamic_cast<nn::Linear*>(&module); linear != nullptr && !small) {
    nn::init::normal_(linear->weight(), 0, 0.01);
    nn::init::zeros_(linear->bias());
  }
}

}  // namespace

VGG::VGG(const VGGOptions& options)
    : features(make_features(options)),
      avgpool(pooled_side(options)),
      classifier(make_classifier(options)) {
  register_module("features", features);
  register_module("avgpool", avgpool);
  register_module("classifier", classifier);
  apply([small = is_small(options)](nn::Module& module) { initialize_vgg(module, small); });
}

Tensor VGG::forward(const Tensor& x) { return classifier(avgpool(features(x)).flatten(1)); }

std::vector<ModelEntry> vgg_entries() {
  std::vector<ModelEntry> entries;
  for (const bool batch_norm : {false, true}) {
    for (const VggConfiguration& one : kVggConfigurations) {
      const std::string name = str("vgg", one.depth, batch_norm ? "_bn" : "");
      const std::string title =
          str(one.depth - 3, " 3x3 convolutions", batch_norm ? " with batch norm" : "",
              ", three fully connected layers");
      const VGGOptions fixed{.depth = one.depth, .batch_norm = batch_norm};
      entries.push_back(model_entry<VGG>(
          {name, title, imagenet_options("0.5")}, [fixed](const OptionReader& read) {
            return read_image_options(read, VGG::kMinImageSize, fixed);
          }));
    }
  }
  return entries;
}

}  // namespace fovea::models
