#include "fovea/explain/model/run.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "fovea/core/language.h"
#include "fovea/core/suggest.h"
#include "fovea/graph/graph_module.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/prepared.h"

namespace fovea::explain {

namespace {

/// Names that are taken once: "add", "add_1", ...
class Names {
 public:
  void take(const std::string& name) { taken_.insert(name); }
  std::string unique(const std::string& name) {
    std::string result = name;
    for (int i = 1; taken_.contains(result); ++i) result = name + "_" + std::to_string(i);
    taken_.insert(result);
    return result;
  }

 private:
  std::set<std::string> taken_;
};

std::string small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Whether people may want to look at it.
bool is_layer(const Tensors& outputs) {
  return !outputs.empty() && outputs[0].defined() && is_floating(outputs[0].dtype()) &&
         outputs[0].dim() > 0;
}

/// Notes operations, and by hooks the modules that they belong to.
class LayerRecorder final : public Tracer {
 public:
  LayerRecorder(nn::Module& module, const Tensor& input) {
    for (const auto& [name, tensor] : module.named_parameters()) know(tensor, name);
    for (const auto& [name, tensor] : module.named_buffers()) know(tensor, name);
    from_input_.insert(keep(input));
    for (const auto& [name, part] : module.named_modules()) {
      if (!part->named_children().empty()) continue;
      const std::string called = name.empty() ? small_letters(part->type_name()) : name;
      hooks_.emplace_back(part, part->register_forward_hook(
                                    [this, called](nn::Module& self, const Tensor& x, Tensor& y) {
                                      finish_module(called, self.type_name(), x, y);
                                    }));
    }
  }
  ~LayerRecorder() override {
    for (const auto& [module, id] : hooks_) module->remove_forward_hook(id);
  }
  LayerRecorder(const LayerRecorder&) = delete;
  LayerRecorder& operator=(const LayerRecorder&) = delete;

  void operation(std::string_view op, const Tensors& inputs, const Tensors& outputs,
                 Attributes attributes) override {
    LayerRun run{.name = traced_names_.unique(traced_name(op, inputs)),
                 .type = std::string(op),
                 .op = std::string(op),
                 .inputs = inputs,
                 .outputs = outputs,
                 .attributes = std::move(attributes),
                 .parts = {}};
    for (const Tensor& output : outputs) {
      if (depends(inputs)) from_input_.insert(keep(output));
    }
    // What the tape has told of before, under another name, is this.
    if (!pending_.empty() && !outputs.empty() && pending_.back().op.empty() &&
        is_same(pending_.back().output(), outputs[0]))
      pending_.pop_back();
    pending_.push_back(std::move(run));
  }

  void recorded(std::string_view operation, const Tensors& inputs, const Tensor& output) override {
    if (!depends(inputs)) return;
    from_input_.insert(keep(output));
    pending_.push_back({.name = std::string(operation),
                        .type = std::string(operation),
                        .op = {},
                        .inputs = inputs,
                        .outputs = {output},
                        .parts = {}});
  }

  void detached(const Tensor& original, const Tensor& same) override {
    const TensorImpl *from = keep(original), *to = keep(same);
    if (from_input_.contains(from)) from_input_.insert(to);
    same_as_[to] = source_of(from);
  }

  std::vector<LayerRun> finish() {
    give_functions();
    return std::move(layers_);
  }

 private:
  /// Tensors are known by address, so each stays alive as long as the run is recorded.
  const TensorImpl* keep(const Tensor& tensor) {
    kept_.push_back(tensor);
    return tensor.impl().get();
  }
  void know(const Tensor& weight, const std::string& name) {
    weights_[keep(weight)] = name;
    traced_names_.take(name);
  }
  const TensorImpl* source_of(const TensorImpl* impl) const {
    const auto found = same_as_.find(impl);
    return found == same_as_.end() ? impl : found->second;
  }
  bool is_same(const Tensor& a, const Tensor& b) const {
    return source_of(a.impl().get()) == source_of(b.impl().get());
  }
  bool depends(const Tensors& inputs) const {
    return std::ranges::any_of(inputs, [&](const Tensor& input) {
      return input.defined() && from_input_.contains(input.impl().get());
    });
  }

