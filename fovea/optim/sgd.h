// Stochastic gradient descent with momentum.
#pragma once

#include <vector>

#include "fovea/optim/optimizer.h"

namespace fovea::optim {

/// Options of SGD.
struct SGDOptions {
  double lr = 0.001;        ///< step size, >= 0
  double momentum = 0;      ///< decay of the velocity, >= 0
  double dampening = 0;     ///< share of the gradient that does not enter the velocity
  double weight_decay = 0;  ///< L2 penalty, >= 0
  bool nesterov = false;    ///< look ahead along the velocity; needs momentum > 0 and dampening 0
};

/// Stochastic gradient descent, as in PyTorch.
///
/// Formula  g = grad + weight_decay p; v = momentum v + (1 - dampening) g (the first v is g);
///          p = p - lr v, with nesterov p - lr (g + momentum v), without momentum p - lr g.
/// Throws   ArgumentError for an option out of range.
/// Source   Sutskever et al. 2013, "On the importance of initialization and momentum in deep
///          learning".
class SGD : public Optimizer {
 public:
  /// One group.
  explicit SGD(const Tensors& parameters, const SGDOptions& options = {});
  /// Several groups, each with its options.
  explicit SGD(const std::vector<ParameterGroup<SGDOptions>>& groups);

  /// A group's options, with the learning rate and momentum now in force. Throws IndexError.
  const SGDOptions& options(int group = 0) const;

 private:
  void update(int group, FlatBlock& block, const FlatBlock::Run& run) override;
  double get_lr(int group) const override;
  void put_lr(double lr, int group) override;
  double get_momentum(int group) const override;
  void put_momentum(double momentum, int group) override;
  void check_momentum(double momentum) const override;

  std::vector<SGDOptions> options_;
};

}  // namespace fovea::optim
