// SqueezeNet: AlexNet's accuracy with a fiftieth of its weights.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of SqueezeNet; as they stand they are ImageNet's.
struct SqueezeNetOptions {
  std::int64_t num_classes = 1000;  ///< classes to tell apart
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
  double dropout = 0.5;             ///< probability that a value is dropped in training
};

/// SqueezeNet 1.1: a convolution, eight fire modules, and a 1x1 convolution whose channels' means
/// are the class scores. A fire module squeezes its input into few channels by a 1x1 convolution,
/// and joins the channels that a 1x1 and a 3x3 convolution make of these. Names and the way weights
/// start are torchvision's. 1,235,496 parameters.
///
/// Images smaller than 64 take the form for small images: the first convolution has stride 1 and a
/// border of 1, where it has stride 2 and none. Names stay.
///
/// Shapes   x [n, 3, 224, 224] -> [n, 64, 55, 55] -> [n, 512, 13, 13] -> [n, 1000].
/// Source   Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
///          <0.5MB model size", in version 1.1 of the authors' code; torchvision.models.squeezenet.
class SqueezeNet final : public nn::Module {
 public:
  /// The smallest image.
  static constexpr std::int64_t kMinImageSize = 8;
  /// Images from this size on are taken as ImageNet's are.
  static constexpr std::int64_t kFullImageSize = 64;

  /// Throws ArgumentError for sizes below 1, an image below kMinImageSize, or dropout outside [0,
  /// 1].
  explicit SqueezeNet(const SqueezeNetOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Sequential features;    ///< the first convolution and the fire modules
  nn::Sequential classifier;  ///< Dropout, Conv2d, ReLU, AdaptiveAvgPool2d
};

/// squeezenet1_1: how it is made by name.
std::vector<ModelEntry> squeezenet_entries();

}  // namespace fovea::models
