// Keeping gradients small: between backward and the optimiser's step.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea::optim {

/// What clip_grad_norm_ does when the norm is infinite or NaN.
enum class NonFinite : bool {
  kAllow,  ///< goes on: gradients become NaN or 0, as in PyTorch
  kThrow,  ///< throws NumericError before anything changes
};

/// Scales all gradients together so that their norm, taken over all of them as one vector, is at
/// most max_norm. Returns the norm before. Parameters without a gradient do not count.
///
/// Formula  g *= min(1, max_norm / (norm + 1e-6)); norm_type 2 is Euclid's, infinity the largest
///          absolute value.
/// Throws   ArgumentError unless max_norm is >= 0 and norm_type > 0; NumericError when asked to.
/// Source   Pascanu et al. 2013; torch.nn.utils.clip_grad_norm_.
double clip_grad_norm_(const Tensors& parameters, double max_norm, double norm_type = 2,
                       NonFinite non_finite = NonFinite::kAllow);

/// Cuts each element of the gradients to [-clip_value, clip_value].
/// Throws   ArgumentError unless clip_value is >= 0.
void clip_grad_value_(const Tensors& parameters, double clip_value);

}  // namespace fovea::optim
