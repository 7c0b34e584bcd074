// How a class's score depends on every value of a run: one pass back along the tape.
//
//     const ModelRun run = differentiable_run(*model.module, image);
//     const LayerGradients gradients = layer_gradients(run, 3);
//     gradients.of(find_layer(run, "layer1.0").output());   // as large as the maps
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "fovea/explain/model/run.h"
#include "fovea/nn/module.h"

namespace fovea::explain {

/// Gradients of one score with respect to what layers read and gave.
class LayerGradients {
 public:
  std::int64_t index = 0;  ///< of the class
  std::string name;        ///< what people call it; the index unless somebody says
  double score = 0;        ///< of the class, before the softmax

  /// d score / d `value`, as large as it; undefined where the score does not depend on it, or only
  /// through operations that have no gradient.
  Tensor of(const Tensor& value) const;

 private:
  friend LayerGradients layer_gradients(const ModelRun& run, std::int64_t index,
                                        std::int64_t sample);
  std::unordered_map<const void*, Tensor> gradients_;  // by the address of the value
};

/// evaluate_model with grad mode on and an input that requires grad, so that every layer is on the
/// tape whatever is frozen. Parameters that require grad cost their own gradients when one is asked
/// for.
/// Throws   what the module throws.
ModelRun differentiable_run(nn::Module& module, const Tensor& x);

/// The gradients of class `index`'s score of a sample. Frees what the tape kept, so a run gives the
/// gradients of one class; they are good as long as the run lives.
/// Requires a differentiable_run.
/// Throws   ShapeError unless the run gives scores [n, classes]; IndexError when there is no such
///          class or sample.
LayerGradients layer_gradients(const ModelRun& run, std::int64_t index, std::int64_t sample = 0);

}  // namespace fovea::explain
