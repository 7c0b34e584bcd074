#include "fovea/explain/model/gradients.h"

#include <unordered_set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// Adds what is on the tape of what layers read and gave.
void add_values(const std::vector<LayerRun>& layers, Tensors& values) {
  for (const LayerRun& layer : layers) {
    if (!layer.inputs.empty()) values.push_back(layer.inputs[0]);
    values.push_back(layer.output());
    add_values(layer.parts, values);
  }
}

}  // namespace

Tensor LayerGradients::of(const Tensor& value) const {
  const auto found = gradients_.find(value.impl().get());
  return found == gradients_.end() ? Tensor() : found->second;
}

ModelRun differentiable_run(nn::Module& module, const Tensor& x) {
  const GradMode recorded(true);
  Tensor input = x.detach().clone();
  input.set_requires_grad();
  return evaluate_model(module, input);
}

LayerGradients layer_gradients(const ModelRun& run, std::int64_t index, std::int64_t sample) {
  const Tensor& scores = run.output;
  check<ShapeError>(scores.dim() == 2, "explain: scores expected [n, classes], got ",
                    scores.sizes());
  check<IndexError>(sample >= 0 && sample < scores.size(0), "explain: sample expected in 0 to ",
                    scores.size(0) - 1, ", got ", sample);
  check<IndexError>(index >= 0 && index < scores.size(1), "explain: class expected in 0 to ",
                    scores.size(1) - 1, ", got ", index);
  LayerGradients result;
  result.index = index;
  result.name = std::to_string(index);
  const GradMode recorded(true);
  const Tensor score = scores.select(0, sample).select(0, index);
  result.score = score.detach().item();
  Tensors all = {run.input};
  add_values(run.layers, all);
  all.push_back(run.output);
  Tensors wanted;
  std::unordered_set<const void*> seen;
  for (const Tensor& value : all) {
    if (value.defined() && value.requires_grad() && seen.insert(value.impl().get()).second)
      wanted.push_back(value);
  }
  if (!score.requires_grad() || wanted.empty()) return result;
  const Tensors gradients = grad(score, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (gradients[i].defined())
      result.gradients_[wanted[i].impl().get()] = gradients[i].contiguous();
  return result;
}

}  // namespace fovea::explain
