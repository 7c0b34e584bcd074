#include "fovea/graph/program.h"

#include <unordered_map>

namespace fovea::graph {

Program::Program(const Graph& graph) : inputs_(graph.inputs), outputs_(graph.outputs) {
  check_graph(graph);
  std::unordered_map<std::string, std::size_t> slots = {{"", 0}};
  start_.resize(1);
  const auto add = [&](const std::string& name) {
    start_.emplace_back();
    return slots[name] = start_.size() - 1;
  };
  for (const auto& [name, tensor] : graph.initializers) start_[add(name)] = tensor;
  for (const Value& input : graph.inputs) input_slots_.push_back(add(input.name));
  std::unordered_map<std::size_t, std::size_t> last_use;  // of a slot: the step
  for (const Node& node : graph.nodes) {
    Step step{.run = bind_node(node, graph.opset, graph.file),
              .where = NodeReader(node, graph.opset, graph.file).where(),
              .inputs = {},
              .outputs = {},
              .last_uses = {}};
    for (const std::string& input : node.inputs) step.inputs.push_back(slots.at(input));
    for (const std::string& output : node.outputs)
      step.outputs.push_back(output.empty() ? 0 : add(output));
    for (const std::size_t slot : step.inputs) last_use[slot] = steps_.size();
    for (const std::size_t slot : step.outputs) last_use[slot] = steps_.size();
    steps_.push_back(std::move(step));
  }
  for (const Value& output : graph.outputs) {
    output_slots_.push_back(slots.at(output.name));
    last_use.erase(output_slots_.back());
  }
  for (const auto& [slot, step] : last_use) {
    if (!start_[slot].defined()) steps_[step].last_uses.push_back(slot);
  }
}

void Program::check_inputs(const Tensors& inputs) const {
  check<ArgumentError>(inputs.size() == inputs_.size(), "graph: inputs expected ", inputs_.size(),
                       ", got ", inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check<ArgumentError>(inputs[i].defined(), "graph: input \"", inputs_[i].name,
                         "\" expected a tensor, got none");
    check_fits("graph", inputs_[i], inputs[i]);
  }
}

Tensors Program::run(const Tensors& inputs) const { return run_observed(inputs, {}); }

Tensors Program::run_observed(const Tensors& inputs, const Observer& observer) const {
  check_inputs(inputs);
  Tensors values = start_;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[input_slots_[i]] = inputs[i];
  Tensors arguments;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    arguments.clear();
    for (const std::size_t slot : step.inputs) arguments.push_back(values[slot]);
    Tensors results = step.run(Inputs(arguments, step.where));
    if (observer) observer(i, results);
    for (std::size_t k = 0; k < step.outputs.size(); ++k) {
      if (step.outputs[k] != 0) values[step.outputs[k]] = std::move(results[k]);
    }
    arguments.clear();
    for (const std::size_t slot : step.last_uses) values[slot] = Tensor();
  }
  Tensors outputs;
  for (const std::size_t slot : output_slots_) outputs.push_back(values[slot]);
  return outputs;
}

}  // namespace fovea::graph
