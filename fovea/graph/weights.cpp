#include "fovea/graph/weights.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "fovea/graph/operators.h"

namespace fovea::graph {

namespace {

/// Inputs of an operator: from `first` up to `last`, with `last` left out.
struct Part {
  std::string_view op;
  std::size_t first, last;
};

constexpr Part kLearnt[] = {
    {"Conv", 1, 3},
    {"ConvTranspose", 1, 3},
    {"Gemm", 0, 3},
    {"MatMul", 0, 2},
    {"BatchNormalization", 1, 3},
    {"InstanceNormalization", 1, 3},
    {"LayerNormalization", 1, 3},
    {"GroupNormalization", 1, 3},
    {"PRelu", 1, 2},
    {"Add", 0, 2},
    {"Mul", 0, 2},
};

/// Inputs that are read for their numbers.
constexpr Part kNumbers[] = {
    {"Clip", 1, 3},
    {"ConstantOfShape", 0, 1},
    {"Dropout", 1, 3},
    {"Expand", 1, 2},
    {"OneHot", 1, 3},
    {"Pad", 1, 4},
    {"Range", 0, 3},
    {"ReduceL1", 1, 2},
    {"ReduceL2", 1, 2},
    {"ReduceLogSum", 1, 2},
    {"ReduceLogSumExp", 1, 2},
    {"ReduceMax", 1, 2},
    {"ReduceMean", 1, 2},
    {"ReduceMin", 1, 2},
    {"ReduceProd", 1, 2},
    {"ReduceSum", 1, 2},
    {"ReduceSumSquare", 1, 2},
    {"Reshape", 1, 2},
    {"Resize", 1, 4},
    {"Slice", 1, 5},
    {"Split", 1, 2},
    {"Squeeze", 1, 2},
    {"Tile", 1, 2},
    {"Unsqueeze", 1, 2},
    {"Upsample", 1, 2},
};

/// Operators that give the elements of their first input in another shape or type.
constexpr std::array<std::string_view, 7> kReshaping = {
    "Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"};

/// Operators whose results say nothing of their inputs' elements.
constexpr std::array<std::string_view, 2> kOfShapes = {"Shape", "Size"};

template <std::size_t N>
bool is_among(const Part (&parts)[N], const Node& node, std::size_t input) {
  const auto* const found = std::ranges::find(parts, node.op, &Part::op);
  return found != std::end(parts) && node.domain.empty() && input >= found->first &&
         input < found->last;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& ops, const Node& node) {
  return node.domain.empty() && std::ranges::find(ops, node.op) != ops.end();
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
    const bool makes_numbers = gives_any_of(*node, numbers) && !is_one_of(kOfShapes, *node);
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      if (node->inputs[i].empty()) continue;
      if (makes_numbers || is_among(kNumbers, *node, i)) numbers.insert(node->inputs[i]);
    }
  }
  return numbers;
}

std::set<std::string> learnt_values(const Graph& graph) {
  std::set<std::string> learnt;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool in_formula = node->op == "Add" || node->op == "Mul";
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      const std::string& input = node->inputs[i];
      if (input.empty() || !is_among(kLearnt, *node, i)) continue;
      if (!in_formula || !is_single(graph, input)) learnt.insert(input);
    }
    if (is_one_of(kReshaping, *node) && gives_any_of(*node, learnt) && !input_of(*node, 0).empty())
      learnt.emplace(input_of(*node, 0));
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
