// Losses as modules: they take a model's output and its target, `criterion(model(images), labels)`.
// The functions themselves, with their formulas, shapes and errors, are in tensor/ops/loss.h.
#pragma once

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/loss.h"

namespace fovea::nn {

/// A module of two tensors.
class Loss : public Module {
 public:
  using Module::forward;
  using Module::operator();
  /// The loss of `input` against `target`.
  virtual Tensor forward(const Tensor& input, const Tensor& target) = 0;
  /// The same as forward.
  Tensor operator()(const Tensor& input, const Tensor& target) { return forward(input, target); }
};

/// Cross entropy of scores against class numbers or probabilities. See cross_entropy. Class weights
/// are the buffer "weight".
class CrossEntropyLoss final : public Loss {
 public:
  /// Throws ArgumentError unless label_smoothing is in [0, 1].
  explicit CrossEntropyLoss(const CrossEntropyOptions& options = {});
  using Loss::forward;
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return cross_entropy(input, target, options_);
  }

 private:
  CrossEntropyOptions options_;
};

/// Negative log likelihood of class numbers, from log-probabilities. See nll_loss. Class weights
/// are the buffer "weight".
class NLLLoss final : public Loss {
 public:
  /// With default options, or others.
  explicit NLLLoss(const NllLossOptions& options = {});
  using Loss::forward;
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return nll_loss(input, target, options_);
  }

 private:
  NllLossOptions options_;
};

/// Squared error. See mse_loss.
class MSELoss final : public Loss {
 public:
  /// With the mean of the squares, or another reduction.
  explicit MSELoss(Reduction reduction = Reduction::kMean) : reduction_(reduction) {}
  using Loss::forward;
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return mse_loss(input, target, reduction_);
  }

 private:
  Reduction reduction_;
};

/// Absolute error. See l1_loss.
class L1Loss final : public Loss {
 public:
  /// With the mean of the errors, or another reduction.
  explicit L1Loss(Reduction reduction = Reduction::kMean) : reduction_(reduction) {}
  using Loss::forward;
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return l1_loss(input, target, reduction_);
  }

 private:
  Reduction reduction_;
};

/// Binary cross entropy of scores. See binary_cross_entropy_with_logits. The options' tensors are
/// the buffers "weight" and "pos_weight".
class BCEWithLogitsLoss final : public Loss {
 public:
  /// With default options, or others.
  explicit BCEWithLogitsLoss(const BceOptions& options = {});
  using Loss::forward;
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return binary_cross_entropy_with_logits(input, target, options_);
  }

 private:
  BceOptions options_;
};

}  // namespace fovea::nn
