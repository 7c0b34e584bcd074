// Runs of modules.

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fovea/explain/model/recorder.h"

namespace fovea::explain {

namespace {

std::string small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Notes operations, and by hooks the modules that they belong to.
class LayerRecorder final : public Tracer {
 public:
  LayerRecorder(nn::Module& module, const Tensor& input) {
    for (const auto& [name, tensor] : module.named_parameters()) {
      know(tensor, name);
      uncounted_.insert(tensor.impl().get());
    }
    for (const auto& [name, tensor] : module.named_buffers()) know(tensor, name);
    input_ = keep(input);
    from_input_.insert(input_);
    for (const auto& [name, part] : module.named_modules()) {
      if (!part->named_children().empty()) continue;
      const std::string called = name.empty() ? small_letters(part->type_name()) : name;
      hooks_.emplace_back(part, part->register_forward_hook(
                                    [this, called](nn::Module& self, const Tensor& x, Tensor& y) {
                                      finish_module(called, self, x, y);
                                    }));
    }
    clock_.start();
  }
  ~LayerRecorder() override {
    for (const auto& [module, id] : hooks_) module->remove_forward_hook(id);
  }
  LayerRecorder(const LayerRecorder&) = delete;
  LayerRecorder& operator=(const LayerRecorder&) = delete;

  void operation(std::string_view op, const Tensors& inputs, const Tensors& outputs,
                 Attributes attributes) override {
    const RunClock::Pause pause(clock_);
    LayerRun run{.name = traced_names_.unique(traced_name(op, inputs)),
                 .type = std::string(op),
                 .op = std::string(op),
                 .inputs = inputs,
                 .outputs = outputs,
                 .attributes = std::move(attributes),
                 .parts = {},
                 .milliseconds = pause.milliseconds};
    for (const Tensor& output : outputs) {
      if (depends(inputs)) descend(inputs, output);
    }
    // What the tape has told of before, under another name, is this.
    if (!pending_.empty() && !outputs.empty() && pending_.back().op.empty() &&
        is_same(pending_.back().output(), outputs[0])) {
      run.milliseconds += pending_.back().milliseconds;
      pending_.pop_back();
    }
    pending_.push_back(std::move(run));
  }

  void recorded(std::string_view operation, const Tensors& inputs, const Tensor& output) override {
    if (!depends(inputs)) return;  // its time is that of the next one, which uses it
    const RunClock::Pause pause(clock_);
    descend(inputs, output);
    pending_.push_back({.name = std::string(operation),
                        .type = std::string(operation),
                        .op = {},
                        .inputs = inputs,
                        .outputs = {output},
                        .parts = {},
                        .milliseconds = pause.milliseconds});
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

  /// `output` was computed from these.
  void descend(const Tensors& inputs, const Tensor& output) {
    const TensorImpl* const to = keep(output);
    from_input_.insert(to);
    if (!output.defined() || !is_floating(output.dtype())) return;
    std::vector<const TensorImpl*>& parents = parents_[source_of(to)];
    for (const Tensor& input : inputs)
      if (input.defined()) parents.push_back(source_of(input.impl().get()));
  }

  /// Adds to `names` whose output the tensor is, or whose outputs it was made of.
  void find_sources(const TensorImpl* impl, std::unordered_set<const TensorImpl*>& seen,
                    std::vector<std::string>& names) const {
    impl = source_of(impl);
    if (!seen.insert(impl).second || !from_input_.contains(impl)) return;
    if (const auto maker = made_by_.find(impl); maker != made_by_.end())
      return add_once(names, maker->second);
    if (impl == source_of(input_)) return add_once(names, kInputName);
    const auto parents = parents_.find(impl);
    if (parents == parents_.end()) return;
    for (const TensorImpl* const parent : parents->second) find_sources(parent, seen, names);
  }

  /// The layer is complete but for what it has to do with others.
  void add_layer(LayerRun&& layer) {
    std::unordered_set<const TensorImpl*> seen;
    for (const Tensor& input : layer.inputs)
      if (input.defined()) find_sources(input.impl().get(), seen, layer.sources);
    for (const Tensor& input : layer.inputs) count_parameter(input, layer);
    for (const Tensor& output : layer.outputs)
      if (output.defined()) made_by_[source_of(output.impl().get())] = layer.name;
    layers_.push_back(std::move(layer));
  }
  void count_parameter(const Tensor& tensor, LayerRun& layer) {
    if (tensor.defined() && uncounted_.erase(source_of(tensor.impl().get())) > 0)
      layer.parameters += tensor.numel();
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

  /// Of what is pending, takes out what leads from x to y: what the module did. Adds its time.
  std::vector<LayerRun> take_way(const Tensor& x, const Tensor& y, double& milliseconds) {
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
      if (here) {
        std::ranges::for_each(run.inputs, want);
        milliseconds += run.milliseconds;
      }
      (here ? way : others).push_back(std::move(run));
    }
    std::ranges::reverse(way);
    std::ranges::reverse(others);
    pending_ = std::move(others);
    std::erase_if(way, [](const LayerRun& run) { return run.op == "Identity"; });
    return way;
  }

  void finish_module(const std::string& name, const nn::Module& module, const Tensor& x,
                     const Tensor& y) {
    const RunClock::Pause pause(clock_);
    double milliseconds = pause.milliseconds;
    std::vector<LayerRun> way = take_way(x, y, milliseconds);
    give_functions();
    if (!depends({x}) || !is_layer({y})) return;
    LayerRun layer{.name = names_.unique(name),
                   .type = module.type_name(),
                   .op = {},
                   .inputs = {x},
                   .outputs = {y},
                   .parts = {},
                   .milliseconds = milliseconds};
    for (const auto& [parameter, tensor] : module.named_parameters())
      count_parameter(tensor, layer);
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
    add_layer(std::move(layer));
  }

  /// What is pending was done by no module without children.
  void give_functions() {
    for (LayerRun& run : pending_) {
      if (run.op == "Identity" || !depends(run.inputs) || !is_layer(run.outputs)) continue;
      run.name = names_.unique(run.name);
      add_layer(std::move(run));
    }
    pending_.clear();
  }

  std::vector<std::pair<nn::Module*, std::int64_t>> hooks_;
  Tensors kept_;
  std::unordered_map<const TensorImpl*, std::string> weights_;
  std::unordered_map<const TensorImpl*, const TensorImpl*> same_as_;
  std::unordered_set<const TensorImpl*> from_input_;
  const TensorImpl* input_ = nullptr;
  std::unordered_map<const TensorImpl*, std::vector<const TensorImpl*>> parents_;
  std::unordered_map<const TensorImpl*, std::string> made_by_;
  std::unordered_set<const TensorImpl*> uncounted_;  // parameters that no layer has counted
  RunClock clock_;
  LayerNames traced_names_, names_;
  std::vector<LayerRun> pending_, layers_;
};

}  // namespace

ModelRun run_modules(nn::Module& module, const Tensor& x, const std::function<Tensor()>& forward) {
  LayerRecorder recorder(module, x);
  ModelRun run{.input = x, .output = {}, .layers = {}};
  {
    const TraceScope tracing(recorder);
    run.output = forward ? forward() : module(x);
  }
  run.layers = recorder.finish();
  return run;
}

}  // namespace fovea::explain
