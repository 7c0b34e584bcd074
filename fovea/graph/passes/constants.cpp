#include "fovea/graph/operators.h"
#include "fovea/graph/passes.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {

namespace {

/// The values of a node's inputs, when all of them are constant; nothing otherwise.
std::optional<Tensors> constant_inputs(const Graph& graph, const Node& node) {
  Tensors inputs;
  for (const std::string& name : node.inputs) {
    const auto found = graph.initializers.find(name);
    if (!name.empty() && found == graph.initializers.end()) return std::nullopt;
    inputs.push_back(name.empty() ? Tensor() : found->second);
  }
  return inputs;
}

std::int64_t bytes_of(const Tensors& tensors) {
  std::int64_t bytes = 0;
  for (const Tensor& tensor : tensors) {
    if (tensor.defined())
      bytes += tensor.numel() * static_cast<std::int64_t>(size_of(tensor.dtype()));
  }
  return bytes;
}

}  // namespace

void fold_constants(Graph& graph, std::int64_t max_bytes) {
  const NoGrad no_grad;
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    const std::optional<Tensors> inputs = constant_inputs(graph, node);
    const Operator* found = find_operator(node.domain, node.op);
    if (!inputs || found == nullptr || !found->deterministic) {
      kept.push_back(std::move(node));
      continue;
    }
    const std::string where = NodeReader(node, graph.opset, graph.file).where();
    const Tensors results = bind_node(node, graph.opset, graph.file)(Inputs(*inputs, where));
    const std::int64_t bytes = bytes_of(results);
    if (bytes > max_bytes && bytes > bytes_of(*inputs)) {
      kept.push_back(std::move(node));
      continue;
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.outputs[i].empty()) graph.initializers[node.outputs[i]] = results[i].contiguous();
      graph.values.erase(node.outputs[i]);
    }
  }
  graph.nodes = std::move(kept);
  remove_dead(graph);
}

}  // namespace fovea::graph
