#include "fovea/tensor/ops/pool.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::Extreme;
using kernels::KernelTable;
using kernels::PoolSpec;

namespace {

constexpr auto kChannelsLast = MemoryFormat::kChannelsLast;

const char* layout_of(int spatial) {
  return spatial == 1 ? "[n, c, l]" : spatial == 2 ? "[n, c, h, w]" : "[n, c, d, h, w]";
}

void check_input(const char* operation, const Tensor& x, int spatial) {
  dispatch_float(x.dtype(), operation, [](auto) {});
  check<ShapeError>(x.dim() == spatial + 2, operation, ": input expected ", spatial + 2,
                    " dimensions ", layout_of(spatial), ", got ", x.dim(), " (input ", x.sizes(),
                    ")");
  for (int i = 2; i < x.dim(); ++i) {
    check<ShapeError>(x.size(i) > 0, operation, ": input expected spatial sizes above 0, got ",
                      x.sizes());
  }
}

/// The geometry that the options mean, checked.
template <class Options>
PoolSpec make_spec(const char* operation, int spatial, const Options& options) {
  check<ArgumentError>(!options.kernel_size.empty(), operation, ": kernel_size expected, got none");
  PoolSpec spec;
  spec.spatial = spatial;
  spec.kernel = options.kernel_size.expand(spatial, operation, "kernel_size", 1);
  spec.stride =
      options.stride.empty() ? spec.kernel : options.stride.expand(spatial, operation, "stride", 1);
  spec.padding = options.padding.expand(spatial, operation, "padding", 0);
  spec.dilation = Shape::filled(spatial, 1);
  for (int i = 0; i < spatial; ++i) {
    check<ArgumentError>(spec.padding[i] <= spec.kernel[i] / 2, operation,
                         ": padding expected at most half of kernel_size, got ", options.padding,
                         " (kernel_size ", options.kernel_size, ")");
  }
  return spec;
}

/// [n, c, outputs...] for x [n, c, inputs...].
Shape pooled_sizes(const char* operation, const Tensor& x, const PoolSpec& spec, bool ceil_mode) {
  Shape sizes{x.size(0), x.size(1)};
  for (int i = 0; i < spec.spatial; ++i) {
    sizes.push_back(pool_output_size(x.size(i + 2), spec.kernel[i], spec.stride[i], spec.padding[i],
                                     spec.dilation[i], ceil_mode));
    check<ShapeError>(sizes.back() > 0, operation, ": input expected to hold a window, got ",
                      x.sizes(), " (kernel_size ", spec.kernel, ", padding ", spec.padding,
                      ", dilation ", spec.dilation, ")");
  }
  return sizes;
}

/// x lying channels-last, without a trace on the tape: the operation itself is recorded with x.
Tensor dense(const Tensor& x) { return x.detach().contiguous(kChannelsLast); }

TensorOptions like(const Tensor& x, DType dtype) { return {.dtype = dtype, .device = x.device()}; }

/// Both outputs of an extreme pooling; no indices when nobody asks and nothing is recorded.
std::tuple<Tensor, Tensor> extreme_pool(const char* operation, Extreme which, int spatial,
                                        const Tensor& x, const MaxPoolOptions& options,
                                        bool with_indices) {
  check_input(operation, x, spatial);
  PoolSpec spec = make_spec(operation, spatial, options);
  spec.dilation = options.dilation.expand(spatial, operation, "dilation", 1);
  const Shape sizes = pooled_sizes(operation, x, spec, options.ceil_mode);
  const Tensor y = empty(sizes, like(x, x.dtype()), kChannelsLast);
  Tensor indices;
  if (with_indices || is_recording({x})) indices = empty(sizes, like(x, i64), kChannelsLast);
  kernels::launch(x.device(), &KernelTable::extreme_pool_forward, which, spec,
                  dense(x).kernel_view(), y.kernel_view(),
                  indices.defined() ? indices.kernel_view() : kernels::View{});
  return {record(operation, y, {x}, {indices},
                 [shape = x.sizes()](const Backward& back) -> Tensors {
                   const Tensor dy = back.grad().contiguous(kChannelsLast);
                   const Tensor dx = empty(shape, like(dy, dy.dtype()), kChannelsLast);
                   kernels::launch(dx.device(), &KernelTable::extreme_pool_backward,
                                   dy.kernel_view(), back.saved(0).kernel_view(), dx.kernel_view());
                   return {dx};
                 }),
          indices};
}

Tensor avg_pool(const char* operation, int spatial, const Tensor& x,
                const AvgPoolOptions& options) {
  check_input(operation, x, spatial);
  PoolSpec spec = make_spec(operation, spatial, options);
  check<ArgumentError>(options.divisor_override >= 0, operation,
                       ": divisor_override expected above 0, got ", options.divisor_override);
  spec.count_include_pad = options.count_include_pad;
  spec.divisor_override = options.divisor_override;
  const Tensor y =
      empty(pooled_sizes(operation, x, spec, options.ceil_mode), like(x, x.dtype()), kChannelsLast);
  kernels::launch(x.device(), &KernelTable::avg_pool_forward, spec, dense(x).kernel_view(),
                  y.kernel_view());
  return record(operation, y, {x}, {}, [spec, shape = x.sizes()](const Backward& back) -> Tensors {
    const Tensor dy = back.grad().contiguous(kChannelsLast);
    const Tensor dx = empty(shape, like(dy, dy.dtype()), kChannelsLast);
    kernels::launch(dx.device(), &KernelTable::avg_pool_backward, spec, dy.kernel_view(),
                    dx.kernel_view());
    return {dx};
  });
}

Tensor adaptive_avg_pool(const char* operation, int spatial, const Tensor& x,
                         const PerDim& output_size) {
  check_input(operation, x, spatial);
  check<ArgumentError>(!output_size.empty(), operation, ": output_size expected, got none");
  Shape sizes{x.size(0), x.size(1)};
  for (const auto size : output_size.expand(spatial, operation, "output_size", 1)) {
    sizes.push_back(size);
  }
  const Tensor y = empty(sizes, like(x, x.dtype()), kChannelsLast);
  kernels::launch(x.device(), &KernelTable::adaptive_avg_pool_forward, dense(x).kernel_view(),
                  y.kernel_view());
  return record(operation, y, {x}, {}, [shape = x.sizes()](const Backward& back) -> Tensors {
    const Tensor dy = back.grad().contiguous(kChannelsLast);
    const Tensor dx = empty(shape, like(dy, dy.dtype()), kChannelsLast);
    kernels::launch(dx.device(), &KernelTable::adaptive_avg_pool_backward, dy.kernel_view(),
                    dx.kernel_view());
    return {dx};
  });
}

}  // namespace

