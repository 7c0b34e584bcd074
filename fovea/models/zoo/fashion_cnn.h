// The chapter's convolutional classifier of Fashion-MNIST.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of FashionCNN; as they stand they are the chapter's.
struct FashionCNNOptions {
  std::int64_t num_classes = 10;  ///< classes to tell apart
  std::int64_t in_channels = 1;   ///< channels of an image
  std::int64_t image_size = 28;   ///< height and width of an image; fc1 takes what it leaves
  double dropout = 0.25;          ///< probability that a value is dropped in training
};

/// Two convolutions with batch norm and pooling, then three fully connected layers without
/// activation between them. 1,475,338 parameters. Names are those of the chapter's PyTorch model.
///
/// Shapes   x [n, 1, 28, 28] -> [n, 32, 14, 14] -> [n, 64, 6, 6] -> [n, 600] -> [n, 120]
///          -> [n, 10].
class FashionCNN final : public nn::Module {
 public:
  /// The smallest image that leaves a pixel for fc1.
  static constexpr std::int64_t kMinImageSize = 8;

  /// Throws ArgumentError for sizes below 1, an image below kMinImageSize, or dropout outside [0,
  /// 1].
  explicit FashionCNN(const FashionCNNOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Sequential layer1;  ///< Conv2d, BatchNorm2d, ReLU, MaxPool2d
  nn::Sequential layer2;  ///< the same with 64 filters and no padding
  nn::Linear fc1;         ///< [n, 2304] -> [n, 600]
  nn::Dropout drop;       ///< after fc1
  nn::Linear fc2;         ///< [n, 600] -> [n, 120]
  nn::Linear fc3;         ///< [n, 120] -> [n, num_classes]
};

/// How it is made by name.
std::vector<ModelEntry> fashion_cnn_entries();

}  // namespace fovea::models
