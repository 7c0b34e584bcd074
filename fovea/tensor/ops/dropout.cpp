#include "fovea/tensor/ops/dropout.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::KernelTable;

void check_dropout(const char* operation, const Tensor& x, double p, const Generator& generator) {
  check<ArgumentError>(p >= 0 && p <= 1, operation, ": p expected in [0, 1], got ", p);
  dispatch_float(x.dtype(), operation, [](auto) {});
  check<DeviceError>(generator.device() == x.device() || generator.device().is_cpu(), operation,
                     ": generator expected on the CPU or ", x.device(), ", got ",
                     generator.device());
}

namespace {

Tensor drop(const RngKey& key, double p, const Tensor& x) {
  Tensor y = empty_like(x);
  kernels::launch(x.device(), &KernelTable::dropout, key, p, x.kernel_view(), y.kernel_view());
  return y;
}

/// x with whole channels dropped: dropout of ones, one a channel, times x.
Tensor drop_channels(const RngKey& key, double p, const Tensor& x, int spatial) {
  const NoGrad no_grad;
  Shape sizes = x.sizes();
  for (int dim = x.dim() - spatial; dim < x.dim(); ++dim) sizes[dim] = 1;
  return x * drop(key, p, ones(sizes, {.dtype = x.dtype(), .device = x.device()}));
}

Tensor channel_dropout(const char* operation, int spatial, const Tensor& x, double p, bool training,
                       Generator& generator) {
  check_dropout(operation, x, p, generator);
  check<ShapeError>(x.dim() == spatial + 1 || x.dim() == spatial + 2, operation, ": x expected ",
                    spatial + 1, " or ", spatial + 2, " dimensions, got ", x.dim(), " (shape ",
                    x.sizes(), ")");
  if (!training) return x;
  const RngKey key = generator.next();
  if (p == 0) return x;
  return record(operation, drop_channels(key, p, x, spatial), {x}, {},
                [=](const Backward& back) -> Tensors {
                  return {drop_channels(key, p, back.grad(), spatial)};
                });
}

}  // namespace

Tensor dropout(const Tensor& x, double p, bool training, Generator& generator) {
  check_dropout("dropout", x, p, generator);
  if (!training) return x;
  const RngKey key = generator.next();
  if (p == 0) return x;
  return record("dropout", drop(key, p, x), {x}, {},
                [=](const Backward& back) -> Tensors { return {drop(key, p, back.grad())}; });
}

Tensor dropout1d(const Tensor& x, double p, bool training, Generator& generator) {
  return channel_dropout("dropout1d", 1, x, p, training, generator);
}

Tensor dropout2d(const Tensor& x, double p, bool training, Generator& generator) {
  return channel_dropout("dropout2d", 2, x, p, training, generator);
}

Tensor dropout3d(const Tensor& x, double p, bool training, Generator& generator) {
  return channel_dropout("dropout3d", 3, x, p, training, generator);
}

}  // namespace fovea
