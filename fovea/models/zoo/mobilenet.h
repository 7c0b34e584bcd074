// MobileNet V2: convolutions of one channel each, between 1x1 convolutions that mix channels.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of MobileNetV2; as they stand they are ImageNet's.
struct MobileNetV2Options {
  std::int64_t num_classes = 1000;  ///< classes to tell apart
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
  double dropout = 0.2;             ///< probability that a value is dropped in training
};

/// A convolution, seventeen inverted residual blocks, a 1x1 convolution, the mean of each channel,
/// and a fully connected layer. A block expands its channels sixfold by a 1x1 convolution,
/// convolves each of them alone with a 3x3 filter, and projects them to few by another 1x1
/// convolution behind which there is no activation; where the shape stays, its input is added.
/// Activations are relu6. Names and the way weights start are torchvision's. 3,504,872 parameters.
///
/// Images smaller than 64 take the form for small images: of the five convolutions with stride 2
/// the first two have stride 1, so that sides are divided by 8 and not by 32. Names stay.
///
/// Shapes   x [n, 3, 224, 224] -> [n, 32, 112, 112] -> [n, 320, 7, 7] -> [n, 1280] -> [n, 1000].
/// Source   Sandler, Howard, Zhu, Zhmoginov and Chen 2018, "MobileNetV2: Inverted Residuals and
///          Linear Bottlenecks", table 2; torchvision.models.mobilenetv2.
class MobileNetV2 final : public nn::Module {
 public:
  /// The smallest image.
  static constexpr std::int64_t kMinImageSize = 8;
  /// Images from this size on are taken as ImageNet's are.
  static constexpr std::int64_t kFullImageSize = 64;

  /// Throws ArgumentError for sizes below 1, an image below kMinImageSize, or dropout outside [0,
  /// 1].
  explicit MobileNetV2(const MobileNetV2Options& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Sequential features;    ///< all convolutions
  nn::Sequential classifier;  ///< Dropout, Linear
};

/// mobilenet_v2: how it is made by name.
std::vector<ModelEntry> mobilenet_entries();

}  // namespace fovea::models
