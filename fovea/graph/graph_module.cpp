#include "fovea/graph/graph_module.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fovea/graph/passes.h"
#include "fovea/graph/weights.h"
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

/// The first node after a parameter whose operator has no gradient; null when there is none.
const Node* node_without_gradient(const Graph& graph, const std::set<std::string>& parameters) {
  std::set<std::string> on_path = parameters;
  for (const Node& node : graph.nodes) {
    const bool reached = std::ranges::any_of(
        node.inputs, [&](const std::string& input) { return on_path.contains(input); });
    if (!reached) continue;
    const Operator* entry = find_operator(node.domain, node.op);
    if (entry != nullptr && !entry->differentiable) return &node;
    for (const std::string& output : node.outputs)
      if (!output.empty()) on_path.insert(output);
  }
  return nullptr;
}

}  // namespace

GraphModule::GraphModule(Graph graph, const std::optional<std::set<std::string>>& names)
    : graph_(std::move(graph)) {
  check_graph(graph_);
  check<ArgumentError>(graph_.inputs.size() == 1 && graph_.outputs.size() == 1,
                       "graph: a module expected one input and one output, got ",
                       graph_.inputs.size(), " and ", graph_.outputs.size());
  widen(graph_);
  if (!names) hoist_weights(graph_);
  graph_.defaults.clear();  // what is learnt is no input
  // Weights are no constants: what is computed from them must be computed again when they change.
  const std::map<std::string, Tensor> weights =
      take_weights(graph_, names ? *names : weights_of(graph_));
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
  const std::set<std::string> learnt = learnt_values(graph_);
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
  const Program& program = tracer() != nullptr ? *program_ : *fused_;
  const std::int64_t batch = batch_size();
  if (batch < 1 || x.dim() < 1 || x.size(0) == batch) return program.run({x})[0];
  // As many at a time as the graph is made for; the last ones are made up to that with zeros.
  Tensors parts;
  for (std::int64_t at = 0; at < x.size(0); at += batch) {
    const std::int64_t count = std::min(batch, x.size(0) - at);
    Tensor part = x.narrow(0, at, count);
    if (count < batch) {
      Shape rest = x.sizes();
      rest[0] = batch - count;
      part = cat({part, zeros(rest, {.dtype = x.dtype(), .device = x.device()})}, 0);
    }
    parts.push_back(program.run({part})[0].narrow(0, 0, count));
  }
  return cat(parts, 0);
}

std::int64_t GraphModule::batch_size() const {
  const Value& input = graph_.inputs.at(0);
  return input.has_sizes && !input.sizes.empty() && input.sizes[0] != kFree ? input.sizes[0] : 0;
}

}  // namespace fovea::graph
