// Functions of one element as ONNX knows them: by an operator of its own, or by several.

#include <cmath>
#include <numbers>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/unary.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::Unary;
using kernels::UnaryOp;

namespace {

/// The ONNX operator of the same function, or nothing.
std::string_view onnx_name(UnaryOp op) {
  switch (op.kind) {
    case Unary::kNeg:
      return "Neg";
    case Unary::kAbs:
      return "Abs";
    case Unary::kSign:
      return "Sign";
    case Unary::kExp:
      return "Exp";
    case Unary::kLog:
      return "Log";
    case Unary::kSqrt:
      return "Sqrt";
    case Unary::kReciprocal:
      return "Reciprocal";
    case Unary::kSin:
      return "Sin";
    case Unary::kCos:
      return "Cos";
    case Unary::kTanh:
      return "Tanh";
    case Unary::kErf:
      return "Erf";
    case Unary::kFloor:
      return "Floor";
    case Unary::kCeil:
      return "Ceil";
    case Unary::kRound:
      return "Round";
    case Unary::kIsNan:
      return "IsNaN";
    case Unary::kNot:
      return "Not";
    case Unary::kRelu:
      return "Relu";
    case Unary::kLeakyRelu:
      return "LeakyRelu";
    case Unary::kSigmoid:
      return "Sigmoid";
    case Unary::kSoftplus:
      return "Softplus";
    case Unary::kClamp:
    case Unary::kHardtanh:
      return "Clip";
    case Unary::kElu:
      return op.b == 1 ? "Elu" : "Selu";
    case Unary::kCelu:
      return "Celu";
    case Unary::kHardSigmoid:
      return "HardSigmoid";
    case Unary::kHardSwish:
      return "HardSwish";
    case Unary::kSoftsign:
      return "Softsign";
    default:
      return "";
  }
}

/// The parameters of an operator that has some as attributes.
Attributes attributes_of(UnaryOp op) {
  switch (op.kind) {
    case Unary::kLeakyRelu:
    case Unary::kCelu:
      return {{"alpha", op.a}};
    case Unary::kElu:
      if (op.b == 1) return {{"alpha", op.a}};
      return {{"alpha", op.a}, {"gamma", op.b}};
    case Unary::kHardSigmoid:
      return {{"alpha", op.a}, {"beta", op.b}};
    default:
      return {};
  }
}

/// The function made of others; undefined when nobody has written that down.
Tensor composed(UnaryOp op, const Tensor& x) {
  switch (op.kind) {
    case Unary::kLog1p:
      return log(x + 1);
    case Unary::kRsqrt:
      return reciprocal(sqrt(x));
    case Unary::kSquare:
      return mul(x, x);
    case Unary::kPow:
      return pow(x, scalar(op.a, {.dtype = x.dtype(), .device = x.device()}));
    case Unary::kSilu:
      return mul(x, sigmoid(x));
    case Unary::kMish:
      return mul(x, tanh(softplus(x)));
    case Unary::kThreshold:
      return where(x <= op.a, scalar(op.b, {.dtype = x.dtype(), .device = x.device()}), x);
    case Unary::kGelu:
      return mul(x, erf(x * std::numbers::sqrt2 * 0.5) * 0.5 + 0.5);
    case Unary::kGeluTanh: {
      const double slope = std::sqrt(2 / std::numbers::pi);
      return mul(x, tanh(mul(x, mul(x, x) * (0.044715 * slope) + slope)) * 0.5 + 0.5);
    }
    default:
      return {};
  }
}

}  // namespace

Tensor traced_unary(const char* operation, UnaryOp op, const Tensor& x, DType result) {
  const auto compute = [&] { return unary(operation, op, x, result); };
  if (const std::string_view name = onnx_name(op); !name.empty()) {
    Tensors inputs = {x};
    if (name == "Clip") {
      for (const double bound : {op.a, op.b})
        inputs.push_back(scalar(bound, {.dtype = x.dtype(), .device = x.device()}));
    }
    return traced_whole(name, inputs, attributes_of(op), compute);
  }
  if (const Tensor y = composed(op, x); y.defined()) return y;
  const UntracedScope untraced;
  return compute();
}

}  // namespace fovea
