#include "fovea/graph/passes/joinable.h"

#include "fovea/graph/node_reader.h"

namespace fovea::graph {

namespace {

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

}  // namespace

bool is_plain_conv(const Graph& graph, const Node& node) {
  if (node.op != "Conv" || !node.domain.empty()) return false;
  const auto weight = graph.initializers.find(std::string(input_of(node, 1)));
  const NodeReader reader(node, graph.opset, graph.file);
  const std::string pads = reader.text("auto_pad", "NOTSET");
  // Attributes of Fovea's own nodes are no words of a Conv, whatever a file says.
  for (const char* name : {"epsilon", "relu", "window", "low", "high"})
    if (reader.has(name)) return false;
  return weight != graph.initializers.end() && weight->second.dim() == 4 &&
         is_differentiable(weight->second.dtype()) && (pads == "NOTSET" || pads == "VALID");
}

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

bool is_relu(const Node& node) { return node.op == "Relu" && node.domain.empty(); }

bool join_linear_relu(const Graph& graph, Node& before, const Node& node) {
  if (!is_relu(node) || !is_linear(graph, before)) return false;
  before.domain = "fovea";
  before.op = "LinearRelu";
  before.attributes.clear();
  return true;
}

}  // namespace fovea::graph
