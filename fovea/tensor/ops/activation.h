// Activation functions: elementwise, f32 and f64, any strides; the result is laid out like x.
#pragma once

#include "fovea/kernels/functions.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// How gelu computes the normal distribution function.
enum class GeluForm : std::uint8_t {
  kErf,   ///< exactly, with the error function
  kTanh,  ///< 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
};

// Those without parameters: the rows of kernels/functions.h that are layers.
#define FOVEA_DECLARE(Class, Word, name, ...) Tensor name(const Tensor& x);
#define FOVEA_OMIT(...)
FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_DECLARE, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_DECLARE

/// x where x > 0, else negative_slope * x.
/// Throws   ArgumentError when negative_slope is not finite.
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// min(max(x, low), high); NaN stays NaN.
/// Throws   ArgumentError unless low < high.
/// Numerics the gradient at low and high is 0, where clamp's is 1.
/// Source   PyTorch's hardtanh.
Tensor hardtanh(const Tensor& x, double low = -1, double high = 1);
/// hardtanh(x, 0, 6).
/// Source   Sandler et al. 2018, "MobileNetV2".
Tensor relu6(const Tensor& x);
/// x Phi(x), where Phi is the standard normal distribution function.
/// Source   Hendrycks and Gimpel 2016.
Tensor gelu(const Tensor& x, GeluForm form = GeluForm::kErf);
/// log(1 + exp(x)).
/// Numerics does not overflow: for large x it is x.
Tensor softplus(const Tensor& x);
/// x where x > 0, else alpha (exp(x) - 1).
/// Source   Clevert et al. 2016.
Tensor elu(const Tensor& x, double alpha = 1);
/// scale x where x > 0, else scale alpha (exp(x) - 1); by default with the numbers that keep the
/// mean 0 and the variance 1.
/// Source   Klambauer et al. 2017.
Tensor selu(const Tensor& x, double alpha = 1.6732632423543772, double scale = 1.0507009873554805);
/// x where x > 0, else alpha (exp(x / alpha) - 1).
/// Throws   ArgumentError when alpha is 0 or not finite.
/// Source   Barron 2017.
Tensor celu(const Tensor& x, double alpha = 1);
/// slope x + offset, cut to [0, 1]. ONNX's HardSigmoid has other defaults than PyTorch's.
Tensor hardsigmoid(const Tensor& x, double slope = 1.0 / 6, double offset = 0.5);
/// x where x > threshold, else value; NaN stays NaN.
Tensor threshold(const Tensor& x, double threshold, double value);
/// x where x > 0, else weight * x. Takes i64 and u8 too.
/// Shapes   weight has one element, or is [c] for dimension 1 of x, or has x's dimensions, each of
///          size 1 or x's.
/// Throws   ShapeError.
/// Source   He et al. 2015.
Tensor prelu(const Tensor& x, const Tensor& weight);

}  // namespace fovea
