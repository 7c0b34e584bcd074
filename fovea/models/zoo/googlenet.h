// GoogLeNet: convolutions of several sizes side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fovea/nn/auxiliary.h"
#include "fovea/nn/nn.h"

namespace fovea::models {

struct ModelEntry;

/// Options of GoogLeNet; as they stand they are ImageNet's.
struct GoogLeNetOptions {
  std::int64_t num_classes = 1000;  ///< classes to tell apart
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
  double dropout = 0.2;             ///< probability that a value is dropped in training
  bool aux_logits = true;           ///< whether there are auxiliary classifiers
  double dropout_aux = 0.7;         ///< dropout of the auxiliary classifiers
};

/// Three convolutions, nine inception modules, the mean of each channel, and a fully connected
/// layer. An inception module joins the channels of four branches: a 1x1 convolution; a 1x1 and a
/// 3x3; again a 1x1 and a 3x3, where the paper has a 5x5; max pooling and a 1x1. Batch norm and
/// relu follow each convolution. Names, that deviation from the paper, and the way weights start
/// are torchvision's. 6,624,904 parameters, and with auxiliary classifiers 13,004,888.
///
/// The auxiliary classifiers see what inception4a and inception4d give. In training the loss is
/// that of the scores and 0.3 times that of each of theirs (nn::training_loss; Trainer does so).
///
/// Images smaller than 64 take the form for small images: the first convolution is 3x3 with stride
/// 1 where it is 7x7 with stride 2. Names stay.
///
/// Shapes   x [n, 3, 224, 224] -> [n, 192, 28, 28] -> [n, 480, 14, 14] -> [n, 1024, 7, 7] -> [n,
///          1024] -> [n, 1000].
/// Source   Szegedy et al. 2015, "Going Deeper with Convolutions", table 1; batch norm by Ioffe and
///          Szegedy 2015; torchvision.models.googlenet.
class GoogLeNet final : public nn::Module, public nn::AuxiliaryClassifiers {
 public:
  /// The smallest image.
  static constexpr std::int64_t kMinImageSize = 8;
  /// Images from this size on are taken as ImageNet's are.
  static constexpr std::int64_t kFullImageSize = 64;
  /// Weight of each auxiliary classifier's loss, the paper's.
  static constexpr double kAuxiliaryWeight = 0.3;

  /// Throws ArgumentError for sizes below 1, an image below kMinImageSize, or dropout outside [0,
  /// 1].
  explicit GoogLeNet(const GoogLeNetOptions& options = {});
  /// Class scores (logits) [n, num_classes].
  Tensor forward(const Tensor& x) override;
  /// Class scores, and in training mode those of aux1 and aux2, if there are any.
  nn::TrainingScores forward_training(const Tensor& x) override;

 private:
  using Section = std::vector<std::shared_ptr<nn::Module>>;
  void make_stem(const GoogLeNetOptions& options);
  void make_inceptions();
  template <class M>
  void add(Section& section, const char* name, std::shared_ptr<M> module);

  // The modules between which scores are taken: to inception4a, to inception4d, to inception5b.
  Section first_, second_, third_;
  std::shared_ptr<nn::Module> aux1_, aux2_;  // null when there are none
  nn::AdaptiveAvgPool2d avgpool_;
  nn::Dropout dropout_;
  nn::Linear fc_;
};

/// googlenet: how it is made by name.
std::vector<ModelEntry> googlenet_entries();

}  // namespace fovea::models
