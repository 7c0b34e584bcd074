// The VGG networks: nothing but 3x3 convolutions and 2x2 pooling.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of VGG; as they stand they are ImageNet's.
struct VGGOptions {
  std::int64_t depth = 11;          ///< layers with weights: 11, 13, 16 or 19
  bool batch_norm = false;          ///< whether batch norm follows each convolution
  std::int64_t num_classes = 1000;  ///< classes to tell apart
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
  double dropout = 0.5;             ///< probability that a value is dropped in training
};

/// Five stages of 3x3 convolutions with 64, 128, 256, 512 and 512 filters, each ended by a 2x2 max
/// pooling, and three fully connected layers. Names and the way weights start are those of
/// torchvision's models; vgg11 has 132,863,336 parameters, vgg16 138,357,544.
///
/// Images smaller than 224 take the form for small images: the first convolution has stride 2, a
/// pooling that would leave less than a pixel is left out, and the classifier sees the mean of each
/// of the 512 channels and has 512 units a layer. Names stay. At 32x32, the largest of them is
/// 0.2 GFLOP an image forward, where halving nothing would make it 0.8.
///
/// Shapes   x [n, 3, 224, 224] -> [n, 512, 7, 7] -> [n, 4096] -> [n, 4096] -> [n, 1000].
/// Source   Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image
///          Recognition", table 1, configurations A, B, D and E; torchvision.models.vgg.
class VGG final : public nn::Module {
 public:
  /// The smallest image: four pixels a side after the first convolution.
  static constexpr std::int64_t kMinImageSize = 8;
  /// Images from this size on are taken as ImageNet's are.
  static constexpr std::int64_t kFullImageSize = 224;

  /// Throws ArgumentError for a depth that there is not, sizes below 1, an image below
  /// kMinImageSize, or dropout outside [0, 1].
  explicit VGG(const VGGOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Sequential features;        ///< the stages
  nn::AdaptiveAvgPool2d avgpool;  ///< to the size that the classifier takes
  nn::Sequential classifier;      ///< Linear, ReLU, Dropout, twice, and a last Linear
};

/// vgg11, vgg13, vgg16 and vgg19, each also with _bn: how they are made by name.
std::vector<ModelEntry> vgg_entries();

}  // namespace fovea::models
