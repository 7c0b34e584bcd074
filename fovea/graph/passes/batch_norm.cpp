#include <optional>

#include "fovea/graph/fresh_names.h"
#include "fovea/graph/node_reader.h"
#include "fovea/graph/passes.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {

namespace {

/// The initializer called `name`, or an undefined tensor.
Tensor constant(const Graph& graph, const std::vector<std::string>& names, std::size_t i) {
  if (i >= names.size()) return {};
  const auto found = graph.initializers.find(names[i]);
  return found == graph.initializers.end() ? Tensor() : found->second;
}

/// What a normalisation does to a channel: y = scale x + shift.
struct Affine {
  Tensor scale, shift;
};

/// Nothing unless the node is a BatchNormalization of constants in inference.
std::optional<Affine> affine_of(const Graph& graph, const Node& node) {
  if (node.op != "BatchNormalization" || !node.domain.empty() || node.inputs.size() != 5) return {};
  const NodeReader reader(node, graph.opset, graph.file);
  if (reader.integer("training_mode", 0) != 0 || reader.integer("spatial", 1) != 1) return {};
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (!node.outputs[i].empty()) return {};
  }
  Tensors parts;
  for (std::size_t i = 1; i < 5; ++i) {
    const Tensor part = constant(graph, node.inputs, i);
    if (!part.defined() || !is_differentiable(part.dtype())) return {};
    if (part.dim() != 1 || (i > 1 && part.sizes() != parts[0].sizes())) return {};
    parts.push_back(part.to(f64));
  }
  const Tensor scale = parts[0] / sqrt(parts[3] + reader.real("epsilon", 1e-5));
  return Affine{scale, parts[1] - parts[2] * scale};
}

/// True for a node that multiplies by a weight whose first dimension is the output's channel.
bool is_producer(const Graph& graph, const Node& node) {
  if (!node.domain.empty()) return false;
  if (node.op == "Conv") return true;
  if (node.op != "Gemm") return false;
  const NodeReader reader(node, graph.opset, graph.file);
  return reader.integer("transB", 0) == 1 && reader.real("alpha", 1) == 1 &&
         reader.real("beta", 1) == 1;
}

/// `exact`, f64 with channels first, in `dtype`. Nothing where a value is beyond what the dtype
/// has, or a channel's largest is below f16's normal numbers, where digits are lost. (Those of
/// others are so small that such values are 0 everywhere.)
std::optional<Tensor> in_range(const Tensor& exact, DType dtype) {
  const double least = dtype == f16 ? 0x1p-14 : 0;
  const Tensor rounded = exact.to(dtype);
  if (!all(isfinite(rounded.to(f64))).item<bool>()) return {};
  const Tensor largest = amax(abs(exact.view({exact.size(0), -1})), {1});
  const Tensor fine = logical_or(largest >= least, largest == 0);
  return all(fine).item<bool>() ? std::optional(rounded) : std::nullopt;
}

/// Gives `producer` the weights that also do what `affine` does. False, changing nothing, when its
/// weights are not constant, or the new ones do not fit their type.
bool absorb(Graph& graph, Node& producer, const Affine& affine, FreshNames& names) {
  const Tensor weight = constant(graph, producer.inputs, 1);
  const bool has_bias = producer.inputs.size() > 2 && !producer.inputs[2].empty();
  const Tensor bias = constant(graph, producer.inputs, 2);
  const std::int64_t channels = affine.scale.numel();
  if (!weight.defined() || (has_bias && !bias.defined())) return false;
  if (weight.dim() < 2 || weight.size(0) != channels || weight.numel() == 0) return false;
  if (has_bias && bias.sizes() != Shape{channels}) return false;
  Shape of_channel = Shape::filled(weight.dim(), 1);
  of_channel[0] = channels;
  const DType dtype = weight.dtype();
  const auto folded = in_range(weight.to(f64) * affine.scale.view(of_channel), dtype);
  const Tensor shift =
      (has_bias ? bias.to(f64) * affine.scale + affine.shift : affine.shift).to(dtype);
  if (!folded || !all(isfinite(shift.to(f64))).item<bool>()) return false;
  producer.inputs.resize(3);
  producer.inputs[1] = names.like(producer.inputs[1] + ".folded");
  graph.initializers[producer.inputs[1]] = *folded;
  producer.inputs[2] = names.like(producer.inputs[1] + ".bias");
  graph.initializers[producer.inputs[2]] = shift;
  return true;
}

}  // namespace

void fold_batch_norm(Graph& graph) {
  const NoGrad no_grad;
  const std::map<std::string, int> uses = count_uses(graph);
  FreshNames names(graph);
  std::map<std::string, std::size_t> made_by;  // where a value's node stands in `kept`
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    const std::optional<Affine> affine = affine_of(graph, node);
    const auto source = affine ? made_by.find(node.inputs[0]) : made_by.end();
    if (source != made_by.end() && uses.at(node.inputs[0]) == 1) {
      Node& producer = kept[source->second];
      if (is_producer(graph, producer) && absorb(graph, producer, *affine, names)) {
        graph.values.erase(producer.outputs[0]);
        producer.outputs[0] = node.outputs[0];
        made_by[node.outputs[0]] = source->second;
        continue;
      }
    }
    for (const std::string& output : node.outputs) made_by[output] = kept.size();
    kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
  remove_dead(graph);
}

}  // namespace fovea::graph
