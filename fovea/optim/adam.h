// Adam and AdamW: steps scaled by running means of each parameter's gradient and of its square.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fovea/optim/optimizer.h"

namespace fovea::optim {

/// Options of Adam.
struct AdamOptions {
  double lr = 0.001;                            ///< step size, >= 0
  std::pair<double, double> betas{0.9, 0.999};  ///< decays of the two means, in [0, 1)
  double eps = 1e-8;                            ///< added to the root of the second mean, >= 0
  double weight_decay = 0;                      ///< L2 penalty, >= 0
};

/// Options of AdamW.
struct AdamWOptions {
  double lr = 0.001;                            ///< step size, >= 0
  std::pair<double, double> betas{0.9, 0.999};  ///< decays of the two means, in [0, 1)
  double eps = 1e-8;                            ///< added to the root of the second mean, >= 0
  double weight_decay = 0.01;  ///< decay of the parameters, times lr, at each step, >= 0
};

/// Adam, as in PyTorch.
///
/// Formula  g = grad + weight_decay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
///          p = p - lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps), at update t = 1, 2,
///          ...
/// Throws   ArgumentError for an option out of range.
/// Source   Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization".
class Adam : public Optimizer {
 public:
  /// One group.
  explicit Adam(const Tensors& parameters, const AdamOptions& options = {});
  /// Several groups, each with its options.
  explicit Adam(const std::vector<ParameterGroup<AdamOptions>>& groups);

  /// A group's options, with the learning rate and first beta now in force. Throws IndexError.
  const AdamOptions& options(int group = 0) const;

 protected:
  /// For AdamW: weight decay shrinks the parameters themselves instead of entering the gradient.
  enum class Decay : bool { kL2, kDecoupled };
  /// The general form.
  Adam(std::string name, Decay decay, const std::vector<ParameterGroup<AdamOptions>>& groups);

 private:
  void update(int group, FlatBlock& block, const FlatBlock::Run& run) override;
  double get_lr(int group) const override;
  void put_lr(double lr, int group) override;
  double get_momentum(int group) const override;
  void put_momentum(double momentum, int group) override;
  void check_momentum(double momentum) const override;

  Decay decay_;
  std::vector<AdamOptions> options_;
};

/// Adam with decoupled weight decay: p = p (1 - lr weight_decay) first, then Adam's step without
/// it.
///
/// Throws   as Adam.
/// Source   Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization".
class AdamW : public Adam {
 public:
  /// One group.
  explicit AdamW(const Tensors& parameters, const AdamWOptions& options = {});
  /// Several groups, each with its options.
  explicit AdamW(const std::vector<ParameterGroup<AdamWOptions>>& groups);
};

}  // namespace fovea::optim
