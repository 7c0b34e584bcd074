// The fully connected layer, and the layer that does nothing.
#pragma once

#include <cstdint>

#include "fovea/nn/module.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::nn {

/// Options of Linear beside its sizes.
struct LinearOptions {
  bool bias = true;  ///< whether a number is added to each output
};

/// y = x W^T + b over the last dimension.
///
/// Shapes     x [..., in_features] -> y [..., out_features].
/// Parameters weight [out_features, in_features], bias [out_features]; both start as PyTorch's,
///            uniform in +-1/sqrt(in_features), drawn from the default generator.
class Linear final : public Module {
 public:
  /// Throws ArgumentError unless both sizes are at least 1.
  Linear(std::int64_t in_features, std::int64_t out_features, LinearOptions options = {});
  Tensor forward(const Tensor& x) override;
  /// forward, then relu and dropout as part of the same operation: what containers call.
  Tensor forward_relu_dropout(const Tensor& x, const LinearEpilogue& epilogue);
  const Tensor& weight() const { return weight_; }  ///< [out_features, in_features]
  const Tensor& bias() const { return bias_; }      ///< undefined when there is none
  std::string options_text() const override;

 private:
  Tensor weight_;
  Tensor bias_;
};

/// Returns its input: a place holder in a network.
class Identity final : public Module {
 public:
  Tensor forward(const Tensor& x) override { return x; }
};

}  // namespace fovea::nn
