// The chapter's fully connected classifier of Fashion-MNIST.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of FashionDNN; as they stand they are the chapter's.
struct FashionDNNOptions {
  std::int64_t num_classes = 10;  ///< classes to tell apart
  std::int64_t in_channels = 1;   ///< channels of an image
  std::int64_t image_size = 28;   ///< height and width of an image; fc1 takes all of its values
  double dropout = 0.25;          ///< probability that a value is dropped in training
};

/// Three fully connected layers. 235,146 parameters. Names are those of the chapter's PyTorch
/// model.
///
/// Shapes   x [n, 1, 28, 28] -> [n, 784] -> [n, 256] -> [n, 128] -> [n, 10].
class FashionDNN final : public nn::Module {
 public:
  /// Throws ArgumentError for sizes below 1 or dropout outside [0, 1].
  explicit FashionDNN(const FashionDNNOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;

  nn::Linear fc1;    ///< [n, 784] -> [n, 256]
  nn::Dropout drop;  ///< after fc1 and its ReLU
  nn::Linear fc2;    ///< [n, 256] -> [n, 128]
  nn::Linear fc3;    ///< [n, 128] -> [n, num_classes]

 private:
  nn::ReLU relu_;  // has no parameters, so it need not be registered
};

/// How it is made by name.
std::vector<ModelEntry> fashion_dnn_entries();

}  // namespace fovea::models