  /// As graph::trace does: the module whose weight it uses, or the operator in small letters.
  std::string traced_name(std::string_view op, const Tensors& inputs) const {
    for (const Tensor& input : inputs) {
      if (!input.defined()) continue;
      const auto weight = weights_.find(source_of(input.impl().get()));
      if (weight == weights_.end()) continue;
      const std::size_t dot = weight->second.rfind('.');
      if (dot != std::string::npos) return weight->second.substr(0, dot);
    }
    return small_letters(std::string(op));
  }

  /// Of what is pending, takes out what leads from x to y: what the module did.
  std::vector<LayerRun> take_way(const Tensor& x, const Tensor& y) {
    std::unordered_set<const TensorImpl*> wanted;
    const TensorImpl* const start = source_of(x.impl().get());
    const auto want = [&](const Tensor& tensor) {
      if (tensor.defined() && source_of(tensor.impl().get()) != start)
        wanted.insert(source_of(tensor.impl().get()));
    };
    want(y);
    std::vector<LayerRun> way, others;
    for (; !pending_.empty(); pending_.pop_back()) {
      LayerRun& run = pending_.back();
      const bool here = std::ranges::any_of(run.outputs, [&](const Tensor& output) {
        return output.defined() && wanted.contains(source_of(output.impl().get()));
      });
      if (here) std::ranges::for_each(run.inputs, want);
      (here ? way : others).push_back(std::move(run));
    }
    std::ranges::reverse(way);
    std::ranges::reverse(others);
    pending_ = std::move(others);
    std::erase_if(way, [](const LayerRun& run) { return run.op == "Identity"; });
    return way;
  }

  void finish_module(const std::string& name, const std::string& type, const Tensor& x,
                     const Tensor& y) {
    std::vector<LayerRun> way = take_way(x, y);
    give_functions();
    if (!depends({x}) || !is_layer({y})) return;
    LayerRun layer{.name = names_.unique(name),
                   .type = type,
                   .op = {},
                   .inputs = {x},
                   .outputs = {y},
                   .parts = {}};
    if (way.size() == 1) {
      layer.op = way[0].op;
      layer.inputs = std::move(way[0].inputs);
      layer.outputs = std::move(way[0].outputs);
      layer.attributes = std::move(way[0].attributes);
    } else if (way.size() > 1) {
      for (LayerRun& part : way) {
        part.name = names_.unique(layer.name + "." + small_letters(part.type));
        layer.parts.push_back(std::move(part));
      }
    }
    layers_.push_back(std::move(layer));
  }

  /// What is pending was done by no module without children.
  void give_functions() {
    for (LayerRun& run : pending_) {
      if (run.op == "Identity" || !depends(run.inputs) || !is_layer(run.outputs)) continue;
      run.name = names_.unique(run.name);
      layers_.push_back(std::move(run));
    }
    pending_.clear();
  }

