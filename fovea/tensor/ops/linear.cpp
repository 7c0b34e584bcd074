#include "fovea/tensor/ops/linear.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::ConstView;
using kernels::KernelTable;
using kernels::View;

namespace {

void check_operands(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  for (const Tensor& parameter : {weight, bias}) {
    if (!parameter.defined()) continue;
    check<DeviceError>(parameter.device() == x.device(), "linear: parameters expected on ",
                       x.device(), ", got ", parameter.device());
    check<DTypeError>(parameter.dtype() == x.dtype(), "linear: parameters expected ", x.dtype(),
                      ", got ", parameter.dtype(), " (convert with .to(dtype))");
  }
  dispatch_float(x.dtype(), "linear", [](auto) {});
  check<ShapeError>(weight.dim() == 2, "linear: weight expected 2 dimensions [out, in], got ",
                    weight.sizes());
  check<ShapeError>(x.dim() > 0 && x.size(-1) == weight.size(1), "linear: input expected ",
                    weight.size(1), " features, got ", x.dim() > 0 ? x.size(-1) : 0, " (input ",
                    x.sizes(), ", weight ", weight.sizes(), ")");
  check<ShapeError>(!bias.defined() || bias.sizes() == Shape{weight.size(0)},
                    "linear: bias expected shape [", weight.size(0), "], got ",
                    bias.defined() ? bias.sizes() : Shape(), " (weight ", weight.sizes(), ")");
}

/// x as a matrix of rows, not on the tape.
Tensor as_matrix(const Tensor& x) {
  const Tensor plain = x.detach();
  if (x.dim() == 2) return plain;
  const std::int64_t features = x.size(-1);
  std::int64_t rows = 1;
  for (int i = 0; i + 1 < x.dim(); ++i) rows *= x.size(i);
  return plain.view({rows, features});
}

/// A matrix as a batch of one.
View batched(const Tensor& matrix) { return matrix.unsqueeze(0).kernel_view(); }

Tensors backward(const Backward& b) {
  const Tensor x = b.saved(0), weight = b.saved(1);
  const Tensor dy = as_matrix(b.grad());
  Tensor dx, dweight, dbias;
  if (b.needs(0)) {
    dx = b.buffer(0);
    kernels::launch(x.device(), &KernelTable::matmul, batched(dy), batched(weight), ConstView(),
                    batched(as_matrix(dx)));
  }
  if (b.needs(1)) {
    dweight = b.buffer(1);
    kernels::launch(x.device(), &KernelTable::matmul, batched(dy.t()), batched(as_matrix(x)),
                    ConstView(), batched(dweight));
  }
  if (b.needs(2)) {
    dbias = b.buffer(2);
    kernels::launch(x.device(), &KernelTable::reduce, kernels::Reduce::kSum, dy.kernel_view(),
                    dbias.unsqueeze(0).kernel_view());
  }
  return {dx, dweight, dbias};
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_operands(x, weight, bias);
  Shape sizes = x.sizes();
  sizes[x.dim() - 1] = weight.size(0);
  const Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()});
  {
    const NoGrad no_grad;  // the views are part of this operation
    kernels::launch(x.device(), &KernelTable::matmul, batched(as_matrix(x)), batched(weight.t()),
                    Tensor::optional_view(bias), batched(as_matrix(y)));
  }
  return record("linear", y, {x, weight, bias}, {x, weight}, backward);
}

}  // namespace fovea
