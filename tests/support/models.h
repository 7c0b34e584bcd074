// The chapter's two classifiers, written as a user would write them, for tests of rooms below
// vision.
#pragma once

#include "fovea/nn/nn.h"

namespace fovea::test {

/// Three fully connected layers; forward takes [n, 1, 28, 28].
class FashionDNN : public nn::Module {
 public:
  FashionDNN() {
    register_module("fc1", fc1_);
    register_module("drop", drop_);
    register_module("fc2", fc2_);
    register_module("fc3", fc3_);
  }
  Tensor forward(const Tensor& input) override {
    const Tensor x = drop_(relu(fc1_(input.view({-1, 784}))));
    return fc3_(relu(fc2_(x)));
  }

 private:
  nn::Linear fc1_{784, 256};
  nn::Dropout drop_{0.25};
  nn::Linear fc2_{256, 128};
  nn::Linear fc3_{128, 10};
};

/// Two convolution blocks and three fully connected layers; forward takes [n, 1, 28, 28].
class FashionCNN : public nn::Module {
 public:
  FashionCNN() {
    register_module("layer1", layer1_);
    register_module("layer2", layer2_);
    register_module("fc1", fc1_);
    register_module("drop", drop_);
    register_module("fc2", fc2_);
    register_module("fc3", fc3_);
  }
  Tensor forward(const Tensor& input) override {
    const Tensor x = layer2_(layer1_(input)).flatten(1);
    return fc3_(fc2_(drop_(fc1_(x))));
  }

 private:
  nn::Sequential layer1_{
      nn::Conv2d({.in_channels = 1, .out_channels = 32, .kernel_size = 3, .padding = 1}),
      nn::BatchNorm2d(32), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2, .stride = 2})};
  nn::Sequential layer2_{nn::Conv2d({.in_channels = 32, .out_channels = 64, .kernel_size = 3}),
                         nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2})};
  nn::Linear fc1_{64 * 6 * 6, 600};
  nn::Dropout drop_{0.25};
  nn::Linear fc2_{600, 120};
  nn::Linear fc3_{120, 10};
};

}  // namespace fovea::test
