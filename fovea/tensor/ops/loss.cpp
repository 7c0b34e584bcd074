// Losses of numbers: squared and absolute error, and binary cross entropy.

#include "fovea/tensor/ops/loss.h"

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"

namespace fovea {

namespace {

void check_pair(const char* operation, const Tensor& x, const Tensor& target) {
  dispatch_float(x.dtype(), operation, [](auto) {});
  check<DeviceError>(target.device() == x.device(), operation, ": target expected on ", x.device(),
                     ", got ", target.device());
  check<DTypeError>(target.dtype() == x.dtype(), operation, ": target expected dtype ", x.dtype(),
                    ", got ", target.dtype());
  check<ShapeError>(target.sizes() == x.sizes(), operation, ": target expected shape ", x.sizes(),
                    ", got ", target.sizes());
}

/// A factor of the losses, undefined or something that broadcasts to x.
void check_factor(const char* operation, const char* name, const Tensor& factor, const Tensor& x) {
  if (!factor.defined()) return;
  check<DeviceError>(factor.device() == x.device(), operation, ": ", name, " expected on ",
                     x.device(), ", got ", factor.device());
  check<DTypeError>(factor.dtype() == x.dtype(), operation, ": ", name, " expected dtype ",
                    x.dtype(), ", got ", factor.dtype());
  bool fits = factor.dim() <= x.dim();
  for (int i = 1; fits && i <= factor.dim(); ++i) {
    fits = factor.size(-i) == 1 || factor.size(-i) == x.size(-i);
  }
  check<ShapeError>(fits, operation, ": ", name, " expected to broadcast to ", x.sizes(), ", got ",
                    factor.sizes());
}

Tensor reduce(const Tensor& losses, Reduction reduction) {
  switch (reduction) {
    case Reduction::kMean:
      return mean(losses);
    case Reduction::kSum:
      return sum(losses);
    case Reduction::kNone:
      return losses;
  }
  no_case_for("reduction", reduction);
}

}  // namespace

Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  check_pair("mse_loss", x, target);
  return reduce(square(x - target), reduction);
}

Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  check_pair("l1_loss", x, target);
  return reduce(abs(x - target), reduction);
}

Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BceOptions& options) {
  constexpr const char* kName = "binary_cross_entropy_with_logits";
  check_pair(kName, x, target);
  check_factor(kName, "weight", options.weight, x);
  check_factor(kName, "pos_weight", options.pos_weight, x);
  // -log sigmoid(x) = softplus(-x) and -log(1 - sigmoid(x)) = x + softplus(-x); softplus does not
  // overflow.
  Tensor positive = softplus(-x);
  if (options.pos_weight.defined())
    positive = positive * ((options.pos_weight.detach() - 1) * target + 1);
  Tensor losses = (1 - target) * x + positive;
  if (options.weight.defined()) losses = losses * options.weight.detach();
  return reduce(losses, options.reduction);
}

}  // namespace fovea
