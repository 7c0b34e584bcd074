#include "fovea/optim/clip.h"

#include <algorithm>
#include <cmath>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::optim {

namespace {

/// All gradients taken as one vector: its norm.
double norm_of(const Tensors& gradients, double norm_type) {
  double total = 0;
  for (const Tensor& g : gradients) {
    if (g.numel() == 0) continue;
    if (std::isinf(norm_type)) {
      const double largest = abs(g).max().item();
      total = std::isnan(largest) ? largest : std::max(total, largest);
      if (std::isnan(total)) return total;
    } else {
      total += (norm_type == 2 ? square(g) : pow(abs(g), norm_type)).sum().item();
    }
  }
  return std::isinf(norm_type) ? total
         : norm_type == 2      ? std::sqrt(total)
                               : std::pow(total, 1 / norm_type);
}

Tensors gradients_of(const Tensors& parameters) {
  Tensors gradients;
  for (const Tensor& parameter : parameters) {
    if (Tensor gradient = parameter.grad(); gradient.defined()) gradients.push_back(gradient);
  }
  return gradients;
}

}  // namespace

double clip_grad_norm_(const Tensors& parameters, double max_norm, double norm_type,
                       NonFinite non_finite) {
  check<ArgumentError>(max_norm >= 0, "clip_grad_norm_: max_norm expected >= 0, got ", max_norm);
  check<ArgumentError>(norm_type > 0, "clip_grad_norm_: norm_type expected > 0, got ", norm_type);
  const NoGrad no_grad;
  Tensors gradients = gradients_of(parameters);
  const double norm = norm_of(gradients, norm_type);
  check<NumericError>(non_finite == NonFinite::kAllow || std::isfinite(norm),
                      "clip_grad_norm_: norm of the gradients expected to be finite, got ", norm);
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;  // NaN goes on: the gradients are lost, and should show it
  for (Tensor& gradient : gradients) gradient.mul_(factor);
  return norm;
}

void clip_grad_value_(const Tensors& parameters, double clip_value) {
  check<ArgumentError>(clip_value >= 0, "clip_grad_value_: clip_value expected >= 0, got ",
                       clip_value);
  const NoGrad no_grad;
  for (Tensor& gradient : gradients_of(parameters))
    gradient.copy_(clamp(gradient, -clip_value, clip_value));
}

}  // namespace fovea::optim
