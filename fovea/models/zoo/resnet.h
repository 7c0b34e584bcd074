// The residual networks.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of ResNet; as they stand they are ImageNet's.
struct ResNetOptions {
  std::int64_t depth = 18;          ///< layers with weights: 18, 34 or 50
  std::int64_t num_classes = 1000;  ///< classes to tell apart
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
};

/// A convolution, four stages of residual blocks with 64, 128, 256 and 512 filters, the mean of
/// each channel, and a fully connected layer. A block computes relu(f(x) + x), where f is two 3x3
/// convolutions (18 and 34 layers) or 1x1, 3x3 and 1x1 with four times the filters (50 layers),
/// with batch norm after each; the first block of a stage halves each side, in its 3x3 convolution,
/// and brings x to the same shape by a 1x1 convolution, "downsample". Names and the way weights
/// start are torchvision's. Parameters: 11,689,512, 21,797,672 and 25,557,032.
///
/// Images smaller than 64 take the form for small images: the first convolution is 3x3 where it is
/// 7x7, and with 18 layers the max pooling behind it is left out. With 34 and 50 it stays, which
/// keeps all of them below 0.3 GFLOP an image of 32x32. Names stay.
///
/// Shapes   x [n, 3, 224, 224] -> [n, 64, 56, 56] -> [n, 512, 7, 7] -> [n, 512] -> [n, 1000]; with
///          50 layers 2048 channels for 512.
/// Source   He, Zhang, Ren and Sun 2016, "Deep Residual Learning for Image Recognition", table 1;
///          torchvision.models.resnet.
class ResNet final : public nn::Module {
 public:
  /// The smallest image.
  static constexpr std::int64_t kMinImageSize = 8;
  /// Images from this size on are taken as ImageNet's are.
  static constexpr std::int64_t kFullImageSize = 64;

  /// Throws ArgumentError for a depth that there is not, sizes below 1, or an image below
  /// kMinImageSize.
  explicit ResNet(const ResNetOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Conv2d conv1;               ///< the first convolution
  nn::BatchNorm2d bn1;            ///< its normalisation
  nn::ReLU relu;                  ///< its activation
  nn::MaxPool2d maxpool;          ///< absent from the small form of 18 layers
  nn::Sequential layer1;          ///< the first stage
  nn::Sequential layer2;          ///< the second stage
  nn::Sequential layer3;          ///< the third stage
  nn::Sequential layer4;          ///< the fourth stage
  nn::AdaptiveAvgPool2d avgpool;  ///< the mean of each channel
  nn::Linear fc;                  ///< the class scores

 private:
  bool pools_;
};

/// resnet18, resnet34 and resnet50: how they are made by name.
std::vector<ModelEntry> resnet_entries();

}  // namespace fovea::models
