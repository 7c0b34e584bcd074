// Matrix products: checks, forward and gradient.

#include <span>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::ConstView;
using kernels::KernelTable;

namespace {

void check_operands(const Tensor& a, const Tensor& b) {
  check<DeviceError>(a.device() == b.device(), "matmul: operands expected on one device, got ",
                     a.device(), " and ", b.device());
  check<DTypeError>(a.dtype() == b.dtype(), "matmul: operands expected of one dtype, got ",
                    a.dtype(), " and ", b.dtype(), " (convert with .to(dtype))");
  dispatch_dtype<float, double, std::int64_t>(a.dtype(), "matmul", [](auto) {});
  check<ShapeError>(a.dim() > 0 && b.dim() > 0, "matmul: operands expected at least 1-D, got ",
                    a.sizes(), " and ", b.sizes());
  const std::int64_t rows = b.size(b.dim() == 1 ? 0 : -2);
  check<ShapeError>(a.size(-1) == rows, "matmul: second operand expected ", a.size(-1),
                    " rows, got ", rows, " (shapes ", a.sizes(), " and ", b.sizes(), ")");
}

/// Sizes but for the last two.
Shape batch_of(const Tensor& x) { return Shape(std::span(x.sizes().begin(), x.sizes().end() - 2)); }

Shape with_matrix(Shape batch, std::int64_t rows, std::int64_t columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

/// x as [batch, rows, columns], repeated to `batch` without copying where the strides allow it.
Tensor as_batch(const Tensor& x, const Shape& batch) {
  const std::int64_t rows = x.size(-2), columns = x.size(-1);
  return x.expand(with_matrix(batch, rows, columns)).view({batch.numel(), rows, columns});
}

/// The product of operands of two or more dimensions, written into `y` (contiguous) unless it is
/// undefined.
Tensor compute(const Tensor& a, const Tensor& b, Tensor y = {}) {
  const Shape batch = broadcast_shapes(batch_of(a), batch_of(b), "matmul");
  const std::int64_t rows = a.size(-2), columns = b.size(-1);
  if (!y.defined())
    y = empty(with_matrix(batch, rows, columns), {.dtype = a.dtype(), .device = a.device()});
  const NoGrad no_grad;  // the views are part of this operation
  kernels::launch(a.device(), &KernelTable::matmul, as_batch(a, batch).kernel_view(),
                  as_batch(b, batch).kernel_view(), ConstView(),
                  y.view({batch.numel(), rows, columns}).kernel_view());
  return y;
}

/// The gradient of input `i`, which is the product a b summed to the input's sizes.
Tensor input_gradient(const Backward& backward, std::size_t i, const Tensor& a, const Tensor& b,
                      const Shape& sizes) {
  const Shape batch = broadcast_shapes(batch_of(a), batch_of(b), "matmul");
  if (with_matrix(batch, a.size(-2), b.size(-1)) == sizes) return compute(a, b, backward.buffer(i));
  return sum_to_size(compute(a, b), sizes);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_operands(a, b);
  if (tracer()) return traced_whole("MatMul", {a, b}, {}, [&] { return matmul(a, b); });
  if (a.dim() == 1) return matmul(a.unsqueeze(0), b).squeeze(b.dim() == 1 ? 0 : -2);
  if (b.dim() == 1) return matmul(a, b.unsqueeze(1)).squeeze(-1);
  if (a.dim() > 2 &&
      b.dim() == 2) {  // one matrix for all: one long product, whose gradient for b needs no batch
    Shape sizes = a.sizes();
    sizes[a.dim() - 1] = b.size(1);
    return matmul(a.view({batch_of(a).numel() * a.size(-2), a.size(-1)}), b).view(sizes);
  }
  return record("matmul", compute(a, b), {a, b}, {a, b}, [](const Backward& backward) -> Tensors {
    const Tensor x = backward.saved(0), y = backward.saved(1);
    Tensor dx, dy;
    if (backward.needs(0))
      dx = input_gradient(backward, 0, backward.grad(), y.transpose(-2, -1), x.sizes());
    if (backward.needs(1))
      dy = input_gradient(backward, 1, x.transpose(-2, -1), backward.grad(), y.sizes());
    return {dx, dy};
  });
}

}  // namespace fovea
