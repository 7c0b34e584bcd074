#include "fovea/tensor/ops/pool.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/dense.h"
#include "fovea/tensor/ops/pool_windows.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::Extreme;
using kernels::KernelTable;
using kernels::PoolSpec;

namespace {

/// The geometry that the options mean, checked.
template <class Options>
PoolSpec make_spec(const char* operation, int spatial, const Options& options) {
  check<ArgumentError>(!options.kernel_size.empty(), operation, ": kernel_size expected, got none");
  PoolSpec spec;
  spec.spatial = spatial;
  spec.kernel = options.kernel_size.expand(spatial, operation, "kernel_size", 1);
  spec.stride =
      options.stride.empty() ? spec.kernel : options.stride.expand(spatial, operation, "stride", 1);
  spec.padding_begin = options.padding.expand(spatial, operation, "padding", 0);
  spec.padding_end = spec.padding_begin;
  spec.dilation = Shape::filled(spatial, 1);
  for (int i = 0; i < spatial; ++i) {
    check<ArgumentError>(spec.padding_begin[i] <= spec.kernel[i] / 2, operation,
                         ": padding expected at most half of kernel_size, got ", options.padding,
                         " (kernel_size ", options.kernel_size, ")");
  }
  return spec;
}

/// [n, c, outputs...] for x [n, c, inputs...].
Shape pooled_sizes(const char* operation, const Tensor& x, const PoolSpec& spec, bool ceil_mode) {
  Shape sizes{x.size(0), x.size(1)};
  for (int i = 0; i < spec.spatial; ++i) {
    sizes.push_back(pool_output_size(x.size(i + 2), spec.kernel[i], spec.stride[i],
                                     spec.padding_begin[i], spec.dilation[i], ceil_mode));
    check<ShapeError>(sizes.back() > 0, operation, ": input expected to hold a window, got ",
                      x.sizes(), " (kernel_size ", spec.kernel, ", padding ", spec.padding_begin,
                      ", dilation ", spec.dilation, ")");
  }
  return sizes;
}

Attributes attributes(const PoolSpec& spec, bool ceil_mode) {
  std::vector<std::int64_t> pads = to_ints(spec.padding_begin);
  pads.insert(pads.end(), spec.padding_end.begin(), spec.padding_end.end());
  return {{"kernel_shape", to_ints(spec.kernel)},
          {"strides", to_ints(spec.stride)},
          {"pads", pads},
          {"ceil_mode", std::int64_t{ceil_mode}}};
}

/// Both outputs of an extreme pooling; no indices when nobody asks and nothing is recorded.
std::tuple<Tensor, Tensor> pool_extremes(const char* operation, Extreme which, int spatial,
                                         const Tensor& x, const MaxPoolOptions& options,
                                         bool with_indices) {
  check_pool_input(operation, x, spatial);
  if (tracer() && which == Extreme::kMin) {  // ONNX has none
    const auto [y, indices] =
        pool_extremes(operation, Extreme::kMax, spatial, neg(x), options, true);
    return {neg(y), indices};
  }
  PoolSpec spec = make_spec(operation, spatial, options);
  spec.dilation = options.dilation.expand(spatial, operation, "dilation", 1);
  const Shape sizes = pooled_sizes(operation, x, spec, options.ceil_mode);
  const auto [y, indices] = extreme_pool(operation, which, x, spec, sizes, with_indices);
  return {traced("MaxPool", y, {x},
                 [&] {
                   Attributes all = attributes(spec, options.ceil_mode);
                   all["dilations"] = to_ints(spec.dilation);
                   return all;
                 }),
          indices};
}

Tensor avg_pool(const char* operation, int spatial, const Tensor& x,
                const AvgPoolOptions& options) {
  check_pool_input(operation, x, spatial);
  PoolSpec spec = make_spec(operation, spatial, options);
  check<ArgumentError>(options.divisor_override >= 0, operation,
                       ": divisor_override expected above 0, got ", options.divisor_override);
  spec.count_include_pad = options.count_include_pad;
  spec.divisor_override = options.divisor_override;
  Tensor result =
      average_pool(operation, x, spec, pooled_sizes(operation, x, spec, options.ceil_mode));
  if (spec.divisor_override != 0) return result;  // ONNX does not have it
  return traced("AveragePool", result, {x}, [&] {
    Attributes all = attributes(spec, options.ceil_mode);
    all["count_include_pad"] = std::int64_t{spec.count_include_pad};
    return all;
  });
}

/// Adaptive pooling as ONNX knows it: of everything, or by windows of one size side by side.
/// Reports nothing when the windows differ.
Tensor traced_adaptive_pool(const char* global_name, const char* name, const Tensor& x,
                            const Tensor& y) {
  Shape kernel;
  for (int i = 2; i < x.dim(); ++i) {
    if (x.size(i) % y.size(i) != 0) return y;
    kernel.push_back(x.size(i) / y.size(i));
  }
  const bool global = y.numel() == y.size(0) * y.size(1);
  if (global) return traced(global_name, y, {x});
  return traced(name, y, {x}, [&] {
    return Attributes{{"kernel_shape", to_ints(kernel)}, {"strides", to_ints(kernel)}};
  });
}

/// [n, c, output_size...], checked with the input.
Shape adaptive_sizes(const char* operation, int spatial, const Tensor& x,
                     const PerDim& output_size) {
  check_pool_input(operation, x, spatial);
  check<ArgumentError>(!output_size.empty(), operation, ": output_size expected, got none");
  Shape sizes{x.size(0), x.size(1)};
  for (const auto size : output_size.expand(spatial, operation, "output_size", 1)) {
    sizes.push_back(size);
  }
  return sizes;
}

std::tuple<Tensor, Tensor> adaptive_max_pool(const char* operation, int spatial, const Tensor& x,
                                             const PerDim& output_size, bool with_indices) {
  const Shape sizes = adaptive_sizes(operation, spatial, x, output_size);
  const auto [y, indices] = adaptive_extreme_pool(operation, Extreme::kMax, x, sizes, with_indices);
  return {traced_adaptive_pool("GlobalMaxPool", "MaxPool", x, y), indices};
}

Tensor adaptive_avg_pool(const char* operation, int spatial, const Tensor& x,
                         const PerDim& output_size) {
  const Shape sizes = adaptive_sizes(operation, spatial, x, output_size);
  const Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()}, kChannelsLast);
  kernels::launch(x.device(), &KernelTable::adaptive_avg_pool_forward,
                  dense_channels_last(x).kernel_view(), y.kernel_view());
  const Tensor result =
      record(operation, y, {x}, {}, [shape = x.sizes()](const Backward& back) -> Tensors {
        const Tensor dy = back.grad().contiguous(kChannelsLast);
        const Tensor dx = empty(shape, {.dtype = dy.dtype(), .device = dy.device()}, kChannelsLast);
        kernels::launch(dx.device(), &KernelTable::adaptive_avg_pool_backward, dy.kernel_view(),
                        dx.kernel_view());
        return {dx};
      });
  return traced_adaptive_pool("GlobalAveragePool", "AveragePool", x, result);
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

