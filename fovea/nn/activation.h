// Activation functions as modules. The functions themselves are in tensor/ops/activation.h and
// softmax.h.
#pragma once

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/softmax.h"

namespace fovea::nn {

/// max(x, 0).
class ReLU final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return relu(x); }
};

/// x where x > 0, else negative_slope * x.
class LeakyReLU final : public Module {
 public:
  /// Throws ArgumentError when the slope is not finite.
  explicit LeakyReLU(double negative_slope = 0.01);
  Tensor forward(const Tensor& x) override { return leaky_relu(x, negative_slope_); }
  double negative_slope() const { return negative_slope_; }  ///< slope below 0
  std::string options_text() const override;

 private:
  double negative_slope_;
};

/// 1 / (1 + exp(-x)).
class Sigmoid final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return sigmoid(x); }
};

/// Hyperbolic tangent.
class Tanh final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return tanh(x); }
};

/// x Phi(x), where Phi is the standard normal distribution function.
class GELU final : public Module {
 public:
  /// Exact, or by tanh.
  explicit GELU(GeluForm form = GeluForm::kErf) : form_(form) {}
  Tensor forward(const Tensor& x) override { return gelu(x, form_); }
  std::string options_text() const override;

 private:
  GeluForm form_;
};

/// x sigmoid(x).
class SiLU final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return silu(x); }
};

/// Probabilities from scores along one dimension.
class Softmax final : public Module {
 public:
  /// Along `dim`, which may be negative.
  explicit Softmax(int dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override { return softmax(x, dim_); }
  std::string options_text() const override;

 private:
  int dim_;
};

/// Logarithm of Softmax.
class LogSoftmax final : public Module {
 public:
  /// Along `dim`, which may be negative.
  explicit LogSoftmax(int dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override { return log_softmax(x, dim_); }
  std::string options_text() const override;

 private:
  int dim_;
};

}  // namespace fovea::nn
