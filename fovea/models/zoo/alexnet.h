// AlexNet, the network that won ImageNet in 2012.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of AlexNet; as they stand they are ImageNet's.
struct AlexNetOptions {
  std::int64_t num_classes = 1000;  ///< classes to tell apart
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
  double dropout = 0.5;             ///< probability that a value is dropped in training
};

/// Five convolutions, three of them with pooling by 3x3 windows at a distance of 2, and three fully
/// connected layers: the form of the second paper, in one column and without response
/// normalisation, as torchvision has it. Names and the way weights start are torchvision's.
/// 61,100,840 parameters.
///
/// Images smaller than 64 take the form for small images: the first convolution is 3x3 with stride
/// 2 where it is 11x11 with stride 4, a pooling that would find no whole window is left out, and
/// the classifier sees the mean of each of the 256 channels and has 512 units a layer. Names stay.
///
/// Shapes   x [n, 3, 224, 224] -> [n, 256, 6, 6] -> [n, 4096] -> [n, 4096] -> [n, 1000].
/// Source   Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks";
///          Krizhevsky, Sutskever and Hinton 2012; torchvision.models.alexnet.
class AlexNet final : public nn::Module {
 public:
  /// The smallest image.
  static constexpr std::int64_t kMinImageSize = 8;
  /// Images from this size on are taken as ImageNet's are.
  static constexpr std::int64_t kFullImageSize = 64;

  /// Throws ArgumentError for sizes below 1, an image below kMinImageSize, or dropout outside [0,
  /// 1].
  explicit AlexNet(const AlexNetOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Sequential features;        ///< convolutions, activations and poolings
  nn::AdaptiveAvgPool2d avgpool;  ///< to the size that the classifier takes
  nn::Sequential classifier;      ///< Dropout, Linear, ReLU, twice, and a last Linear
};

/// How it is made by name.
std::vector<ModelEntry> alexnet_entries();

}  // namespace fovea::models
