#include "fovea/tensor/ops/activation.h"

#include <cmath>

#include "fovea/tensor/ops/unary.h"

namespace fovea {

using kernels::Unary;

Tensor relu(const Tensor& x) { return unary_float("relu", {Unary::kRelu}, x); }

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  check<ArgumentError>(std::isfinite(negative_slope),
                       "leaky_relu: negative_slope expected a finite number, got ", negative_slope);
  return unary_float("leaky_relu", {Unary::kLeakyRelu, negative_slope}, x);
}

Tensor sigmoid(const Tensor& x) { return unary_float("sigmoid", {Unary::kSigmoid}, x); }

Tensor tanh(const Tensor& x) { return unary_float("tanh", {Unary::kTanh}, x); }

Tensor gelu(const Tensor& x, GeluForm form) {
  return unary_float("gelu", {form == GeluForm::kErf ? Unary::kGelu : Unary::kGeluTanh}, x);
}

Tensor silu(const Tensor& x) { return unary_float("silu", {Unary::kSilu}, x); }

Tensor softplus(const Tensor& x) { return unary_float("softplus", {Unary::kSoftplus}, x); }

}  // namespace fovea
