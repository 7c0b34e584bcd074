#include "fovea/models/model_cost.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "fovea/core/dtype.h"
#include "fovea/graph/graph_module.h"
#include "fovea/graph/node_reader.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"

namespace fovea::models {

namespace {

/// Each output value is a sum of products with one filter, or with one row of the matrix.
std::int64_t multiply_adds(const nn::Module& module, const Tensor& output) {
  const auto per_output = [](const Tensor& weight) { return weight.numel() / weight.size(0); };
  if (const auto* conv = dynamic_cast<const nn::Conv*>(&module)) {
    return output.numel() * per_output(conv->weight());
  }
  if (const auto* linear = dynamic_cast<const nn::Linear*>(&module)) {
    return output.numel() * per_output(linear->weight());
  }
  return 0;
}

std::int64_t bytes_of(const Tensor& tensor) {
  return tensor.numel() * static_cast<std::int64_t>(size_of(tensor.dtype()));
}

/// Hooks on modules, taken away again at the end.
class Hooks {
 public:
  Hooks() = default;
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;
  ~Hooks() {
    for (const auto& [module, id] : hooks_) module->remove_forward_hook(id);
  }
  void add(nn::Module& module, nn::Module::ForwardHook hook) {
    hooks_.emplace_back(&module, module.register_forward_hook(std::move(hook)));
  }

 private:
  std::vector<std::pair<nn::Module*, std::int64_t>> hooks_;
};

Shape sizes_of_one(Shape sizes) {
  sizes.erase(0);
  return sizes;
}

Tensor samples(const Shape& input, std::int64_t count) {
  Shape batch = input;
  batch.insert(0, count);
  return zeros(batch);
}

/// A layer for each operation of a graph that gives floating-point values.
std::vector<LayerCost> node_costs(const graph::GraphModule& module, const Shape& input) {
  const std::int64_t batch = std::max<std::int64_t>(module.batch_size(), 1);
  const Tensor x = samples(input, batch);
  const graph::Graph& graph = module.graph();
  std::map<std::string, Shape> sizes = {{graph.inputs[0].name, x.sizes()}};
  for (const auto& [name, tensor] : graph.initializers) sizes[name] = tensor.sizes();
  std::map<std::string, std::int64_t> parameters;  // those that no node has been counted with
  for (const auto& [name, tensor] : module.named_parameters()) parameters[name] = tensor.numel();
  std::vector<LayerCost> layers;
  module.program().run_observed({x}, [&](std::size_t i, const Tensors& outputs) {
    const graph::Node& node = graph.nodes[i];
    for (std::size_t k = 0; k < node.outputs.size(); ++k)
      sizes[node.outputs[k]] = outputs[k].sizes();
    if (!is_floating(outputs[0].dtype()) || outputs[0].dim() == 0) return;
    LayerCost layer{.name = node.name.empty() ? node.outputs[0] : node.name,
                    .type = node.op,
                    .output_shape = sizes_of_one(outputs[0].sizes())};
    std::vector<Shape> inputs;
    for (const std::string& name : node.inputs) {
      inputs.push_back(name.empty() ? Shape() : sizes.at(name));
      if (const auto found = parameters.find(name); found != parameters.end())
        layer.parameters += parameters.extract(found).mapped();
    }
    layer.multiply_adds = multiply_adds_of(node, graph.opset, inputs, outputs[0].sizes()) / batch;
    layers.push_back(std::move(layer));
  });
  return layers;
}

/// A layer for each module without children.
std::vector<LayerCost> module_costs(nn::Module& module, const Tensor& x) {
  std::vector<LayerCost> layers;
  Hooks hooks;
  for (const auto& [name, layer] : module.named_modules()) {
    if (!layer->named_children().empty()) continue;
    hooks.add(*layer, [&layers, name = name](nn::Module& self, const Tensor&, Tensor& output) {
      layers.push_back({.name = name,
                        .type = self.type_name(),
                        .output_shape = sizes_of_one(output.sizes()),
                        .parameters = self.num_parameters(),
                        .multiply_adds = multiply_adds(self, output)});
    });
  }
  const bool was_training = module.is_training();
  module.eval();
  module(x);
  module.train(was_training);
  return layers;
}

}  // namespace

std::int64_t multiply_adds_of(const graph::Node& node, int opset, const std::vector<Shape>& inputs,
                              const Shape& output) {
  if (!node.domain.empty()) return 0;
  const auto per_row = [](const Shape& weight) { return weight.numel() / weight[0]; };
  if (node.op == "Conv") return output.numel() * per_row(inputs.at(1));
  if (node.op == "ConvTranspose") return inputs.at(0).numel() * per_row(inputs.at(1));
  if (node.op == "MatMul") return output.numel() * inputs.at(0)[inputs.at(0).ndim() - 1];
  if (node.op != "Gemm") return 0;
  const bool transposed = graph::NodeReader(node, opset).integer("transA", 0) != 0;
  return output.numel() * inputs.at(0)[transposed ? 0 : 1];
}

ModelCost measure_cost(nn::Module& module, const Shape& input) {
  const NoGrad no_grad;
  const RunOnceScope once;
  const auto* graph = dynamic_cast<const graph::GraphModule*>(&module);
  ModelCost cost{.layers = graph != nullptr ? node_costs(*graph, input)
                                            : module_costs(module, samples(input, 1))};
  cost.parameters = module.num_parameters();
  for (const LayerCost& layer : cost.layers) {
    cost.multiply_adds += layer.multiply_adds;
    cost.activation_bytes += layer.output_shape.numel() * static_cast<std::int64_t>(size_of(f32));
  }
  for (const auto& [name, tensor] : module.state_dict()) cost.bytes += bytes_of(tensor);
  return cost;
}

}  // namespace fovea::models
