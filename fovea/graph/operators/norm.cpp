// Normalisation: BatchNormalization, those within a sample, and LRN.

#include "fovea/tensor/ops/norm.h"

#include <algorithm>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/layer_norm.h"

namespace fovea::graph {

namespace {

/// True when somebody has a name for another output than the first.
bool wants_statistics(const Node& node) {
  return std::any_of(node.outputs.begin() + 1, node.outputs.end(),
                     [](const std::string& output) { return !output.empty(); });
}

/// BatchNormalization, as a node describes it.
struct BatchNorm {
  double eps, momentum;
  bool training;  ///< by the batch's statistics; below opset 14 the outputs say so
  bool spatial;   ///< statistics a channel, not an element; an attribute below opset 9

  explicit BatchNorm(const NodeReader& node)
      : eps(node.real("epsilon", 1e-5)),
        momentum(node.real("momentum", 0.9)),
        training(node.opset() >= 14 ? node.integer("training_mode", 0) != 0
                                    : wants_statistics(node.node())),
        spatial(node.opset() >= 9 || node.integer("spatial", 1) != 0) {
    if (node.opset() < 7) node.pass_over({"is_test"});  // the outputs say it too
    node.require(eps >= 0, "epsilon expected at least 0, got ", eps);
    node.require(momentum >= 0 && momentum <= 1, "momentum expected in [0, 1], got ", momentum);
    node.require(spatial || !training, "spatial expected 1 in training, got 0");
  }

