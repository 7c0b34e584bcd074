// Functions of one element as ONNX knows them: by an operator of their own, or by several, which
// are what their row says of their value.

#include <cmath>
#include <numbers>

#include "fovea/kernels/function_values.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/unary.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::OnnxOperator;
using kernels::UnaryOp;

// What rows are written with beside functions and operators that tensors have anyway. Not in an
// unnamed namespace: the rows find them by their argument.
static Tensor finite(const Tensor& x) { return logical_not(isnan(x - x)); }

static Tensor log_plus_one(const Tensor& x) { return log(x + 1); }

static Tensor normal_cdf(const Tensor& x) { return erf(x * std::numbers::sqrt2 * 0.5) * 0.5 + 0.5; }

static Tensor gelu_tanh_argument(const Tensor& x) {
  const double slope = std::sqrt(2 / std::numbers::pi);
  return mul(x, mul(x, x) * (0.044715 * slope) + slope);
}

/// A parameter as a tensor beside x.
static Tensor beside(const Tensor& x, double value) {
  return scalar(value, {.dtype = x.dtype(), .device = x.device()});
}

static Tensor power(const Tensor& x, double exponent) { return pow(x, beside(x, exponent)); }

static Tensor select(const Tensor& condition, double a, const Tensor& b) {
  return where(condition, beside(b, a), b);
}

namespace {

/// Whether the operator is one of those that are traced.
constexpr bool is_traced(const OnnxOperator& onnx) {
  return onnx.name[0] != '\0' && onnx.since <= kTracedOpset;
}

/// Reports the operator that the row says.
Tensor traced_operator(const OnnxOperator& onnx, UnaryOp op, const Tensor& x,
                       const char* operation) {
  Tensors inputs = {x};
  Attributes attributes;
  for (const auto& [parameter, value] : {std::pair(onnx.a, op.a), std::pair(onnx.b, op.b)}) {
    if (parameter.name == nullptr) continue;
    if (onnx.by_inputs) {
      inputs.push_back(beside(x, value));
    } else {
      attributes.emplace(parameter.name, value);
    }
  }
  return traced_whole(onnx.name, inputs, std::move(attributes),
                      [&] { return unary(op, x, operation); });
}

}  // namespace

Tensor traced_unary(UnaryOp op, const Tensor& x, const char* operation) {
  return kernels::with_function(op.kind, [&](auto f) -> Tensor {
    constexpr const OnnxOperator& onnx = kernels::row_of(decltype(f)::kKind).onnx;
    if constexpr (is_traced(onnx)) {
      return traced_operator(onnx, op, x, operation);
    } else {
      return decltype(f)::value(x, op.a, op.b);
    }
  });
}

}  // namespace fovea
