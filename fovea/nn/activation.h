// Activation functions as modules. The functions themselves are in tensor/ops/activation.h and
// softmax.h.
#pragma once

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/softmax.h"

namespace fovea::nn {

// Those without parameters: the rows of kernels/functions.h that are layers.
#define FOVEA_LAYER(Class, Word, name, ...)                             \
  class Class final : public Module {                                   \
   public:                                                              \
    Tensor forward(const Tensor& x) override { return fovea::name(x); } \
  };
#define FOVEA_OMIT(...)
FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_LAYER, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_LAYER

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

/// min(max(x, min_val), max_val).
class Hardtanh final : public Module {
 public:
  /// Throws ArgumentError unless min_val < max_val.
  explicit Hardtanh(double min_val = -1, double max_val = 1);
  Tensor forward(const Tensor& x) override { return hardtanh(x, min_val_, max_val_); }
  std::string options_text() const override;

 private:
  double min_val_;
  double max_val_;
};

/// min(max(x, 0), 6).
class ReLU6 final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return relu6(x); }
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

/// log(1 + exp(x)).
class Softplus final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return softplus(x); }
  std::string options_text() const override;
};

/// x where x > 0, else alpha (exp(x) - 1).
class ELU final : public Module {
 public:
  /// Alpha is the limit below 0, negated.
  explicit ELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override { return elu(x, alpha_); }
  std::string options_text() const override;

 private:
  double alpha_;
};

/// The exponential linear unit that keeps mean 0 and variance 1.
class SELU final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return selu(x); }
};

/// x where x > 0, else alpha (exp(x / alpha) - 1).
class CELU final : public Module {
 public:
  /// Throws ArgumentError when alpha is 0 or not finite.
  explicit CELU(double alpha = 1);
  Tensor forward(const Tensor& x) override { return celu(x, alpha_); }
  std::string options_text() const override;

 private:
  double alpha_;
};

/// x / 6 + 1/2, cut to [0, 1].
class Hardsigmoid final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return hardsigmoid(x); }
};

/// x where x > threshold, else value.
class Threshold final : public Module {
 public:
  /// Where it switches, and to what.
  Threshold(double threshold, double value) : threshold_(threshold), value_(value) {}
  Tensor forward(const Tensor& x) override { return fovea::threshold(x, threshold_, value_); }
  std::string options_text() const override;

 private:
  double threshold_, value_;
};

/// x where x > 0, else weight * x with a slope that is learned.
///
/// Parameters weight [num_parameters], which starts as `init`: one for all, or one a channel.
class PReLU final : public Module {
 public:
  /// Throws ArgumentError unless num_parameters is at least 1.
  explicit PReLU(std::int64_t num_parameters = 1, double init = 0.25);
  Tensor forward(const Tensor& x) override { return prelu(x, weight_); }
  const Tensor& weight() const { return weight_; }  ///< [num_parameters]
  std::string options_text() const override;

 private:
  Tensor weight_;
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
