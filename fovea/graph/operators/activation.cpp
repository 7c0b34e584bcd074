// Softmax, dropout, and activation functions whose operators are more than their row says
// (functions.cpp).

#include "fovea/tensor/ops/activation.h"

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/dtypes.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/ops/softmax.h"

namespace fovea::graph {

namespace {

/// Whole numbers have it too, from operator set 14 on.
Tensor rectified(const Tensor& x) {
  if (is_floating(x.dtype())) return relu(x);
  return maximum(x, zeros({}, {.dtype = x.dtype(), .device = x.device()}));
}

Run bind_celu(const NodeReader& node) {
  const double alpha = node.real("alpha", 1);
  node.require(alpha != 0, "attribute \"alpha\" expected not to be 0, got 0");
  return run_unary([alpha](const Tensor& x) { return celu(x, alpha); });
}

/// x where it is above alpha, which NaN is not.
Run bind_thresholded_relu(const NodeReader& node) {
  const double alpha = node.real("alpha", 1);
  return run_unary([alpha](const Tensor& x) {
    return where(x > alpha, x, zeros({}, {.dtype = x.dtype(), .device = x.device()}));
  });
}

Run bind_gelu(const NodeReader& node) {
  const std::string form = node.text("approximate", "none");
  node.require(form == "none" || form == "tanh",
               "attribute \"approximate\" expected \"none\" or \"tanh\", got \"", form, "\"");
  return run_unary([form = form == "tanh" ? GeluForm::kTanh : GeluForm::kErf](const Tensor& x) {
    return gelu(x, form);
  });
}

/// The slope is one number or one a channel before operator set 7, and broadcasts to x since.
Run bind_prelu(const NodeReader& node) {
  return [opset = node.opset()](const Inputs& in) -> Tensors {
    Tensor slope = computable(in[1]);
    if (opset >= 7) {
      in.require(slope.dim() <= in[0].dim(), "slope expected to broadcast to the input, got ",
                 slope.sizes(), " and ", in[0].sizes());
      while (slope.dim() < in[0].dim()) slope = slope.unsqueeze(0);
    }
    return {computed([&](const Tensor& x) { return prelu(x, slope); }, in[0])};
  };
}

/// Before operator set 13 the input counts as a matrix whose rows begin at `axis`, each of which
/// is normalised as a whole; since then it is one dimension that is.
template <Tensor (*f)(const Tensor&, int)>
Run bind_softmax(const NodeReader& node) {
  const bool as_matrix = node.opset() < 13;
  const std::int64_t axis = node.integer("axis", as_matrix ? 1 : -1);
  return [=](const Inputs& in) -> Tensors {
    const int dims = in[0].dim();
    const std::int64_t d = axis < 0 ? axis + dims : axis;
    in.require(d >= 0 && d < dims + as_matrix, "axis expected in ", -dims, " to ",
               dims - !as_matrix, ", got ", axis);
    const int dim = static_cast<int>(d);
    return {computed(
        [&](const Tensor& x) {
          if (!as_matrix) return f(x, dim);
          std::int64_t rows = 1, columns = 1;
          for (int i = 0; i < dims; ++i) (i < dim ? rows : columns) *= x.size(i);
          return f(x.view({rows, columns}), 1).view(x.sizes());
        },
        in[0])};
  };
}

/// Which of x's elements stay, bool. With a seed the same ones in each run.
Tensor draw_mask(const Tensor& x, double ratio, const std::optional<std::int64_t>& seed) {
  Generator seeded(static_cast<std::uint64_t>(seed.value_or(0)));
  const Tensor drawn = dropout(ones(x.sizes(), {.device = x.device()}), ratio, true,
                               seed ? seeded : default_generator());
  return drawn > 0;
}

/// The share of elements that fall in this run: 0 unless the third input asks for training.
double ratio_of(const Inputs& in) {
  if (!in.has(2) || !in[2].item<bool>()) return 0;
  const double ratio = in.has(1) ? in[1].item<double>() : 0.5;
  check<ArgumentError>(ratio >= 0 && ratio < 1, in.where(), ": ratio expected in [0, 1), got ",
                       ratio);
  return ratio;
}

/// Before operator set 12 training is the framework's affair: a graph is for inference, so all
/// elements pass.
Run bind_dropout(const NodeReader& node) {
  const auto& outputs = node.node().outputs;
  const bool wants_mask = outputs.size() > 1 && !outputs[1].empty();
  const bool bool_mask = node.opset() >= 10, may_train = node.opset() >= 12;
  // In training alone.
  if (node.opset() < 12) node.pass_over({"ratio"});
  if (node.opset() < 7) node.pass_over({"is_test"});
  std::optional<std::int64_t> seed;
  if (node.has("seed")) seed = node.integer("seed");
  return [=](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    const double ratio = may_train ? ratio_of(in) : 0;
    if (ratio == 0) {
      const TensorOptions options{.dtype = bool_mask ? boolean : x.dtype(), .device = x.device()};
      return {x, wants_mask ? ones(x.sizes(), options) : Tensor()};
    }
    const Tensor mask = draw_mask(x, ratio, seed);
    const auto drop = [&](const Tensor& v) {
      return where(mask, v * (1 / (1 - ratio)),
                   zeros({}, {.dtype = v.dtype(), .device = v.device()}));
    };
    return {computed(drop, x), mask};
  };
}

constexpr Operator kActivationOperators[] = {
    {"Celu", bind_celu},
    {.name = "Dropout", .bind = bind_dropout, .deterministic = false, .numbers = {1, 3}},
    {"Gelu", bind_gelu},
    {"LogSoftmax", bind_softmax<log_softmax>},
    {.name = "PRelu", .bind = bind_prelu, .learnt = {1, 2}},
    {"Relu", bind_unary<rectified>},
    {"Softmax", bind_softmax<softmax>},
    {"ThresholdedRelu", bind_thresholded_relu},
};

}  // namespace

std::span<const Operator> activation_operators() { return kActivationOperators; }

}  // namespace fovea::graph
