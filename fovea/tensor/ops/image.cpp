#include "fovea/tensor/ops/image.h"

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"

namespace fovea {

Tensor crop_flip(const Tensor& x, const Tensor& placement, std::int64_t height,
                 std::int64_t width) {
  check<ShapeError>(x.dim() == 4, "crop_flip: x expected [n, c, h, w], got ", x.sizes());
  check<ShapeError>(placement.sizes() == Shape{x.size(0), 3}, "crop_flip: placement expected ",
                    Shape{x.size(0), 3}, ", got ", placement.sizes());
  check<DTypeError>(placement.dtype() == i64, "crop_flip: placement expected i64, got ",
                    placement.dtype());
  check<ArgumentError>(height >= 1 && width >= 1, "crop_flip: size expected at least 1x1, got ",
                       height, "x", width);
  check<DeviceError>(placement.device() == x.device(), "crop_flip: placement expected on ",
                     x.device(), ", got ", placement.device());
  Tensor y =
      empty({x.size(0), x.size(1), height, width}, {.dtype = x.dtype(), .device = x.device()});
  const Tensor source = x.contiguous(), rows = placement.contiguous();
  kernels::launch(x.device(), &kernels::KernelTable::crop_flip,
                  kernels::ConstView(source.kernel_view()), kernels::ConstView(rows.kernel_view()),
                  y.kernel_view());
  return y;
}

}  // namespace fovea
