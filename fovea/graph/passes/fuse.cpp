#include <algorithm>
#include <limits>
#include <optional>

#include "fovea/graph/node_reader.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/passes/joinable.h"

namespace fovea::graph {

namespace {

bool is_ours(const Node& node, std::string_view op) {
  return node.domain == "fovea" && node.op == op;
}

/// What a node clamps its first input to.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// The limits of Relu, and of Clip with constant ones of `dtype` in order; nothing for another
/// node.
std::optional<Limits> limits_of(const Graph& graph, const Node& node, DType dtype) {
  Limits limits;
  if (!node.domain.empty()) return {};
  if (node.op == "Relu") return Limits{.low = 0};
  if (node.op != "Clip") return {};
  const NodeReader reader(node, graph.opset, graph.file);
  if (graph.opset < 11) {
    limits.low = reader.real("min", limits.low);
    limits.high = reader.real("max", limits.high);
    return limits.low <= limits.high ? std::optional(limits) : std::nullopt;
  }
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    const auto bound = graph.initializers.find(node.inputs[i]);
    if (bound == graph.initializers.end() || bound->second.numel() != 1) return {};
    if (bound->second.dtype() != dtype) return {};  // the operator says what is wrong
    (i == 1 ? limits.low : limits.high) = bound->second.to(f64).item();
  }
  if (!(limits.low <= limits.high)) return {};  // crossed, or NaN
  return limits;
}

/// Makes `before`, a convolution, clamp its result as well, if it does not yet.
bool join_limits(const Graph& graph, Node& before, const Limits& limits) {
  if (!is_ours(before, "ConvAddClamp")) {
    if (!is_plain_conv(graph, before)) return false;
    before.domain = "fovea";
    before.op = "ConvAddClamp";
  } else if (before.attributes.contains("low") || before.attributes.contains("high")) {
    return false;
  }
  before.attributes["low"] = limits.low;
  before.attributes["high"] = limits.high;
  return true;
}

/// Makes `before`, a convolution with or without relu, pool its result as well.
bool join_window(const Graph& graph, Node& before, const std::vector<std::int64_t>& window) {
  const bool clamped = is_ours(before, "ConvAddClamp");
  if (clamped) {
    const NodeReader reader(before, graph.opset);
    const Limits none;
    if (before.inputs.size() > 3 || reader.real("low", none.low) != 0 ||
        reader.real("high", none.high) != none.high)
      return false;
  } else if (!is_plain_conv(graph, before)) {
    return false;
  }
  before.domain = "fovea";
  before.op = "ConvBlock";
  before.attributes.erase("low");
  before.attributes.erase("high");
  if (clamped) before.attributes["relu"] = std::int64_t{1};
  before.attributes["window"] = window;
  return true;
}

/// Makes `before` compute `node`, which follows it, as well, if there is such a node of Fovea's
/// own.
bool join(const Graph& graph, Node& before, const Node& node) {
  if (const auto window = window_of(graph, node)) return join_window(graph, before, *window);
  const auto weight = graph.initializers.find(std::string(input_of(before, 1)));
  if (weight == graph.initializers.end()) return false;
  const auto limits = limits_of(graph, node, weight->second.dtype());
  if (!limits) return false;
  if (join_linear_relu(graph, before, node)) return true;
  return join_limits(graph, before, *limits);
}

/// Nodes that have been joined so far.
class Joined {
 public:
  explicit Joined(const Graph& graph) : graph_(graph), uses_(count_uses(graph)) {}

  /// Takes the next node: into the one that made what it reads, or by itself.
  void take(Node node) {
    if (take_addition(node)) return;
    const auto source = node.inputs.empty() ? made_by_.end() : made_by_.find(node.inputs[0]);
    if (source != made_by_.end() && uses_.at(node.inputs[0]) == 1 &&
        join(graph_, *nodes_[source->second], node)) {
      return rename(source->second, node.outputs[0]);
    }
    add(std::move(node));
  }

  /// All of them, in order.
  std::vector<Node> nodes() && {
    std::vector<Node> result;
    for (std::optional<Node>& node : nodes_)
      if (node) result.push_back(std::move(*node));
    return result;
  }
  /// Values that are no longer there.
  const std::vector<std::string>& gone() const { return gone_; }

 private:
  void add(Node node) {
    for (const std::string& output : node.outputs) made_by_[output] = nodes_.size();
    nodes_.push_back(std::move(node));
  }

  void rename(std::size_t place, const std::string& output) {
    Node& node = *nodes_[place];
    gone_.push_back(node.outputs[0]);
    node.outputs[0] = output;
    made_by_[output] = place;
  }

  /// An addition to a convolution's result, into the convolution, which then stands here: the other
  /// operand is there by now.
  bool take_addition(const Node& node) {
    if (node.op != "Add" || !node.domain.empty() || node.inputs.size() != 2) return false;
    for (const std::size_t i : {1, 0}) {
      const auto source = made_by_.find(node.inputs[i]);
      if (source == made_by_.end() || uses_.at(node.inputs[i]) != 1) continue;
      if (!is_plain_conv(graph_, *nodes_[source->second])) continue;
      if (!made_by_.contains(node.inputs[1 - i])) continue;  // an input or a constant: any shape
      Node conv = std::move(*nodes_[source->second]);
      nodes_[source->second].reset();
      conv.domain = "fovea";
      conv.op = "ConvAddClamp";
      conv.inputs.resize(3);
      conv.inputs.push_back(node.inputs[1 - i]);
      gone_.push_back(conv.outputs[0]);
      conv.outputs = node.outputs;
      add(std::move(conv));
      return true;
    }
    return false;
  }

  const Graph& graph_;
  std::map<std::string, int> uses_;
  std::map<std::string, std::size_t> made_by_;  // where a value's node stands in nodes_
  std::vector<std::optional<Node>> nodes_;
  std::vector<std::string> gone_;
};

}  // namespace

void fuse(Graph& graph) {
  Joined joined(graph);
  for (Node& node : graph.nodes) joined.take(std::move(node));
  for (const std::string& value : joined.gone()) graph.values.erase(value);
  graph.nodes = std::move(joined).nodes();
}

void optimize(Graph& graph) {
  remove_identities(graph);
  fold_constants(graph);
  fold_batch_norm(graph);
  fuse(graph);
  remove_dead(graph);
}

}  // namespace fovea::graph