  Tensors run(const Inputs& in) const;
  Tensors train(const Tensor& x, const NormTensors& norm) const;
};

/// y, both moved statistics, and the batch's own, which nodes below opset 14 may want too. `var`
/// divides by the count, in the moved statistics as well: unlike PyTorch's.
Tensors BatchNorm::train(const Tensor& x, const NormTensors& norm) const {
  const Tensor y =
      batch_norm(x, {}, {}, norm.weight, norm.bias, {.training = true, .momentum = 0, .eps = eps});
  Shape all_but_channels{0};
  for (int i = 2; i < x.dim(); ++i) all_but_channels.push_back(i);
  const Tensor batch_mean = mean(x, all_but_channels);
  const Tensor batch_var = var(x, all_but_channels, false, 0);
  return {y, norm.running_mean * momentum + batch_mean * (1 - momentum),
          norm.running_var * momentum + batch_var * (1 - momentum), batch_mean, batch_var};
}

Tensors BatchNorm::run(const Inputs& in) const {
  const Tensor given = to_real(in[0]);
  in.require(given.dim() >= 1, "input expected [n], or [n, c, ...], got ", given.sizes());
  // Spatial dimensions beyond three are to a channel as one. [n] has one channel.
  const bool as_it_is = given.dim() >= 2 && given.dim() <= 5;
  const Tensor x = as_it_is || !spatial ? given : channels_and_rest(given);
  const auto parameter = [&](std::size_t i) { return in[i].to(x.dtype()); };
  const NormTensors norm{.running_mean = parameter(3).detach(),
                         .running_var = parameter(4).detach(),
                         .weight = parameter(1),
                         .bias = parameter(2)};
  const Shape expected = spatial ? Shape{x.size(1)} : Shape(std::span(x.sizes()).subspan(1));
  for (std::size_t i = 1; i < 5; ++i) {
    in.require(in[i].sizes() == expected, "input ", i, " expected shape ", expected, ", got ",
               in[i].sizes(), " (input ", in[0].sizes(), ")");
  }
  Tensors outputs;
  if (training) {
    outputs = train(x, norm);
  } else if (spatial) {
    outputs = {batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias,
                          {.training = false, .eps = eps})};
  } else {
    outputs = {(x - norm.running_mean) * rsqrt(norm.running_var + eps) * norm.weight + norm.bias};
  }
  outputs[0] = outputs[0].to(in[0].dtype()).view(in[0].sizes());
  for (std::size_t i = 1; i < outputs.size(); ++i) outputs[i] = outputs[i].to(in[3].dtype());
  return outputs;
}

Run bind_batch_norm(const NodeReader& node) {
  return [norm = BatchNorm(node)](const Inputs& in) { return norm.run(in); };
}

double read_epsilon(const NodeReader& node) {
  const double eps = node.real("epsilon", 1e-5);
  node.require(eps >= 0, "epsilon expected at least 0, got ", eps);
  return eps;
}

Run bind_instance_norm(const NodeReader& node) {
  return [eps = read_epsilon(node)](const Inputs& in) -> Tensors {
    const Tensor y = instance_norm(to_real(in[0]), to_real(in[1]), to_real(in[2]), eps);
    return {y.to(in[0].dtype())};
  };
}

Run bind_layer_norm(const NodeReader& node) {
  node.pass_over({"stash_type"});
  return [axis = node.integer("axis", -1), eps = read_epsilon(node)](const Inputs& in) -> Tensors {
    const Tensor x = to_real(in[0]);
    Shape dims;
    for (int i = wrap_axis(in, axis, x.dim()); i < x.dim(); ++i) dims.push_back(i);
    const auto [standard, mean, rstd] = standardize(x, dims, eps);
    Tensor y = standard * in[1].to(x.dtype());
    if (in.has(2)) y = y + in[2].to(x.dtype());
    in.require(y.sizes() == x.sizes(), "scale and bias expected to fit the input, got ",
               in[1].sizes(), " (input ", x.sizes(), ")");
    // Both statistics are f32 whatever x is: the attribute stash_type, of which ONNX has this one
    // and bf16.
    return {y.to(in[0].dtype()), mean.to(f32), rstd.to(f32)};
  };
}

/// Up to opset 20 scale and bias have a number a group, from 21 on a channel.
Run bind_group_norm(const NodeReader& node) {
  if (node.opset() >= 21) node.pass_over({"stash_type"});
  const std::int64_t groups = node.integer("num_groups");
  node.require(groups >= 1, "num_groups expected at least 1, got ", groups);
  return [groups, by_channel = node.opset() >= 21,
          eps = read_epsilon(node)](const Inputs& in) -> Tensors {
    const Tensor x = to_real(in[0]);
    in.require(x.dim() >= 2 && x.size(1) % groups == 0,
               "input expected [n, c, ...] with c a multiple of num_groups ", groups, ", got ",
               x.sizes());
    const auto parameter = [&](std::size_t i) {
      Tensor values = in[i].to(x.dtype());
      if (by_channel) return values;
      in.require(values.sizes() == Shape{groups}, "input ", i, " expected shape [", groups,
                 "], got ", values.sizes());
      return values.view({groups, 1}).expand({groups, x.size(1) / groups}).view({x.size(1)});
    };
    return {group_norm(x, groups, parameter(1), parameter(2), eps).to(in[0].dtype())};
  };
}

/// The channels in the opposite order.
Tensor reversed_channels(const Tensor& x) {
  std::vector<std::int64_t> index;
  for (std::int64_t channel = x.size(1); channel-- > 0;) index.push_back(channel);
  return index_select(x, 1, from_data(index, {x.size(1)}, x.device()));
}

Run bind_lrn(const NodeReader& node) {
  const LocalResponseNormOptions options{.size = node.integer("size"),
                                         .alpha = node.real("alpha", 1e-4),
                                         .beta = node.real("beta", 0.75),
                                         .k = node.real("bias", 1)};
  node.require(options.size >= 1, "size expected at least 1, got ", options.size);
  return [options](const Inputs& in) -> Tensors {
    const Tensor given = to_real(in[0]);
    in.require(given.dim() >= 2, "input expected [n, c, ...], got ", given.sizes());
    const bool as_it_is = given.dim() >= 3 && given.dim() <= 5;
    const Tensor x = as_it_is ? given : channels_and_rest(given);
    // The odd channel of an even window comes last in ONNX, first in PyTorch.
    const bool mirrored = options.size % 2 == 0;
    const Tensor y = local_response_norm(mirrored ? reversed_channels(x) : x, options);
    return {(mirrored ? reversed_channels(y) : y).to(in[0].dtype()).view(in[0].sizes())};
  };
}

constexpr Operator kNormOperators[] = {
    {.name = "BatchNormalization", .bind = bind_batch_norm, .learnt = {1, 3}},
    {.name = "GroupNormalization", .bind = bind_group_norm, .learnt = {1, 3}},
    {.name = "InstanceNormalization", .bind = bind_instance_norm, .learnt = {1, 3}},
    {"LRN", bind_lrn},
    {.name = "LayerNormalization", .bind = bind_layer_norm, .learnt = {1, 3}},
};

}  // namespace

std::span<const Operator> norm_operators() { return kNormOperators; }

}  // namespace fovea::graph