  std::vector<std::pair<nn::Module*, std::int64_t>> hooks_;
  Tensors kept_;
  std::unordered_map<const TensorImpl*, std::string> weights_;
  std::unordered_map<const TensorImpl*, const TensorImpl*> same_as_;
  std::unordered_set<const TensorImpl*> from_input_;
  Names traced_names_, names_;
  std::vector<LayerRun> pending_, layers_;
};

/// As many samples as the graph takes at once, zeros behind those that are given.
Tensor filled_up(const Tensor& x, std::int64_t batch) {
  if (batch < 1 || x.dim() < 1 || x.size(0) >= batch) return x;
  Shape rest = x.sizes();
  rest[0] = batch - x.size(0);
  return cat({x, zeros(rest, {.dtype = x.dtype(), .device = x.device()})}, 0);
}

ModelRun run_graph(const graph::GraphModule& module, const Tensor& given) {
  const graph::Graph& graph = module.graph();
  const Tensor x = filled_up(given, module.batch_size());
  std::map<std::string, Tensor> values(graph.initializers.begin(), graph.initializers.end());
  values[graph.inputs.at(0).name] = x;
  std::set<std::string> from_input = {graph.inputs[0].name};
  Names names;
  ModelRun run{.input = x, .output = {}, .layers = {}};
  const Tensors outputs =
      module.program().run_observed({x}, [&](std::size_t i, const Tensors& results) {
        const graph::Node& node = graph.nodes[i];
        LayerRun layer{.name = node.name.empty() ? node.outputs[0] : node.name,
                       .type = node.op,
                       .op = node.op,
                       .inputs = {},
                       .outputs = results,
                       .attributes = node.attributes,
                       .opset = graph.opset,
                       .parts = {}};
        const bool depends = std::ranges::any_of(
            node.inputs, [&](const std::string& name) { return from_input.contains(name); });
        for (const std::string& name : node.inputs)
          layer.inputs.push_back(name.empty() ? Tensor() : values.at(name));
        for (std::size_t k = 0; k < node.outputs.size(); ++k) {
          values[node.outputs[k]] = results[k];
          if (depends) from_input.insert(node.outputs[k]);
        }
        if (!depends || !is_layer(results)) return;
        layer.name = names.unique(layer.name);
        run.layers.push_back(std::move(layer));
      });
  run.output = outputs.at(0);
  return run;
}

/// What somebody may have meant: the layers inside what was named, or the nearest ones.
Text near_names(const std::vector<std::string>& all, const std::string& name) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> near;
  for (const std::string& one : all) {
    if (one.starts_with(name + ".")) near.push_back(one);
  }
  Text meant;
  if (near.empty()) meant = meant_word(name, all);
  if (near.empty()) {
    near = all;
    std::ranges::stable_sort(near, {},
                             [&](const std::string& one) { return edit_distance(name, one); });
  }
  if (near.size() > kMost) near.resize(kMost);
  const std::string list = join_words(near);
  return {meant.english + " (layers: " + list + ")", meant.korean + " (레이어: " + list + ")"};
}

}  // namespace

graph::Node LayerRun::node() const {
  return {.name = name, .op = op, .inputs = {}, .outputs = {}, .attributes = attributes};
}

ModelRun run_model(nn::Module& module, const Tensor& x, const std::function<Tensor()>& forward) {
  const RunOnceScope once;
  if (const auto* graph = dynamic_cast<const graph::GraphModule*>(&module))
    return run_graph(*graph, x);
  LayerRecorder recorder(module, x);
  ModelRun run{.input = x, .output = {}, .layers = {}};
  {
    const TraceScope tracing(recorder);
    run.output = forward ? forward() : module(x);
  }
  run.layers = recorder.finish();
  return run;
}

ModelRun evaluate_model(nn::Module& module, const Tensor& x) {
  const ModeScope evaluation(module, false);
  return run_model(module, x);
}

const LayerRun& find_layer(const ModelRun& run, const std::string& name) {
  std::vector<std::string> names;
  for (const LayerRun& layer : run.layers) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
    for (const LayerRun& part : layer.parts)
      if (part.name == name) return part;
  }
  const Text near = near_names(names, name);
  throw InBoth<ArgumentError>(
      {str("explain: layer expected to be one that runs, got \"", name, "\"", near.english),
       str("explain: 실행되는 레이어의 이름이어야 하는데 \"", name, "\"입니다", near.korean)});
}

ModeScope::ModeScope(nn::Module& module, bool training) {
  for (const auto& [name, part] : module.named_modules())
    before_.emplace_back(part, part->is_training());
  module.train(training);
}

ModeScope::~ModeScope() {
  // Parents first, so that each part ends in its own mode.
  for (const auto& [part, training] : before_) part->train(training);
}

}  // namespace fovea::explain
