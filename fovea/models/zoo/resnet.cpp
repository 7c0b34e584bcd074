#include "fovea/models/zoo/resnet.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "fovea/core/error.h"
#include "fovea/models/entry.h"
#include "fovea/tensor/ops.h"

namespace fovea::models {

namespace {

struct Configuration {
  std::int64_t depth;
  std::array<int, 4> blocks;  // of each stage
  bool bottleneck;
  bool small_pools;  // whether the small form keeps the max pooling

  // Channels that a block makes of one filter.
  std::int64_t expansion() const { return bottleneck ? 4 : 1; }
};

constexpr std::array<Configuration, 3> kConfigurations = {{
    {18, {2, 2, 2, 2}, false, false},
    {34, {3, 4, 6, 3}, false, true},
    {50, {3, 4, 6, 3}, true, true},
}};

const Configuration& configuration(std::int64_t depth) {
  const auto* const found =
      std::find_if(kConfigurations.begin(), kConfigurations.end(),
                   [depth](const Configuration& one) { return one.depth == depth; });
  check<ArgumentError>(found != kConfigurations.end(),
                       "ResNet: depth expected one of 18, 34, 50, got ", depth);
  return *found;
}

bool is_small(const ResNetOptions& options) { return options.image_size < ResNet::kFullImageSize; }

// Without a bias, which the batch norm behind it would take out again.
nn::ConvLayerOptions convolution(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                 std::int64_t stride = 1) {
  return {.in_channels = in,
          .out_channels = out,
          .kernel_size = kernel,
          .stride = stride,
          .padding = kernel / 2,
          .bias = false};
}

// What brings a block's input to the shape of its output; null where it has that shape.
std::shared_ptr<nn::Sequential> make_downsample(std::int64_t in, std::int64_t out,
                                                std::int64_t stride) {
  if (in == out && stride == 1) return nullptr;
  return std::make_shared<nn::Sequential>(nn::Conv2d(convolution(in, out, 1, stride)),
                                          nn::BatchNorm2d(out));
}

class BasicBlock final : public nn::Module {
 public:
  BasicBlock(std::int64_t in, std::int64_t filters, std::int64_t stride)
      : conv1_(convolution(in, filters, 3, stride)),
        bn1_(filters),
        conv2_(convolution(filters, filters, 3)),
        bn2_(filters),
        downsample_(make_downsample(in, filters, stride)) {
    register_module("conv1", conv1_);
    register_module("bn1", bn1_);
    register_module("relu", relu_);
    register_module("conv2", conv2_);
    register_module("bn2", bn2_);
    if (downsample_) register_module("downsample", downsample_);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor y = nn::chain(x, conv1_, bn1_, relu_, conv2_, bn2_);
    return relu_(y + (downsample_ ? (*downsample_)(x) : x));
  }

 private:
  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::ReLU relu_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  std::shared_ptr<nn::Sequential> downsample_;
};

class Bottleneck final : public nn::Module {
 public:
  // The stride is in the 3x3 convolution, as torchvision has it, where the paper has it in the
  // first.
  Bottleneck(std::int64_t in, std::int64_t filters, std::int64_t stride)
      : conv1_(convolution(in, filters, 1)),
        bn1_(filters),
        conv2_(convolution(filters, filters, 3, stride)),
        bn2_(filters),
        conv3_(convolution(filters, 4 * filters, 1)),
        bn3_(4 * filters),
        downsample_(make_downsample(in, 4 * filters, stride)) {
    register_module("conv1", conv1_);
    register_module("bn1", bn1_);
    register_module("conv2", conv2_);
    register_module("bn2", bn2_);
    register_module("conv3", conv3_);
    register_module("bn3", bn3_);
    register_module("relu", relu_);
    if (downsample_) register_module("downsample", downsample_);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor y = nn::chain(x, conv1_, bn1_, relu_, conv2_, bn2_, relu_, conv3_, bn3_);
    return relu_(y + (downsample_ ? (*downsample_)(x) : x));
  }

 private:
  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  nn::Conv2d conv3_;
  nn::BatchNorm2d bn3_;
  nn::ReLU relu_;
  std::shared_ptr<nn::Sequential> downsample_;
};

// Stage 0 to 3. Each but the first halves the sides.
nn::Sequential make_stage(const ResNetOptions& options, int stage) {
  const Configuration& stages = configuration(options.depth);
  const std::int64_t filters = std::int64_t{64} << stage;
  std::int64_t in = stage == 0 ? 64 : filters / 2 * stages.expansion();
  nn::Sequential blocks;
  for (int i = 0; i < stages.blocks[static_cast<std::size_t>(stage)]; ++i) {
    const std::int64_t stride = i == 0 && stage > 0 ? 2 : 1;
    if (stages.bottleneck) {
      blocks.push_back(std::make_shared<Bottleneck>(in, filters, stride));
    } else {
      blocks.push_back(std::make_shared<BasicBlock>(in, filters, stride));
    }
    in = filters * stages.expansion();
  }
  return blocks;
}

nn::Conv2d make_stem(const ResNetOptions& options) {
  check_image_size("ResNet", options.image_size, ResNet::kMinImageSize);
  return nn::Conv2d(convolution(options.in_channels, 64, is_small(options) ? 3 : 7, 2));
}

// torchvision's initial weights, where they are not the layers' own.
void initialize_resnet(nn::Module& module) {
  const auto* conv = dynamic_cast<nn::Conv2d*>(&module);
  if (conv == nullptr) return;
  nn::init::kaiming_normal_(conv->weight(), {.mode = nn::init::FanMode::kFanOut,
                                             .nonlinearity = nn::init::Nonlinearity::kRelu});
}

}  // namespace

ResNet::ResNet(const ResNetOptions& options)
    : conv1(make_stem(options)),
      bn1(64),
      maxpool({.kernel_size = 3, .stride = 2, .padding = 1}),
      layer1(make_stage(options, 0)),
      layer2(make_stage(options, 1)),
      layer3(make_stage(options, 2)),
      layer4(make_stage(options, 3)),
      avgpool(1),
      fc(512 * configuration(options.depth).expansion(), options.num_classes),
      pools_(!is_small(options) || configuration(options.depth).small_pools) {
  register_module("conv1", conv1);
  register_module("bn1", bn1);
  register_module("relu", relu);
  if (pools_) register_module("maxpool", maxpool);
  register_module("layer1", layer1);
  register_module("layer2", layer2);
  register_module("layer3", layer3);
  register_module("layer4", layer4);
  register_module("avgpool", avgpool);
  register_module("fc", fc);
  apply(initialize_resnet);
}

Tensor ResNet::forward(const Tensor& x) {
  Tensor y = nn::chain(x, conv1, bn1, relu);
  if (pools_) y = maxpool(y);
  y = layer4(layer3(layer2(layer1(y))));
  return fc(avgpool(y).flatten(1));
}

std::vector<ModelEntry> resnet_entries() {
  std::vector<ModelEntry> entries;
  for (const Configuration& one : kConfigurations) {
    const std::string title = str("residual blocks, ", one.depth, " layers with weights");
    const ResNetOptions fixed{.depth = one.depth};
    entries.push_back(model_entry<ResNet>(
        {str("resnet", one.depth), title, imagenet_options()}, [fixed](const OptionReader& read) {
          return read_image_options(read, ResNet::kMinImageSize, fixed);
        }));
  }
  return entries;
}

}  // namespace fovea::models
