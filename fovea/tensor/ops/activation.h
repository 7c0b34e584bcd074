// Activation functions: elementwise, f32 and f64, any strides; the result is laid out like x.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// How gelu computes the normal distribution function.
enum class GeluForm : std::uint8_t {
  kErf,   ///< exactly, with the error function
  kTanh,  ///< 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
};

/// max(x, 0); NaN stays NaN.
/// Numerics the gradient at 0 is 0.
Tensor relu(const Tensor& x);
/// x where x > 0, else negative_slope * x.
/// Throws   ArgumentError when negative_slope is not finite.
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// 1 / (1 + exp(-x)).
Tensor sigmoid(const Tensor& x);
/// Hyperbolic tangent.
Tensor tanh(const Tensor& x);
/// x Phi(x), where Phi is the standard normal distribution function.
/// Source   Hendrycks and Gimpel 2016.
Tensor gelu(const Tensor& x, GeluForm form = GeluForm::kErf);
/// x / (1 + exp(-x)), also known as swish.
Tensor silu(const Tensor& x);
/// log(1 + exp(x)).
/// Numerics does not overflow: for large x it is x.
Tensor softplus(const Tensor& x);

}  // namespace fovea
