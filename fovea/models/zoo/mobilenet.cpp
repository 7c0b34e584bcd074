#include "fovea/models/zoo/mobilenet.h"

#include <array>
#include <memory>

#include "fovea/models/entry.h"
#include "fovea/tensor/ops.h"

namespace fovea::models {

namespace {

struct Stage {
  std::int64_t expansion;
  std::int64_t channels;
  int blocks;
  std::int64_t stride;  // of the first block
};

constexpr std::array<Stage, 7> kBottlenecks = {{
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1},
}};
constexpr std::int64_t kFirstChannels = 32, kLastChannels = 1280;

// Without a bias, which the batch norm behind it would take out again.
nn::Conv2d grouped_conv2d(std::int64_t in, std::int64_t out, std::int64_t kernel,
                          std::int64_t stride = 1, std::int64_t groups = 1) {
  return nn::Conv2d({.in_channels = in,
                     .out_channels = out,
                     .kernel_size = kernel,
                     .stride = stride,
                     .padding = kernel / 2,
                     .groups = groups,
                     .bias = false});
}

nn::Sequential activated(nn::Conv2d convolution) {
  const std::int64_t channels = convolution.weight().size(0);
  return nn::Sequential(std::move(convolution), nn::BatchNorm2d(channels), nn::ReLU6());
}

class InvertedResidual final : public nn::Module {
 public:
  InvertedResidual(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion)
      : adds_input_(stride == 1 && in == out) {
    const std::int64_t hidden = expansion * in;
    if (expansion > 1) conv_.push_back(activated(grouped_conv2d(in, hidden, 1)));
    conv_.push_back(activated(grouped_conv2d(hidden, hidden, 3, stride, hidden)));
    conv_.push_back(grouped_conv2d(hidden, out, 1));
    conv_.push_back(nn::BatchNorm2d(out));
    register_module("conv", conv_);
  }
  Tensor forward(const Tensor& x) override { return adds_input_ ? x + conv_(x) : conv_(x); }

 private:
  bool adds_input_;
  nn::Sequential conv_;
};

nn::Sequential make_features(const MobileNetV2Options& options) {
  check_image_size("MobileNetV2", options.image_size, MobileNetV2::kMinImageSize);
  // Halvings still to leave out.
  int skipped = options.image_size < MobileNetV2::kFullImageSize ? 2 : 0;
  const auto stride_in_force = [&skipped](std::int64_t stride) {
    return stride == 2 && skipped-- > 0 ? 1 : stride;
  };
  nn::Sequential features;
  features.push_back(
      activated(grouped_conv2d(options.in_channels, kFirstChannels, 3, stride_in_force(2))));
  std::int64_t channels = kFirstChannels;
  for (const Stage& stage : kBottlenecks) {
    for (int i = 0; i < stage.blocks; ++i) {
      const std::int64_t stride = i == 0 ? stride_in_force(stage.stride) : 1;
      features.push_back(
          std::make_shared<InvertedResidual>(channels, stage.channels, stride, stage.expansion));
      channels = stage.channels;
    }
  }
  features.push_back(activated(grouped_conv2d(channels, kLastChannels, 1)));
  return features;
}

// torchvision's initial weights, where they are not the layers' own.
void initialize_mobilenet(nn::Module& module) {
  if (const auto* conv = dynamic_cast<nn::Conv2d*>(&module)) {
    nn::init::kaiming_normal_(conv->weight(), {.mode = nn::init::FanMode::kFanOut});
  } else if (const auto* linear = dynamic_cast<nn::Linear*>(&module)) {
    nn::init::normal_(linear->weight(), 0, 0.01);
    nn::init::zeros_(linear->bias());
  }
}

}  // namespace

MobileNetV2::MobileNetV2(const MobileNetV2Options& options)
    : features(make_features(options)),
      classifier(nn::Dropout(options.dropout), nn::Linear(kLastChannels, options.num_classes)) {
  register_module("features", features);
  register_module("classifier", classifier);
  apply(initialize_mobilenet);
}

Tensor MobileNetV2::forward(const Tensor& x) {
  return classifier(global_avg_pool(features(x)).flatten(1));
}

std::vector<ModelEntry> mobilenet_entries() {
  return {model_entry<MobileNetV2>(
      {"mobilenet_v2", "seventeen inverted residual blocks", imagenet_options("0.2")},
      [](const OptionReader& read) {
        return read_image_options<MobileNetV2Options>(read, MobileNetV2::kMinImageSize);
      })};
}

}  // namespace fovea::models
