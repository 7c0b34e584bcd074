#include "apps/cli/model_cost.h"

#include <utility>

#include "fovea/core/dtype.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/tape.h"

namespace fovea::cli {

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

}  // namespace

ModelCost measure_cost(nn::Module& module, const Shape& input) {
  ModelCost cost;
  {
    Hooks hooks;
    for (const auto& [name, layer] : module.named_modules()) {
      if (!layer->named_children().empty()) continue;
      hooks.add(*layer, [&cost, name = name](nn::Module& self, const Tensor&, Tensor& output) {
        Shape shape = output.sizes();
        shape.erase(0);
        cost.layers.push_back({.name = name,
                               .type = self.type_name(),
                               .output_shape = shape,
                               .parameters = self.num_parameters(),
                               .multiply_adds = multiply_adds(self, output)});
        cost.activation_bytes += bytes_of(output);
      });
    }
    const bool was_training = module.is_training();
    module.eval();
    Shape batch = input;
    batch.insert(0, 1);
    const NoGrad no_grad;
    module(zeros(batch));
    module.train(was_training);
  }
  cost.parameters = module.num_parameters();
  for (const LayerCost& layer : cost.layers) cost.multiply_adds += layer.multiply_adds;
  for (const auto& [name, tensor] : module.state_dict()) cost.bytes += bytes_of(tensor);
  return cost;
}

}  // namespace fovea::cli
