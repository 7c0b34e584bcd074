#include "fovea/models/zoo/squeezenet.h"

#include <memory>

#include "fovea/models/entry.h"
#include "fovea/tensor/ops.h"

namespace fovea::models {

namespace {

class Fire final : public nn::Module {
 public:
  // `expand` channels come of each of the two convolutions that expand.
  Fire(std::int64_t in, std::int64_t squeeze, std::int64_t expand)
      : squeeze_({.in_channels = in, .out_channels = squeeze, .kernel_size = 1}),
        expand1x1_({.in_channels = squeeze, .out_channels = expand, .kernel_size = 1}),
        expand3x3_(
            {.in_channels = squeeze, .out_channels = expand, .kernel_size = 3, .padding = 1}) {
    register_module("squeeze", squeeze_);
    register_module("squeeze_activation", squeeze_activation_);
    register_module("expand1x1", expand1x1_);
    register_module("expand1x1_activation", expand1x1_activation_);
    register_module("expand3x3", expand3x3_);
    register_module("expand3x3_activation", expand3x3_activation_);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor squeezed = nn::chain(x, squeeze_, squeeze_activation_);
    return cat({nn::chain(squeezed, expand1x1_, expand1x1_activation_),
                nn::chain(squeezed, expand3x3_, expand3x3_activation_)},
               1);
  }

 private:
  nn::Conv2d squeeze_;
  nn::ReLU squeeze_activation_;
  nn::Conv2d expand1x1_;
  nn::ReLU expand1x1_activation_;
  nn::Conv2d expand3x3_;
  nn::ReLU expand3x3_activation_;
};

nn::Sequential make_features(const SqueezeNetOptions& options) {
  check_image_size("SqueezeNet", options.image_size, SqueezeNet::kMinImageSize);
  const bool small = options.image_size < SqueezeNet::kFullImageSize;
  const auto pool = [] {
    return nn::MaxPool2d({.kernel_size = 3, .stride = 2, .ceil_mode = true});
  };
  const auto fire = [](std::int64_t in, std::int64_t squeeze, std::int64_t expand) {
    return std::make_shared<Fire>(in, squeeze, expand);
  };
  return nn::Sequential(nn::Conv2d({.in_channels = options.in_channels,
                                    .out_channels = 64,
                                    .kernel_size = 3,
                                    .stride = small ? 1 : 2,
                                    .padding = small ? 1 : 0}),
                        nn::ReLU(), pool(),                              //
                        fire(64, 16, 64), fire(128, 16, 64), pool(),     //
                        fire(128, 32, 128), fire(256, 32, 128), pool(),  //
                        fire(256, 48, 192), fire(384, 48, 192),          //
                        fire(384, 64, 256), fire(512, 64, 256));
}

nn::Sequential make_classifier(const SqueezeNetOptions& options) {
  return nn::Sequential(
      nn::Dropout(options.dropout),
      nn::Conv2d({.in_channels = 512, .out_channels = options.num_classes, .kernel_size = 1}),
      nn::ReLU(), nn::AdaptiveAvgPool2d(1));
}

// torchvision's initial weights, but for the last convolution's.
void initialize_squeezenet(nn::Module& module) {
  const auto* conv = dynamic_cast<nn::Conv2d*>(&module);
  if (conv == nullptr) return;
  nn::init::kaiming_uniform_(conv->weight());
  nn::init::zeros_(conv->bias());
}

}  // namespace

SqueezeNet::SqueezeNet(const SqueezeNetOptions& options)
    : features(make_features(options)), classifier(make_classifier(options)) {
  register_module("features", features);
  register_module("classifier", classifier);
  apply(initialize_squeezenet);
  nn::init::normal_(classifier.get<nn::Conv2d>(1).weight(), 0, 0.01);
}

Tensor SqueezeNet::forward(const Tensor& x) { return classifier(features(x)).flatten(1); }

std::vector<ModelEntry> squeezenet_entries() {
  return {model_entry<SqueezeNet>(
      {"squeezenet1_1", "eight modules that squeeze channels and expand them again",
       imagenet_options("0.5")},
      [](const OptionReader& read) {
        return read_image_options<SqueezeNetOptions>(read, SqueezeNet::kMinImageSize);
      })};
}

}  // namespace fovea::models
