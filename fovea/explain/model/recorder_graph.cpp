// Runs of graphs.

#include <algorithm>
#include <map>

#include "fovea/explain/model/recorder.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {

namespace {

/// As many samples as the graph takes at once, zeros behind those that are given.
Tensor filled_up(const Tensor& x, std::int64_t batch) {
  if (batch < 1 || x.dim() < 1 || x.size(0) >= batch) return x;
  Shape rest = x.sizes();
  rest[0] = batch - x.size(0);
  return cat({x, zeros(rest, {.dtype = x.dtype(), .device = x.device()})}, 0);
}

/// Notes the nodes of a graph that runs.
class NodeRecorder {
 public:
  NodeRecorder(const graph::GraphModule& module, const Tensor& x)
      : graph_(module.graph()), values_(graph_.initializers.begin(), graph_.initializers.end()) {
    values_[graph_.inputs.at(0).name] = x;
    sources_[graph_.inputs[0].name] = {kInputName};
    for (const auto& [name, tensor] : module.named_parameters()) uncounted_[name] = tensor.numel();
  }

  void start() { clock_.start(); }
  void node_ran(std::size_t i, const Tensors& results) {
    const RunClock::Pause pause(clock_);
    const graph::Node& node = graph_.nodes[i];
    LayerRun layer{.name = node.name.empty() ? node.outputs[0] : node.name,
                   .type = node.op,
                   .op = node.op,
                   .inputs = {},
                   .outputs = results,
                   .attributes = node.attributes,
                   .opset = graph_.opset,
                   .parts = {},
                   .milliseconds = pause.milliseconds};
    bool depends = false;
    for (const std::string& name : node.inputs) {
      layer.inputs.push_back(name.empty() ? Tensor() : values_.at(name));
      const auto found = sources_.find(name);
      depends = depends || found != sources_.end();
      if (found == sources_.end()) continue;
      for (const std::string& source : found->second) add_once(layer.sources, source);
    }
    for (std::size_t k = 0; k < node.outputs.size(); ++k) values_[node.outputs[k]] = results[k];
    if (!depends) return;
    if (is_layer(results)) layer.name = names_.unique(layer.name);
    for (std::size_t k = 0; k < node.outputs.size(); ++k)
      sources_[node.outputs[k]] = is_layer(results)                 ? std::vector{layer.name}
                                  : is_floating(results[k].dtype()) ? layer.sources
                                                                    : std::vector<std::string>();
    if (!is_layer(results)) return;
    for (const std::string& name : node.inputs) {
      if (const auto found = uncounted_.find(name); found != uncounted_.end())
        layer.parameters += uncounted_.extract(found).mapped();
    }
    layers_.push_back(std::move(layer));
  }
  std::vector<LayerRun> finish() { return std::move(layers_); }

 private:
  const graph::Graph& graph_;
  std::map<std::string, Tensor> values_;
  std::map<std::string, std::vector<std::string>> sources_;  // of values that the input decides
  std::map<std::string, std::int64_t> uncounted_;            // parameters that no layer has counted
  RunClock clock_;
  LayerNames names_;
  std::vector<LayerRun> layers_;
};

}  // namespace

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

bool is_layer(const Tensors& outputs) {
  return !outputs.empty() && outputs[0].defined() && is_floating(outputs[0].dtype()) &&
         outputs[0].dim() > 0;
}

ModelRun run_graph(const graph::GraphModule& module, const Tensor& given) {
  const Tensor x = filled_up(given, module.batch_size());
  NodeRecorder recorder(module, x);
  recorder.start();
  const Tensors outputs = module.program().run_observed(
      {x}, [&](std::size_t i, const Tensors& results) { recorder.node_ran(i, results); });
  return {.input = x, .output = outputs.at(0), .layers = recorder.finish()};
}

}  // namespace fovea::explain
