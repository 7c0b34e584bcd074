// One training step, as one weight sees it: what met it, its gradient, Adam's moments, and where it
// moves.
#pragma once

#include <optional>
#include <string>

#include "fovea/core/shape.h"
#include "fovea/explain/walk.h"
#include "fovea/nn/module.h"
#include "fovea/optim/adam.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/state_dict.h"

namespace fovea::explain {

/// Which weight, and how it is trained.
struct StepOptions {
  std::string parameter;         ///< a parameter's dotted name: "layer1.0.weight"
  Shape at = {};                 ///< the weight's index in it; empty: the first
  optim::AdamOptions adam = {};  ///< the optimiser's options
  /// What the optimiser goes on from, with its own learning rate and first beta; without it afresh.
  std::optional<StateDict> state = {};
  CrossEntropyOptions loss = {};  ///< of the loss
};

/// Trains `module` for one batch in training mode, by cross entropy and Adam, and shows what
/// becomes of one weight. Dropout draws from the thread's default generator, as a training's step
/// does. Afterwards the module's parameters and buffers have the values from before, and no
/// gradients; the tensors behind them are the optimiser's (optim::Optimizer).
///
/// The document has "parameter", "at", "layer", "loss", "gradient", "terms" (how many products the
/// gradient is the sum of), "terms_sum" (theirs, exact), "largest_terms" (sample, channel and place
/// in the layer's output, "activation", "upstream", "product"), "step" (from 1), "m_before",
/// "v_before", "m", "v", "m_corrected", "v_corrected", "lr", "update", "old" and "new". Terms are
/// null for parameters that meet their input otherwise than by one product a place.
///
/// Numerics gradient, moments and the new value are the run's own, to the bit; corrected moments
///          and the update are f64 of them: |new - (old - update)| is f32's rounding.
/// Throws   ArgumentError when there is no such parameter, or it takes no part in the loss;
///          IndexError when it has no such weight; what the model, the loss and Adam throw.
Walk walk_step(nn::Module& module, const Tensor& images, const Tensor& targets,
               const StepOptions& options);

}  // namespace fovea::explain
