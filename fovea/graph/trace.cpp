#include "fovea/graph/trace.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <unordered_map>
#include <utility>

#include "fovea/graph/graph_module.h"
#include "fovea/graph/passes.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea::graph {

namespace {

/// Notes operations as nodes.
class Recorder final : public Tracer {
 public:
  Recorder(nn::Module& module, const Tensor& input, const TraceOptions& options)
      : batch_(input.size(0)) {
    graph_.name = options.name;
    for (const auto& [name, tensor] : module.named_parameters()) know(tensor, name);
    for (const auto& [name, tensor] : module.named_buffers()) know(tensor, name);
    for (const auto& [impl, name] : names_) weights_.insert(name);
    const std::string name = unique(options.input);  // a weight may have it
    name_value(input, name);
    graph_.inputs = {value_of(name, input)};
    from_input_.insert(input.impl().get());
  }

  void operation(std::string_view op, const Tensors& inputs, const Tensors& outputs,
                 Attributes attributes) override {
    Node node;
    node.op = op;
    node.attributes = std::move(attributes);
    for (const Tensor& input : inputs) node.inputs.push_back(name_of(input));
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    node.name = unique(name_for(node));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string name = i == 0 ? node.name : unique(node.name + "." + std::to_string(i));
      name_value(outputs[i], name);
      node.outputs.push_back(name);
      graph_.values[name] = value_of(name, outputs[i]);
      nameless_.erase(outputs[i].impl().get());
      if (depends(inputs)) from_input_.insert(outputs[i].impl().get());
    }
    graph_.nodes.push_back(std::move(node));
  }

  void recorded(std::string_view operation, const Tensors& inputs, const Tensor& output) override {
    kept_.push_back(output);
    if (!depends(inputs)) return;
    from_input_.insert(output.impl().get());
    if (!names_.contains(output.impl().get())) nameless_[output.impl().get()] = operation;
  }

  void detached(const Tensor& original, const Tensor& same) override {
    const TensorImpl *from = original.impl().get(), *to = same.impl().get();
    if (!from_input_.contains(from)) return;  // what does not depend on the input is a constant
    kept_.push_back(same);
    from_input_.insert(to);
    if (const auto name = names_.find(from); name != names_.end()) names_[to] = name->second;
    if (const auto missing = nameless_.find(from); missing != nameless_.end())
      nameless_[to] = missing->second;
  }

  Graph finish(const Tensor& output, const std::string& name) {
    // An Identity, so that the output has its name even where it is an input or a weight.
    operation("Identity", {output}, {output.detach()}, {});
    Node& last = graph_.nodes.back();
    last.name = last.outputs[0] = unique(name);
    graph_.outputs = {value_of(last.name, output)};
    graph_.values[last.name] = graph_.outputs[0];
    return std::move(graph_);
  }

 private:
  bool depends(const Tensors& inputs) const {
    return std::ranges::any_of(inputs, [&](const Tensor& input) {
      return input.defined() && from_input_.contains(input.impl().get());
    });
  }

  /// Values are known by address, so each stays alive as long as the trace.
  void name_value(const Tensor& tensor, const std::string& name) {
    kept_.push_back(tensor);
    names_[tensor.impl().get()] = name;
    taken_.insert(name);
  }

  void know(const Tensor& weight, const std::string& name) {
    name_value(weight, name);
    constants_[weight.impl().get()] = weight.detach();
  }

  std::string name_of(const Tensor& tensor) {
    if (!tensor.defined()) return "";
    const TensorImpl* impl = tensor.impl().get();
    const auto missing = nameless_.find(impl);
    check<ArgumentError>(missing == nameless_.end(),
                         "trace: operations expected to have a form in ONNX, got ",
                         missing == nameless_.end() ? "" : missing->second);
    if (!names_.contains(impl)) know(tensor, unique("constant"));
    const std::string& name = names_.at(impl);
    if (const auto constant = constants_.find(impl); constant != constants_.end())
      graph_.initializers.try_emplace(name, constant->second);
    return name;
  }

  /// The name of the module whose weight the node uses, or the operator's in small letters.
  std::string name_for(const Node& node) const {
    for (const std::string& input : node.inputs) {
      const std::size_t dot = input.rfind('.');
      if (weights_.contains(input) && dot != std::string::npos) return input.substr(0, dot);
    }
    std::string name = node.op;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name;
  }

  std::string unique(const std::string& name) {
    std::string result = name;
    for (int i = 1; taken_.contains(result); ++i) result = name + "_" + std::to_string(i);
    taken_.insert(result);
    return result;
  }

  Value value_of(const std::string& name, const Tensor& tensor) const {
    Value value{.name = name, .dtype = tensor.dtype(), .sizes = to_ints(tensor.sizes())};
    if (!value.sizes.empty() && value.sizes[0] == batch_) value.sizes[0] = kFree;
    return value;
  }

  std::int64_t batch_;
  Graph graph_;
  Tensors kept_;
  std::unordered_map<const TensorImpl*, std::string> names_;
  std::unordered_map<const TensorImpl*, Tensor> constants_;      // weights and other constants
  std::unordered_map<const TensorImpl*, std::string> nameless_;  // results without an operator
  std::set<const TensorImpl*> from_input_;
  std::set<std::string> weights_, taken_;
};

/// Puts a module into evaluation mode, and each of its parts back into its own.
class EvaluationScope {
 public:
  explicit EvaluationScope(nn::Module& module) {
    for (const auto& [name, part] : module.named_modules())
      before_.emplace_back(part, part->is_training());
    module.eval();
  }
  ~EvaluationScope() {
    // Parents first, so that each part ends in its own mode.
    for (const auto& [part, training] : before_) part->train(training);
  }
  EvaluationScope(const EvaluationScope&) = delete;
  EvaluationScope& operator=(const EvaluationScope&) = delete;

 private:
  std::vector<std::pair<nn::Module*, bool>> before_;
};

}  // namespace

Graph trace(nn::Module& module, const Shape& input, const TraceOptions& options) {
  check<ShapeError>(input.ndim() > 0, "trace: input expected a shape [n, ...], got ", input);
  if (const auto* graph = dynamic_cast<const GraphModule*>(&module)) return graph->graph();
  const EvaluationScope evaluation(module);
  const RunOnceScope once;
  const NoGrad no_grad;
  const Tensors parameters = module.parameters();
  const DType dtype = parameters.empty() ? f32 : parameters[0].dtype();
  const Device device = parameters.empty() ? default_device() : parameters[0].device();
  const Tensor x = zeros(input, {.dtype = dtype, .device = device});
  Recorder recorder(module, x, options);
  Tensor y;
  {
    const TraceScope tracing(recorder);
    y = module(x);
  }
  Graph graph = recorder.finish(y, options.output);
  remove_identities(graph);
  remove_dead(graph);
  check_graph(graph);
  return graph;
}

}  // namespace fovea::graph
