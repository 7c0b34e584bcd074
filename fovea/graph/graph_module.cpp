#include "fovea/graph/graph_module.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "fovea/graph/passes.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {

// Lets anybody add to it.
class GraphModule::Level final : public nn::Module {
 public:
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;
  std::string type_name() const override { return "Weights"; }
};

namespace {

/// Which inputs of an operator are learnt: from `first` up to `last`, with `last` left out.
struct Learnt {
  std::string_view op;
  std::size_t first, last;
};

constexpr Learnt kLearnt[] = {
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

bool is_learnt(const Node& node, std::size_t input, const Tensor& value) {
  const auto* const found = std::ranges::find(kLearnt, node.op, &Learnt::op);
  if (found == std::end(kLearnt) || !node.domain.empty()) return false;
  // A single number that is added or multiplied is a part of a formula.
  const bool formula = (node.op == "Add" || node.op == "Mul") && value.numel() < 2;
  return input >= found->first && input < found->last && !formula;
}

/// For each floating-point initializer, whether it is learnt.
std::map<std::string, bool> weights_of(const Graph& graph) {
  std::map<std::string, bool> weights;
  for (const Node& node : graph.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto value = graph.initializers.find(node.inputs[i]);
      if (value == graph.initializers.end() || !is_differentiable(value->second.dtype())) continue;
      weights[value->first] = weights[value->first] || is_learnt(node, i, value->second);
    }
  }
  return weights;
}

/// Gradients must be able to flow from every parameter to the output.
void check_differentiable(const Graph& graph, const std::map<std::string, bool>& weights) {
  std::set<std::string> on_path;
  for (const auto& [name, learnt] : weights) {
    if (learnt) on_path.insert(name);
  }
  for (const Node& node : graph.nodes) {
    const bool reached = std::ranges::any_of(
        node.inputs, [&](const std::string& input) { return on_path.contains(input); });
    if (!reached) continue;
    const Operator* entry = find_operator(node.domain, node.op);
    check<ArgumentError>(entry == nullptr || entry->differentiable,
                         "graph: operators after a weight expected to have gradients, got ",
                         describe(node));
    on_path.insert(node.outputs.begin(), node.outputs.end());
  }
}

}  // namespace

GraphModule::GraphModule(Graph graph) : graph_(std::move(graph)) {
  check_graph(graph_);
  check<ArgumentError>(graph_.inputs.size() == 1 && graph_.outputs.size() == 1,
                       "graph: a module expected one input and one output, got ",
                       graph_.inputs.size(), " and ", graph_.outputs.size());
  remove_identities(graph_);
  fold_constants(graph_);
  const std::map<std::string, bool> weights = weights_of(graph_);
  check_differentiable(graph_, weights);
  register_weights(weights);
  program_ = std::make_unique<Program>(graph_);
}

void GraphModule::register_weights(const std::map<std::string, bool>& weights) {
  std::map<std::string, std::shared_ptr<Level>> levels;  // by dotted name
  for (const auto& [name, learnt] : weights) {
    // The program must see what an optimiser does, so it reads the registered tensor.
    Tensor& value = graph_.initializers.at(name);
    value = value.clone();
    Level* level = nullptr;
    std::size_t begin = 0;
    for (std::size_t dot = name.find('.'); dot != std::string::npos;
         begin = dot + 1, dot = name.find('.', begin)) {
      const std::string part = name.substr(begin, dot - begin);
      if (part.empty()) continue;
      std::shared_ptr<Level>& child = levels[name.substr(0, dot)];
      if (child == nullptr) {
        child = std::make_shared<Level>();
        if (level == nullptr)
          register_module(part, child);
        else
          level->register_module(part, child);
      }
      level = child.get();
    }
    const std::string last = name.substr(begin);
    if (level != nullptr)
      value = learnt ? level->register_parameter(last, value) : level->register_buffer(last, value);
    else
      value = learnt ? register_parameter(last, value) : register_buffer(last, value);
  }
}

Tensor GraphModule::forward(const Tensor& x) { return program_->run({x})[0]; }

}  // namespace fovea::graph
