// LeNet-5, the first convolutional network that was put to use.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of LeNet5; as they stand they are the paper's.
struct LeNet5Options {
  std::int64_t num_classes = 10;  ///< classes to tell apart
  std::int64_t in_channels = 1;   ///< channels of an image
  std::int64_t image_size = 32;   ///< height and width of an image; fc1 takes what it leaves
};

/// Two 5x5 convolutions with pooling, then three fully connected layers. 61,706 parameters. As in
/// the paper tanh follows each pooling, and each fully connected layer but the last; pooling takes
/// the largest value, as in today's LeNets, where the paper has a mean with weights. Names are
/// those of PyTorch's tutorial. Weights start by Glorot's uniform distribution for tanh, biases at
/// 0: with PyTorch's own start, which lets the values shrink from layer to layer, the first epoch
/// on Fashion-MNIST ends at 81 % where it ends at 86 % so.
///
/// Images smaller than 32 take the form for small images: the first convolution has a border of 2
/// zeros, so that the sizes behind it for 28x28 are those of the paper's 32x32, in which the 28x28
/// digits lie.
///
/// Shapes   x [n, 1, 32, 32] -> [n, 6, 14, 14] -> [n, 16, 5, 5] -> [n, 120] -> [n, 84] -> [n, 10].
/// Source   LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied to Document
///          Recognition", figure 2.
class LeNet5 final : public nn::Module {
 public:
  /// The smallest image that leaves a pixel for fc1.
  static constexpr std::int64_t kMinImageSize = 12;
  /// Images from this size on are taken as the paper's.
  static constexpr std::int64_t kFullImageSize = 32;

  /// Throws ArgumentError for sizes below 1 or an image below kMinImageSize.
  explicit LeNet5(const LeNet5Options& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Conv2d conv1;    ///< 6 filters of 5x5
  nn::Conv2d conv2;    ///< 16 filters of 5x5
  nn::MaxPool2d pool;  ///< 2x2, after each convolution
  nn::Tanh tanh;       ///< after each pooling, fc1 and fc2
  nn::Linear fc1;      ///< [n, 400] -> [n, 120]; the paper's third convolution, which sees 5x5
  nn::Linear fc2;      ///< [n, 120] -> [n, 84]
  nn::Linear fc3;      ///< [n, 84] -> [n, num_classes]
};

/// How it is made by name.
std::vector<ModelEntry> lenet5_entries();

}  // namespace fovea::models