namespace {

/// How many spatial dimensions x has.
int global_spatial(const char* operation, const Tensor& x) {
  check<ShapeError>(x.dim() >= 3 && x.dim() <= 5, operation,
                    ": input expected 3 to 5 dimensions [n, c, spatial...], got ", x.dim(),
                    " (input ", x.sizes(), ")");
  return x.dim() - 2;
}

}  // namespace

Tensor global_avg_pool(const Tensor& x) {
  return adaptive_avg_pool("global_avg_pool", global_spatial("global_avg_pool", x), x, 1);
}

Tensor global_max_pool(const Tensor& x) {
  const int spatial = global_spatial("global_max_pool", x);
  return std::get<0>(adaptive_max_pool("global_max_pool", spatial, x, 1, false));
}

// The same three functions for each number of spatial dimensions.
#define FOVEA_POOL(N)                                                                          \
  Tensor max_pool##N##d(const Tensor& x, const MaxPoolOptions& options) {                      \
    return std::get<0>(pool_extremes("max_pool" #N "d", Extreme::kMax, N, x, options, false)); \
  }                                                                                            \
  std::tuple<Tensor, Tensor> max_pool##N##d_with_indices(const Tensor& x,                      \
                                                         const MaxPoolOptions& options) {      \
    return pool_extremes("max_pool" #N "d", Extreme::kMax, N, x, options, true);               \
  }                                                                                            \
  Tensor min_pool##N##d(const Tensor& x, const MaxPoolOptions& options) {                      \
    return std::get<0>(pool_extremes("min_pool" #N "d", Extreme::kMin, N, x, options, false)); \
  }                                                                                            \
  std::tuple<Tensor, Tensor> min_pool##N##d_with_indices(const Tensor& x,                      \
                                                         const MaxPoolOptions& options) {      \
    return pool_extremes("min_pool" #N "d", Extreme::kMin, N, x, options, true);               \
  }                                                                                            \
  Tensor avg_pool##N##d(const Tensor& x, const AvgPoolOptions& options) {                      \
    return avg_pool("avg_pool" #N "d", N, x, options);                                         \
  }                                                                                            \
  Tensor adaptive_avg_pool##N##d(const Tensor& x, const PerDim& output_size) {                 \
    return adaptive_avg_pool("adaptive_avg_pool" #N "d", N, x, output_size);                   \
  }                                                                                            \
  Tensor adaptive_max_pool##N##d(const Tensor& x, const PerDim& output_size) {                 \
    constexpr const char* kName = "adaptive_max_pool" #N "d";                                  \
    return std::get<0>(adaptive_max_pool(kName, N, x, output_size, false));                    \
  }                                                                                            \
  std::tuple<Tensor, Tensor> adaptive_max_pool##N##d_with_indices(const Tensor& x,             \
                                                                  const PerDim& output_size) { \
    return adaptive_max_pool("adaptive_max_pool" #N "d", N, x, output_size, true);             \
  }
FOVEA_POOL(1)
FOVEA_POOL(2)
FOVEA_POOL(3)
#undef FOVEA_POOL

}  // namespace fovea