std::int64_t pool_output_size(std::int64_t input, std::int64_t kernel, std::int64_t stride,
                              std::int64_t padding, std::int64_t dilation, bool ceil_mode) {
  const std::int64_t border = checked_mul(2, padding);
  const std::int64_t whole = sliding_output_size(input, kernel, stride, border, dilation);
  if (!ceil_mode) return whole;
  // A window more when the last whole one leaves elements over and the next starts before the end.
  const std::int64_t reach = checked_add(checked_mul(dilation, kernel - 1), 1);
  const std::int64_t room = checked_add(input, border) - reach;
  if (room < 0) return -room < stride && input + padding > 0 ? 1 : 0;
  const bool left_over = room % stride != 0;
  return whole + (left_over && checked_mul(whole, stride) < input + padding ? 1 : 0);
}

Tensor global_avg_pool(const Tensor& x) {
  check<ShapeError>(x.dim() >= 3 && x.dim() <= 5,
                    "global_avg_pool: input expected 3 to 5 dimensions [n, c, spatial...], got ",
                    x.dim(), " (input ", x.sizes(), ")");
  return adaptive_avg_pool("global_avg_pool", x.dim() - 2, x, 1);
}

// The same three functions for each number of spatial dimensions.
#define FOVEA_POOL(N)                                                                         \
  Tensor max_pool##N##d(const Tensor& x, const MaxPoolOptions& options) {                     \
    return std::get<0>(extreme_pool("max_pool" #N "d", Extreme::kMax, N, x, options, false)); \
  }                                                                                           \
  std::tuple<Tensor, Tensor> max_pool##N##d_with_indices(const Tensor& x,                     \
                                                         const MaxPoolOptions& options) {     \
    return extreme_pool("max_pool" #N "d", Extreme::kMax, N, x, options, true);               \
  }                                                                                           \
  Tensor min_pool##N##d(const Tensor& x, const MaxPoolOptions& options) {                     \
    return std::get<0>(extreme_pool("min_pool" #N "d", Extreme::kMin, N, x, options, false)); \
  }                                                                                           \
  std::tuple<Tensor, Tensor> min_pool##N##d_with_indices(const Tensor& x,                     \
                                                         const MaxPoolOptions& options) {     \
    return extreme_pool("min_pool" #N "d", Extreme::kMin, N, x, options, true);               \
  }                                                                                           \
  Tensor avg_pool##N##d(const Tensor& x, const AvgPoolOptions& options) {                     \
    return avg_pool("avg_pool" #N "d", N, x, options);                                        \
  }                                                                                           \
  Tensor adaptive_avg_pool##N##d(const Tensor& x, const PerDim& output_size) {                \
    return adaptive_avg_pool("adaptive_avg_pool" #N "d", N, x, output_size);                  \
  }
FOVEA_POOL(1)
FOVEA_POOL(2)
FOVEA_POOL(3)
#undef FOVEA_POOL

}  // namespace fovea
