#include "fovea/graph/weights.h"

#include <algorithm>
#include <vector>

#include "fovea/graph/operators.h"

namespace fovea::graph {

namespace {

/// That of a node; of one that Fovea does not have nothing is known.
const Operator& operator_of(const Node& node) {
  static constexpr Operator kUnknown = {"", nullptr};
  const Operator* const found = find_operator(node.domain, node.op);
  return found == nullptr ? kUnknown : *found;
}

bool gives_any_of(const Node& node, const std::set<std::string>& values) {
  return std::ranges::any_of(node.outputs, [&](const std::string& output) {
    return !output.empty() && values.contains(output);
  });
}

/// True for a constant, or an input of known sizes, of fewer than two elements.
bool is_single(const Graph& graph, const std::string& name) {
  if (const auto found = graph.initializers.find(name); found != graph.initializers.end())
    return found->second.numel() < 2;
  const auto input = std::ranges::find(graph.inputs, name, &Value::name);
  return input != graph.inputs.end() && input->has_sizes &&
         std::ranges::all_of(input->sizes,
                             [](std::int64_t size) { return size == 0 || size == 1; });
}

}  // namespace

void hoist_weights(Graph& graph) {
  const std::set<std::string> numbers = numbers_of(graph);
  std::set<std::string> taken;  // names of inputs and of initializers
  for (const Value& input : graph.inputs) taken.insert(input.name);
  for (const auto& [name, tensor] : graph.initializers) taken.insert(name);
  std::set<std::string> hoisted;
  for (const Node& node : graph.nodes) {
    const std::string name = node.outputs.empty() ? "" : node.outputs[0];
    const bool fits = node.op == "Constant" && node.domain.empty() && is_weight_name(name) &&
                      !numbers.contains(name) && taken.insert(name).second;
    if (!fits) continue;
    const Tensor value = bind_node(node, graph.opset, graph.file)(Inputs({}, node.op))[0];
    if (!is_floating(value.dtype())) continue;
    graph.initializers[name] = value;
    hoisted.insert(name);
  }
  // What layers learn can only be said of constants whose sizes are known.
  const std::set<std::string> learnt = learnt_values(graph);
  std::erase_if(graph.initializers, [&](const auto& entry) {
    const bool is_number = entry.second.numel() < 2 && !learnt.contains(entry.first);
    return is_number && hoisted.erase(entry.first) > 0;
  });
  std::erase_if(graph.nodes, [&](const Node& node) {
    return node.op == "Constant" && !node.outputs.empty() && hoisted.contains(node.outputs[0]);
  });
  for (const std::string& name : hoisted) graph.values.erase(name);
}

std::set<std::string> numbers_of(const Graph& graph) {
  std::set<std::string> numbers;
  // From the last node to the first: readers of a value come before the node that makes it.
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const Operator& op = operator_of(*node);
    const bool makes_numbers = gives_any_of(*node, numbers) && op.results != Results::kOfShape;
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      if (node->inputs[i].empty()) continue;
      if (makes_numbers || op.numbers.has(i)) numbers.insert(node->inputs[i]);
    }
  }
  return numbers;
}

std::set<std::string> learnt_values(const Graph& graph) {
  std::set<std::string> learnt;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const Operator& op = operator_of(*node);
    const bool in_formula = node->op == "Add" || node->op == "Mul";
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      const std::string& input = node->inputs[i];
      if (input.empty() || !op.learnt.has(i)) continue;
      if (!in_formula || !is_single(graph, input)) learnt.insert(input);
    }
    const bool reshapes = op.results == Results::kReshaped && !input_of(*node, 0).empty();
    if (reshapes && gives_any_of(*node, learnt)) learnt.emplace(input_of(*node, 0));
  }
  return learnt;
}

bool is_weight_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         name.find("..") == std::string::npos;
}

std::set<std::string> weights_of(const Graph& graph) {
  const std::set<std::string> numbers = numbers_of(graph);
  std::set<std::string> names;
  for (const auto& [name, tensor] : graph.initializers) {
    if (is_floating(tensor.dtype()) && !numbers.contains(name)) names.insert(name);
  }
  return names;
}

std::map<std::string, Tensor> take_weights(Graph& graph, const std::set<std::string>& names) {
  std::map<std::string, Tensor> weights;
  std::erase_if(graph.initializers, [&](const auto& entry) {
    const auto& [name, tensor] = entry;
    if (!names.contains(name)) return false;
    weights[name] = tensor;
    graph.inputs.push_back(
        {.name = name, .dtype = tensor.dtype(), .sizes = to_ints(tensor.sizes())});
    return true;
  });
  return weights;
}

void give_weights(Graph& graph, const std::map<std::string, Tensor>& weights) {
  std::erase_if(graph.inputs, [&](const Value& input) {
    const auto found = weights.find(input.name);
    if (found != weights.end()) graph.initializers[input.name] = found->second;
    return found != weights.end();
  });
}

}  // namespace fovea::graph
