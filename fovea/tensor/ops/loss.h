// Losses: how far a model's output is from its target. f32 and f64, as PyTorch defines them.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// What becomes of the losses of the single elements.
enum class Reduction : std::uint8_t {
  kMean,  ///< their mean, 0-d
  kSum,   ///< their sum, 0-d
  kNone,  ///< nothing: one loss an element
};

/// Options of cross_entropy.
struct CrossEntropyOptions {
  Tensor weight = {};          ///< weight of each class, [c]; undefined: all 1. It gets no gradient
  double label_smoothing = 0;  ///< share of the target spread evenly over all classes, in [0, 1]
  std::int64_t ignore_index = -100;  ///< targets with this value do not count
  /// kMean divides by the sum of the targets' class weights.
  Reduction reduction = Reduction::kMean;
};

/// Cross entropy of scores against class numbers, log_softmax over the classes, then nll_loss; or
/// against probabilities of the classes.
///
/// Formula  loss = -(1-e) w[t] log p[t] - e/c sum_k w[k] log p[k], with e = label_smoothing;
///          0 where t is ignored. Of probabilities t[k]: -sum_k w[k] ((1-e) t[k] + e/c) log p[k],
///          and kMean divides by their number, whatever the weights, as PyTorch does.
/// Shapes   x [n, c], target [n]; or x [c], target 0-d; or x [n, c, d1, ...], target [n, d1, ...],
///          in i64. Or probabilities: target of x's shape and dtype, which may have a gradient.
///          The result is 0-d, or has class numbers' sizes for kNone.
/// Throws   ShapeError, DTypeError, ArgumentError (label_smoothing; ignore_index with
///          probabilities), DeviceError; IndexError for a target that is no class and not ignored,
///          naming the first one and its position.
/// Numerics kMean over no counted target is NaN, as in PyTorch.
/// Source   Szegedy et al. 2016 (label smoothing).
Tensor cross_entropy(const Tensor& x, const Tensor& target,
                     const CrossEntropyOptions& options = {});

/// Options of nll_loss.
struct NllLossOptions {
  Tensor weight = {};  ///< weight of each class, [c]; undefined: all 1. It gets no gradient
  std::int64_t ignore_index = -100;  ///< targets with this value do not count
  /// kMean divides by the sum of the targets' class weights.
  Reduction reduction = Reduction::kMean;
};

/// Negative log likelihood of class numbers, from log-probabilities.
///
/// Formula  loss = -w[t] x[t]; 0 where t is ignored.
/// Shapes   as cross_entropy.
/// Throws   as cross_entropy.
Tensor nll_loss(const Tensor& x, const Tensor& target, const NllLossOptions& options = {});

/// Squared error, (x - target)^2.
/// Shapes   x and target have one shape. The result is 0-d, or of that shape for kNone.
/// Throws   ShapeError, DTypeError, DeviceError.
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::kMean);

/// Absolute error, |x - target|. Otherwise as mse_loss.
Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::kMean);

/// Options of binary_cross_entropy_with_logits.
struct BceOptions {
  Tensor weight = {};      ///< factor of each loss, broadcast to x's sizes; undefined: 1
  Tensor pos_weight = {};  ///< factor of each positive target, broadcast to x's sizes; undefined: 1
  Reduction reduction = Reduction::kMean;  ///< kMean divides by the number of elements
};

/// Binary cross entropy of scores (before the sigmoid) against probabilities in `target`.
///
/// Formula  loss = w (-pw t log sigmoid(x) - (1-t) log(1 - sigmoid(x))).
/// Shapes   x and target have one shape. The result is 0-d, or of that shape for kNone.
/// Throws   ShapeError, DTypeError, DeviceError.
/// Numerics finite for every finite x.
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BceOptions& options = {});

}  // namespace fovea
