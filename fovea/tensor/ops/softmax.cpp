#include "fovea/tensor/ops/softmax.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::KernelTable;

namespace {

Tensor softmax_along(const char* operation, bool log, const Tensor& x, int dim) {
  dispatch_float(x.dtype(), operation, [](auto) {});
  dim = wrap_dim(dim, x.dim(), operation);
  if (x.dim() == 0) return softmax_along(operation, log, x.view({1}), 0).view({});
  Tensor y = empty_like(x);
  kernels::launch(x.device(), &KernelTable::softmax, log, x.kernel_view(), dim, y.kernel_view());
  const Tensor recorded =
      record(operation, y, {x}, {y}, [log, dim](const Backward& back) -> Tensors {
        const Tensor result = back.saved(0);
        Tensor dx = empty_like(result);
        kernels::launch(dx.device(), &KernelTable::softmax_backward, log, back.grad().kernel_view(),
                        result.kernel_view(), dim, dx.kernel_view());
        return {dx};
      });
  return traced(log ? "LogSoftmax" : "Softmax", recorded, {x}, [dim] {
    return Attributes{{"axis", std::int64_t{dim}}};
  });
}

}  // namespace

Tensor softmax(const Tensor& x, int dim) { return softmax_along("softmax", false, x, dim); }

Tensor log_softmax(const Tensor& x, int dim) { return softmax_along("log_softmax", true, x, dim); }

}  // namespace fovea
