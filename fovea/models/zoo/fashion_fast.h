// A small convolutional classifier that reaches a good accuracy after a short training.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of FashionFast.
struct FashionFastOptions {
  std::int64_t num_classes = 10;  ///< classes to tell apart
  std::int64_t in_channels = 1;   ///< channels of an image
  std::int64_t image_size = 28;   ///< height and width of an image
  double dropout = 0.25;          ///< probability that a value is dropped in training
  std::int64_t stages = 2;        ///< convolutions, each with a pooling
  std::int64_t filters = 32;      ///< of the first convolution; each further one has twice as many
  std::int64_t hidden = 256;      ///< values between the two linear layers
};

/// Stages of convolution, batch norm, relu and pooling, and two linear layers with relu and dropout
/// between them. What it computes per unit of accuracy is little: most of the arithmetic is in 3x3
/// convolutions, which Winograd's method makes cheap, on sides that its tiles of 4 divide (28 ->
/// 14, 12 -> 6, 4 -> 2), which is why only the first has padding; and the flattened features are
/// few.
///
/// Shapes   x [n, 1, 28, 28] -> [n, 32, 14, 14] -> [n, 64, 6, 6] -> [n, 256] -> [n, 10];
///          with three stages -> [n, 128, 2, 2] before the linear layers.
class FashionFast final : public nn::Module {
 public:
  /// The smallest image that leaves a pixel after so many stages: 8 for 2, 20 for 3.
  static std::int64_t min_image_size(std::int64_t stages);
  static constexpr std::int64_t kMaxStages = 8;  ///< more would need images beyond kMaxSide

  /// Throws ArgumentError for sizes below 1, stages outside [1, kMaxStages], an image below
  /// min_image_size, or dropout outside [0, 1].
  explicit FashionFast(const FashionFastOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Sequential features;    ///< the stages: Conv2d, BatchNorm2d, ReLU, MaxPool2d
  nn::Sequential classifier;  ///< Linear, ReLU, Dropout, Linear
};

/// How it is made by name.
std::vector<ModelEntry> fashion_fast_entries();

}  // namespace fovea::models
