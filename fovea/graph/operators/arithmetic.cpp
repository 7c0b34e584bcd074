// Arithmetic and conversions.

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/broadcast.h"
#include "fovea/graph/operators/dtypes.h"

namespace fovea::graph {

namespace {

Run bind_identity(const NodeReader&) {
  return [](const Inputs& in) -> Tensors { return {in[0]}; };
}

/// Whole numbers are divided towards 0.
Tensor divide(const Tensor& a, const Tensor& b) {
  return is_floating(a.dtype()) ? div(a, b) : trunc_div(a, b);
}

/// The remainder has the divisor's sign; with fmod the dividend's, as in C.
Run bind_mod(const NodeReader& node) {
  const bool like_c = node.integer("fmod", 0) != 0;
  return [like_c, operands = Operands(node)](const Inputs& in) -> Tensors {
    const auto [a, b] = operands.get(in);
    check<DTypeError>(like_c || !is_floating(a.dtype()), in.where(),
                      ": dtype expected whole numbers unless attribute \"fmod\" is 1, got ",
                      in[0].dtype());
    return {(like_c ? fmod(a, b) : remainder(a, b)).to(in[0].dtype())};
  };
}

/// The result has the base's dtype, whatever the exponent's.
Run bind_pow(const NodeReader& node) {
  return [broadcast = Broadcast(node)](const Inputs& in) -> Tensors {
    const Tensor exponent = broadcast.second(in);
    return {computed_real([&](const Tensor& base) { return pow(base, exponent.to(base.dtype())); },
                          in[0])};
  };
}

/// All inputs joined by `f`, two at a time.
template <Tensor (*f)(const Tensor&, const Tensor&)>
Tensor join(const Inputs& in, int opset) {
  Tensor result = computable(in[0]);
  for (std::size_t i = 1; i < in.size(); ++i) {
    in.require(opset >= 8 || in[i].sizes() == in[0].sizes(),
               "inputs expected of one shape before operator set 8, got ", in[0].sizes(), " and ",
               in[i].sizes());
    check<DTypeError>(in[i].dtype() == in[0].dtype(), in.where(),
                      ": inputs expected of one dtype, got ", in[0].dtype(), " and ",
                      in[i].dtype());
    result = f(result, computable(in[i]));
  }
  return result;
}

template <Tensor (*f)(const Tensor&, const Tensor&)>
Run bind_joined(const NodeReader& node) {
  return [opset = node.opset()](const Inputs& in) -> Tensors {
    return {join<f>(in, opset).to(in[0].dtype())};
  };
}

Run bind_mean(const NodeReader& node) {
  return [opset = node.opset()](const Inputs& in) -> Tensors {
    return {(join<add>(in, opset) / static_cast<double>(in.size())).to(in[0].dtype())};
  };
}

/// x cut to bounds that are there; with crossed bounds it is the upper one.
Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high) {
  if (!is_floating(x.dtype())) {
    const Tensor raised = low.defined() ? maximum(x, low) : x;
    return high.defined() ? minimum(raised, high) : raised;
  }
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const double upper = high.defined() ? high.item<double>() : kNone;
  const double lower = low.defined() ? low.item<double>() : -kNone;
  check<ArgumentError>(!std::isnan(lower) && !std::isnan(upper), "bounds expected numbers, got ",
                       lower, " and ", upper);
  return clamp(x, std::min(lower, upper), upper);
}

/// Bounds are attributes up to operator set 10 and inputs of one element since.
Run bind_clip(const NodeReader& node) {
  if (node.opset() < 11) {
    constexpr double kLargest = std::numeric_limits<float>::max();
    const double low = node.real("min", -kLargest), high = node.real("max", kLargest);
    return run_unary([=](const Tensor& x) { return clip(x, scalar(low), scalar(high)); });
  }
  return [](const Inputs& in) -> Tensors {
    const auto bound = [&](std::size_t i) {
      Tensor value = in.optional(i);
      if (!value.defined()) return value;
      in.require(value.numel() == 1, "bounds expected of 1 element, got shape ", value.sizes());
      check<DTypeError>(value.dtype() == in[0].dtype(), in.where(), ": bounds expected ",
                        in[0].dtype(), ", got ", value.dtype());
      return computable(value).view({});
    };
    return {computed([&](const Tensor& x) { return clip(x, bound(1), bound(2)); }, in[0])};
  };
}

/// Attributes that Cast has for 8-bit floating point, which Fovea does not have.
void pass_over_saturation(const NodeReader& node) {
  if (node.opset() >= 19) node.pass_over({"saturate"});
}

Run bind_cast(const NodeReader& node) {
  pass_over_saturation(node);
  return [dtype = dtype_attribute(node, "to")](const Inputs& in) -> Tensors {
    return {in[0].to(dtype)};
  };
}

Run bind_cast_like(const NodeReader& node) {
  pass_over_saturation(node);
  return [](const Inputs& in) -> Tensors { return {in[0].to(in[1].dtype())}; };
}

constexpr Operator kArithmeticOperators[] = {
    {.name = "Add", .bind = bind_binary<add>, .learnt = {0, 2}},
    {.name = "Cast",
     .bind = bind_cast,
     .dtype = {.attribute = "to"},
     .results = Results::kReshaped},
    {.name = "CastLike", .bind = bind_cast_like, .dtype = {.input = 1}},
    {.name = "Clip", .bind = bind_clip, .numbers = {1, 3}},
    {"Div", bind_binary<divide>},
    {.name = "Identity", .bind = bind_identity, .results = Results::kReshaped},
    {"Max", bind_joined<maximum>},
    {"Mean", bind_mean},
    {"Min", bind_joined<minimum>},
    {"Mod", bind_mod},
    {.name = "Mul", .bind = bind_binary<mul>, .learnt = {0, 2}},
    {"Pow", bind_pow},
    {"Sub", bind_binary<sub>},
    {"Sum", bind_joined<add>},
};

}  // namespace

std::span<const Operator> arithmetic_operators() { return kArithmeticOperators; }

}  // namespace fovea::graph
