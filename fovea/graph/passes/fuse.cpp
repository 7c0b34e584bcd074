#include <algorithm>

#include "fovea/graph/node_reader.h"
#include "fovea/graph/passes.h"

namespace fovea::graph {

namespace {

/// True for a convolution that a ConvBlock can compute: in two dimensions, with numbers for pads, in
/// f32 or f64. Half precision, which Conv computes in f32, would have to be converted twice anyway.
bool starts_block(const Graph& graph, const Node& node) {
  if (node.op != "Conv" || !node.domain.empty()) return false;
  const auto weight = graph.initializers.find(std::string(input_of(node, 1)));
  const NodeReader reader(node, graph.opset, graph.file);
  const std::string pads = reader.text("auto_pad", "NOTSET");
  return weight != graph.initializers.end() && weight->second.dim() == 4 &&
         is_differentiable(weight->second.dtype()) && (pads == "NOTSET" || pads == "VALID");
}

/// The window of a max pooling by windows side by side; nothing for another node.
std::optional<std::vector<std::int64_t>> window_of(const Graph& graph, const Node& node) {
  if (node.op != "MaxPool" || !node.domain.empty() || node.outputs.size() != 1) return {};
  const NodeReader reader(node, graph.opset, graph.file);
  const std::vector<std::int64_t> window = reader.ints("kernel_shape");
  const std::vector<std::int64_t> ones(window.size(), 1), zeros(2 * window.size(), 0);
  const bool plain =
      window.size() == 2 && reader.ints("strides", ones) == window &&
      reader.ints("pads", zeros) == zeros && reader.ints("dilations", ones) == ones &&
      reader.integer("ceil_mode", 0) == 0 && reader.text("auto_pad", "NOTSET") == "NOTSET";
  // A position within a window is kept in a byte.
  if (!plain || window[0] < 1 || window[1] < 1 || window[0] > 256 || window[1] > 256 / window[0])
    return {};
  return window;
}

bool is_linear(const Graph& graph, const Node& node) {
  if (node.op != "Gemm" || !node.domain.empty()) return false;
  const NodeReader reader(node, graph.opset, graph.file);
  const auto weight = graph.initializers.find(std::string(input_of(node, 1)));
  if (weight == graph.initializers.end() || weight->second.dim() != 2) return false;
  if (!is_differentiable(weight->second.dtype())) return false;
  if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
    const auto bias = graph.initializers.find(node.inputs[2]);
    if (bias == graph.initializers.end() || bias->second.sizes() != Shape{weight->second.size(0)})
      return false;
  }
  return reader.integer("transB", 0) == 1 && reader.integer("transA", 0) == 0 &&
         reader.real("alpha", 1) == 1 && reader.real("beta", 1) == 1;
}

/// Makes `before` compute `node` as well, if there is such a node of Fovea's own.
bool join(const Graph& graph, Node& before, const Node& node) {
  const bool relu = node.op == "Relu" && node.domain.empty();
  const auto window = window_of(graph, node);
  const bool block = before.domain == "fovea" && before.op == "ConvBlock";
  const bool pooled = before.attributes.contains("window");
  if (relu && is_linear(graph, before)) {
    before.domain = "fovea";
    before.op = "LinearRelu";
    before.attributes.clear();
    return true;
  }
  if (!(relu || window) || pooled || !(block || starts_block(graph, before))) return false;
  if (relu && block) return false;  // it has one already
  before.domain = "fovea";
  before.op = "ConvBlock";
  if (relu) before.attributes["relu"] = std::int64_t{1};
  if (window) before.attributes["window"] = *window;
  return true;
}

}  // namespace

void fuse(Graph& graph) {
  const std::map<std::string, int> uses = count_uses(graph);
  std::map<std::string, std::size_t> made_by;  // where a value's node stands in `kept`
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    const auto source = node.inputs.empty() ? made_by.end() : made_by.find(node.inputs[0]);
    if (source != made_by.end() && uses.at(node.inputs[0]) == 1 &&
        join(graph, kept[source->second], node)) {
      Node& joined = kept[source->second];
      graph.values.erase(joined.outputs[0]);
      joined.outputs[0] = node.outputs[0];
      made_by[node.outputs[0]] = source->second;
      continue;
    }
    for (const std::string& output : node.outputs) made_by[output] = kept.size();
    kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

void optimize(Graph& graph) {
  remove_identities(graph);
  fold_constants(graph);
  fold_batch_norm(graph);
  fuse(graph);
  remove_dead(graph);
}

}  // namespace fovea::graph
