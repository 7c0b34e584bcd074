// MixUp and CutMix: each sample of a batch mixed with the one before it, data and targets alike.
// They are set as a loader's batch_transform, and make class numbers probabilities, which
// cross_entropy takes as well.
//
// What is drawn for a batch depends on the seed, the epoch and the batch's first sample alone.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/resample.h"

namespace fovea::data {

/// Adds to each sample of a batch the one before it, in shares that are the same for all of them.
///
/// Formula  y[i] = share x[i] + (1 - share) x[i-1], the first sample with the last, and so the
///          targets; share is drawn from Beta(alpha, alpha).
/// Source   Zhang, Cisse, Dauphin and Lopez-Paz 2018, "mixup: Beyond Empirical Risk Minimization";
///          torchvision, v2.MixUp.
class MixUp {
 public:
  /// Throws ArgumentError unless classes >= 1 and alpha is finite and above 0.
  explicit MixUp(std::int64_t classes, double alpha = 1);

  /// What of each sample is its own, in [0, 1].
  double share(const SampleKeys& keys) const;
  /// Shapes   data [k, ...] (f32 or f64), target [k] (i64) or [k, classes] (f32 or f64)
  ///          -> data as it was, target [k, classes] (f32, or as it was).
  /// Throws   ShapeError, DTypeError; ArgumentError when there are not as many keys as samples;
  ///          IndexError for a target that is no class.
  Batch operator()(const Batch& batch, const SampleKeys& keys) const;

 private:
  std::int64_t classes_;
  double alpha_;
};

/// Cuts one part of the image before it into each image of a batch, the same part of all of them.
///
/// Formula  with s drawn from Beta(alpha, alpha), the part is sqrt(1 - s) of height and width; its
///          middle is any pixel, and what would lie outside is cut off. Targets are mixed as MixUp
///          does, by the share of the image that is left.
/// Source   Yun, Han, Oh, Chun, Choe and Yoo 2019, "CutMix: Regularization Strategy to Train Strong
///          Classifiers with Localizable Features"; torchvision, v2.CutMix.
class CutMix {
 public:
  /// Throws ArgumentError unless classes >= 1 and alpha is finite and above 0.
  explicit CutMix(std::int64_t classes, double alpha = 1);

  /// The part of images of size `image` that is replaced; it may be empty.
  ImagePart part(const SampleKeys& keys, ImageSize image) const;
  /// Shapes   as MixUp, with data [k, c, h, w] of any dtype.
  /// Throws   as MixUp.
  Batch operator()(const Batch& batch, const SampleKeys& keys) const;

 private:
  std::int64_t classes_;
  double alpha_;
};

/// Does one of several things to each batch, drawn evenly.
/// Source   torchvision, v2.RandomChoice.
class BatchChoice {
 public:
  /// Throws ArgumentError when there is none.
  explicit BatchChoice(std::vector<BatchTransform> choices);
  /// What the one that is drawn does.
  Batch operator()(const Batch& batch, const SampleKeys& keys) const;

 private:
  std::vector<BatchTransform> choices_;
};

}  // namespace fovea::data
