#include "fovea/graph/graph_module.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "fovea/graph/passes.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

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

/// Operators that give the elements of their first input in another shape.
constexpr std::array<std::string_view, 6> kReshaping = {"Flatten", "Identity",  "Reshape",
                                                        "Squeeze", "Transpose", "Unsqueeze"};

bool is_learnt(const Node& node, std::size_t input) {
  const auto* const found = std::ranges::find(kLearnt, node.op, &Learnt::op);
  return found != std::end(kLearnt) && node.domain.empty() && input >= found->first &&
         input < found->last;
}

/// Names of values that layers learn, activations among them; single numbers that are added or
/// multiplied, parts of formulas, are not.
std::set<std::string> learnt_values(const Graph& graph,
                                    const std::map<std::string, Tensor>& weights) {
  std::set<std::string> learnt;
  // From the last node to the first: readers of a value come before the node that makes it.
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      const auto weight = weights.find(node->inputs[i]);
      const bool number = weight != weights.end() && weight->second.numel() < 2 &&
                          (node->op == "Add" || node->op == "Mul");
      if (is_learnt(*node, i) && !number) learnt.insert(node->inputs[i]);
    }
    const bool reshapes =
        node->domain.empty() && std::ranges::find(kReshaping, node->op) != kReshaping.end();
    if (reshapes && learnt.contains(node->outputs.at(0))) learnt.emplace(input_of(*node, 0));
  }
  return learnt;
}

/// The first node after a parameter whose operator has no gradient; null when there is none.
const Node* node_without_gradient(const Graph& graph, const std::set<std::string>& parameters) {
  std::set<std::string> on_path = parameters;
  for (const Node& node : graph.nodes) {
    const bool reached = std::ranges::any_of(
        node.inputs, [&](const std::string& input) { return on_path.contains(input); });
    if (!reached) continue;
    const Operator* entry = find_operator(node.domain, node.op);
    if (entry != nullptr && !entry->differentiable) return &node;
    on_path.insert(node.outputs.begin(), node.outputs.end());
  }
  return nullptr;
}

}  // namespace

std::map<std::string, Tensor> take_weights(Graph& graph) {
  std::map<std::string, Tensor> weights;
  for (const auto& [name, tensor] : graph.initializers) {
    if (!is_differentiable(tensor.dtype())) continue;
    weights[name] = tensor;
    graph.inputs.push_back(
        {.name = name, .dtype = tensor.dtype(), .sizes = to_ints(tensor.sizes())});
  }
  std::erase_if(graph.initializers,
                [&](const auto& entry) { return weights.contains(entry.first); });
  return weights;
}

void give_weights(Graph& graph, const std::map<std::string, Tensor>& weights) {
  std::erase_if(graph.inputs, [&](const Value& input) {
    const auto found = weights.find(input.name);
    if (found != weights.end()) graph.initializers[input.name] = found->second;
    return found != weights.end();
  });
}

GraphModule::GraphModule(Graph graph) : graph_(std::move(graph)) {
  check_graph(graph_);
  check<ArgumentError>(graph_.inputs.size() == 1 && graph_.outputs.size() == 1,
                       "graph: a module expected one input and one output, got ",
                       graph_.inputs.size(), " and ", graph_.outputs.size());
  // Weights are no constants: what is computed from them must be computed again when they change.
  const std::map<std::string, Tensor> weights = take_weights(graph_);
  remove_identities(graph_);
  fold_constants(graph_);
  register_weights(weights);
  give_weights(graph_, weights);  // what is left of them is used by nobody
  remove_dead(graph_);
  for (const auto& [name, tensor] : graph_.initializers) {
    if (!weights.contains(name)) constants_.insert(name);
  }
  make_programs();
}

void GraphModule::make_programs() {
  program_ = std::make_unique<Program>(graph_);
  Graph joined = graph_;
  fuse_for_training(joined);
  fused_ = std::make_unique<Program>(joined);
}

void GraphModule::register_weights(const std::map<std::string, Tensor>& weights) {
  const std::set<std::string> learnt = learnt_values(graph_, weights);
  std::map<std::string, std::shared_ptr<Level>> levels;  // by dotted name
  std::set<std::string> parameters;
  std::map<std::string, Tensor> registered;
  for (const Node& node : graph_.nodes) {
    for (const std::string& name : node.inputs) {
      const auto weight = weights.find(name);
      if (weight == weights.end() || registered.contains(name)) continue;
      if (learnt.contains(name)) parameters.insert(name);
      registered[name] = add(name, weight->second, learnt.contains(name), levels);
    }
  }
  if (const Node* node = node_without_gradient(graph_, parameters)) no_gradient_ = describe(*node);
  // The program must see what an optimiser does, so it reads the registered tensors.
  give_weights(graph_, registered);
}

// Registers a weight, whose name may have dots, and returns the module's tensor.
Tensor GraphModule::add(const std::string& name, const Tensor& value, bool learnt,
                        std::map<std::string, std::shared_ptr<Level>>& levels) {
  Level* level = nullptr;
  std::size_t begin = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos;
       begin = dot + 1, dot = name.find('.', begin)) {
    std::shared_ptr<Level>& child = levels[name.substr(0, dot)];
    if (child == nullptr) {
      child = std::make_shared<Level>();
      const std::string part = name.substr(begin, dot - begin);
      if (level == nullptr)
        register_module(part, child);
      else
        level->register_module(part, child);
    }
    level = child.get();
  }
  const std::string last = name.substr(begin);
  // Nobody else's tensor is changed; one that nobody else holds is not copied.
  const bool sole = value.impl().use_count() == 1 && value.impl()->storage.use_count() == 1;
  const Tensor own = sole ? value : value.clone();
  if (level != nullptr)
    return learnt ? level->register_parameter(last, own) : level->register_buffer(last, own);
  return learnt ? register_parameter(last, own) : register_buffer(last, own);
}

void GraphModule::check_trainable() const {
  check<ParseError>(no_gradient_.empty(),
                    "graph: operators after a weight expected to have gradients, got ",
                    no_gradient_);
}

// The module moves its parameters and buffers; constants of the graph follow the input.
void GraphModule::move_constants(Device device) {
  for (auto& [name, tensor] : graph_.initializers) {
    if (constants_.contains(name)) tensor = tensor.to(device);
  }
  make_programs();
  device_ = device;
}

Tensor GraphModule::forward(const Tensor& x) {
  if (is_training()) check_trainable();
  if (x.device() != device_) move_constants(x.device());
  return (tracer() != nullptr ? program_ : fused_)->run({x})[0];
}

}  // namespace fovea::graph
