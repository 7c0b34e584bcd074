#include "fovea/tensor/ops/pool_windows.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops/dense.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::Extreme;
using kernels::KernelTable;
using kernels::PoolSpec;

namespace {

const char* layout_of(int spatial) {
  return spatial == 1 ? "[n, c, l]" : spatial == 2 ? "[n, c, h, w]" : "[n, c, d, h, w]";
}

TensorOptions like(const Tensor& x, DType dtype) { return {.dtype = dtype, .device = x.device()}; }

/// y of sizes `output` and where its elements come from, made by `launch(y, positions)`.
template <class Launch>
std::tuple<Tensor, Tensor> take_extremes(const char* operation, const Tensor& x,
                                         const Shape& output, bool with_positions,
                                         const Launch& launch) {
  const Tensor y = empty(output, like(x, x.dtype()), kChannelsLast);
  Tensor positions;
  if (with_positions || is_recording({x})) positions = empty(output, like(x, i64), kChannelsLast);
  launch(y.kernel_view(), positions.defined() ? positions.kernel_view() : kernels::View{});
  return {record(operation, y, {x}, {positions},
                 [shape = x.sizes()](const Backward& back) -> Tensors {
                   const Tensor dy = back.grad().contiguous(kChannelsLast);
                   const Tensor dx = empty(shape, like(dy, dy.dtype()), kChannelsLast);
                   kernels::launch(dx.device(), &KernelTable::extreme_pool_backward,
                                   dy.kernel_view(), back.saved(0).kernel_view(), dx.kernel_view());
                   return {dx};
                 }),
          positions};
}

}  // namespace

void check_pool_input(const char* operation, const Tensor& x, int spatial) {
  dispatch_float(x.dtype(), operation, [](auto) {});
  check<ShapeError>(x.dim() == spatial + 2, operation, ": input expected ", spatial + 2,
                    " dimensions ", layout_of(spatial), ", got ", x.dim(), " (input ", x.sizes(),
                    ")");
  for (int i = 2; i < x.dim(); ++i) {
    check<ShapeError>(x.size(i) > 0, operation, ": input expected spatial sizes above 0, got ",
                      x.sizes());
  }
}

std::tuple<Tensor, Tensor> extreme_pool(const char* operation, Extreme which, const Tensor& x,
                                        const PoolSpec& spec, const Shape& output,
                                        bool with_positions) {
  return take_extremes(operation, x, output, with_positions,
                       [&](kernels::View y, kernels::View positions) {
                         kernels::launch(x.device(), &KernelTable::extreme_pool_forward, which,
                                         spec, dense_channels_last(x).kernel_view(), y, positions);
                       });
}

std::tuple<Tensor, Tensor> adaptive_extreme_pool(const char* operation, Extreme which,
                                                 const Tensor& x, const Shape& output,
                                                 bool with_positions) {
  return take_extremes(operation, x, output, with_positions,
                       [&](kernels::View y, kernels::View positions) {
                         kernels::launch(x.device(), &KernelTable::adaptive_extreme_pool_forward,
                                         which, dense_channels_last(x).kernel_view(), y, positions);
                       });
}

Tensor average_pool(const char* operation, const Tensor& x, const PoolSpec& spec,
                    const Shape& output) {
  const Tensor y = empty(output, like(x, x.dtype()), kChannelsLast);
  kernels::launch(x.device(), &KernelTable::avg_pool_forward, spec,
                  dense_channels_last(x).kernel_view(), y.kernel_view());
  return record(operation, y, {x}, {}, [spec, shape = x.sizes()](const Backward& back) -> Tensors {
    const Tensor dy = back.grad().contiguous(kChannelsLast);
    const Tensor dx = empty(shape, like(dy, dy.dtype()), kChannelsLast);
    kernels::launch(dx.device(), &KernelTable::avg_pool_backward, spec, dy.kernel_view(),
                    dx.kernel_view());
    return {dx};
  });
}

}  // namespace fovea
