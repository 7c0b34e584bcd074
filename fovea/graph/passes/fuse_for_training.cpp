#include <algorithm>

#include "fovea/graph/node_reader.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/passes/joinable.h"

namespace fovea::graph {

namespace {

/// True for a BatchNormalization of constants, one a channel, that `conv`'s block can compute.
bool norms_by_constants(const Graph& graph, const Node& conv, const Node& node) {
  if (node.op != "BatchNormalization" || !node.domain.empty() || node.inputs.size() != 5 ||
      node.outputs.size() != 1)
    return false;
  const NodeReader reader(node, graph.opset, graph.file);
  if (reader.integer("training_mode", 0) != 0 || reader.integer("spatial", 1) != 1 ||
      !(reader.real("epsilon", 1e-5) >= 0))
    return false;
  const Tensor& weight = graph.initializers.at(conv.inputs[1]);
  return std::all_of(node.inputs.begin() + 1, node.inputs.end(), [&](const std::string& name) {
    const auto found = graph.initializers.find(name);
    return found != graph.initializers.end() && found->second.dtype() == weight.dtype() &&
           found->second.sizes() == Shape{weight.size(0)};
  });
}

/// Makes `block`, a convolution or a block that begins with one, compute `node` as well, if it can:
/// normalisation, relu and pooling, in this order.
bool join_block(const Graph& graph, Node& block, const Node& node) {
  const bool joined = block.domain == "fovea" && block.op == "ConvBlock";
  if (!joined && !is_plain_conv(graph, block)) return false;
  if (block.attributes.contains("window")) return false;
  if (!joined && norms_by_constants(graph, block, node)) {
    block.inputs.resize(3);
    block.inputs.insert(block.inputs.end(), node.inputs.begin() + 1, node.inputs.end());
    block.attributes["epsilon"] = NodeReader(node, graph.opset).real("epsilon", 1e-5);
  } else if (is_relu(node)) {  // a second one changes nothing
    block.attributes["relu"] = std::int64_t{1};
  } else if (const auto window = window_of(graph, node)) {
    block.attributes["window"] = *window;
  } else {
    return false;
  }
  block.domain = "fovea";
  block.op = "ConvBlock";
  return true;
}

}  // namespace

void fuse_for_training(Graph& graph) {
  const std::map<std::string, int> uses = count_uses(graph);
  std::map<std::string, std::size_t> made_by;  // where a value's node stands in `kept`
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    const auto source = node.inputs.empty() ? made_by.end() : made_by.find(node.inputs[0]);
    if (source != made_by.end() && uses.at(node.inputs[0]) == 1) {
      Node& before = kept[source->second];
      if (join_linear_relu(graph, before, node) || join_block(graph, before, node)) {
        graph.values.erase(before.outputs[0]);
        before.outputs[0] = node.outputs[0];
        made_by[node.outputs[0]] = source->second;
        continue;
      }
    }
    for (const std::string& output : node.outputs) made_by[output] = kept.size();
    kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

}  // namespace fovea::graph
