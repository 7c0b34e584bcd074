// Sums, means, extremes: checks, forward and gradient.

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::Extreme;
using kernels::KernelTable;
using kernels::Reduce;

namespace {

/// x's sizes with 1 where it is reduced; no dims means all.
Shape reduced_sizes(const Shape& sizes, const Shape& dims, const char* operation) {
  if (dims.empty()) return Shape::filled(sizes.ndim(), 1);
  Shape result = sizes;
  Shape seen = Shape::filled(sizes.ndim(), 0);
  for (const std::int64_t dim : dims) {
    const int d = wrap_dim(static_cast<int>(dim), sizes.ndim(), operation);
    if (sizes.ndim() == 0) continue;
    check<ArgumentError>(seen[d] == 0, operation, ": dims expected each once, got ", dims);
    seen[d] = 1;
    result[d] = 1;
  }
  return result;
}

/// Sizes of the result without keepdim.
Shape without_dims(const Shape& sizes, const Shape& dims, const char* operation) {
  if (dims.empty()) return {};
  Shape drop = Shape::filled(sizes.ndim(), 0), result;
  for (const std::int64_t dim : dims) {
    if (sizes.ndim() > 0) drop[wrap_dim(static_cast<int>(dim), sizes.ndim(), operation)] = 1;
  }
  for (int i = 0; i < sizes.ndim(); ++i) {
    if (!drop[i]) result.push_back(sizes[i]);
  }
  return result;
}

Tensor run(Reduce op, const Tensor& x, const Shape& kept, DType result) {
  Tensor y = empty(kept, {.dtype = result, .device = x.device()});
  kernels::launch(x.device(), &KernelTable::reduce, op, x.kernel_view(), y.kernel_view());
  return y;
}

TensorOptions options_of(const Tensor& x) { return {.dtype = x.dtype(), .device = x.device()}; }

Tensor extreme_over(const char* operation, Reduce op, const Tensor& x, const Shape& dims,
                    bool keepdim) {
  dispatch_number(x.dtype(), operation, [](auto) {});
  const Shape kept = reduced_sizes(x.sizes(), dims, operation);
  check<ShapeError>(x.numel() > 0 || kept.numel() == 0, operation,
                    ": dims expected not empty, got shape ", x.sizes());
  const Tensor y = run(op, x, kept, x.dtype());
  Tensor shaped = y.view(keepdim ? kept : without_dims(x.sizes(), dims, operation));
  if (!is_differentiable(x.dtype())) return shaped;
  return record(operation, shaped, {x}, {x, y}, [kept](const Backward& b) -> Tensors {
    const Tensor wins = eq(b.saved(0), b.saved(1)).to(b.grad().dtype());
    return {wins * (b.grad().view(kept) / run(Reduce::kSum, wins, kept, wins.dtype()))};
  });
}

/// Gradient of sum and mean: dy spread over the reduced dims, times `factor`.
BackwardFunction spread(const Shape& from, const Shape& kept, double factor) {
  return [from, kept, factor](const Backward& b) -> Tensors {
    const Tensor dy = factor == 1 ? b.grad() : b.grad() * factor;
    return {dy.view(kept).expand(from)};
  };
}

std::tuple<Tensor, Tensor> extreme_along(const char* operation, Extreme which, const Tensor& x,
                                         int dim, bool keepdim) {
  dispatch_number(x.dtype(), operation, [](auto) {});
  const int d = wrap_dim(dim, x.dim(), operation);
  const Tensor source = x.dim() == 0 ? x.view({1}) : x;
  check<ShapeError>(source.sizes()[d] > 0, operation,
                    ": dim expected not empty, got size 0 (shape ", x.sizes(), ")");
  Shape kept = source.sizes();
  kept[d] = 1;
  Tensor values = empty(kept, {.dtype = x.dtype(), .device = x.device()});
  Tensor indices = empty(kept, {.dtype = i64, .device = x.device()});
  kernels::launch(x.device(), &KernelTable::arg_extreme, which, source.kernel_view(), d,
                  values.kernel_view(), indices.kernel_view());
  const bool drop = !keepdim || x.dim() == 0;
  const NoGrad no_grad;
  const Tensor shaped_values = drop ? values.select(d, 0) : values;
  const Tensor shaped_indices = drop ? indices.select(d, 0) : indices;
  if (!is_differentiable(x.dtype())) return {shaped_values, shaped_indices};
  const GradMode recording(true);
  const Tensor recorded =
      record(operation, shaped_values, {x}, {indices},
             [d, from = source.sizes(), original = x.sizes(), kept](const Backward& b) -> Tensors {
               Tensor dx = zeros(from, {.dtype = b.grad().dtype(), .device = b.grad().device()});
               const Tensor dy = b.grad().view(kept);
               kernels::launch(dx.device(), &KernelTable::scatter_add, d, b.saved(0).kernel_view(),
                               dy.kernel_view(), dx.kernel_view());
               return {dx.view(original)};
             });
  return {recorded, shaped_indices};
}

}  // namespace

namespace {

/// ONNX's axes as an input; none when all are meant.
Tensor axes_of(const Shape& dims) {
  if (dims.empty()) return {};
  return from_data<std::int64_t>(to_ints(dims), {dims.ndim()}, cpu);
}

Attributes over(const Shape& dims, bool keepdim) {
  Attributes attributes = {{"keepdims", std::int64_t{keepdim}}};
  if (!dims.empty()) attributes["axes"] = to_ints(dims);
  return attributes;
}

Attributes along(int dim, const Tensor& x, bool keepdim) {
  return {{"axis", std::int64_t{wrap_dim(dim, x.dim(), "argmax")}},
          {"keepdims", std::int64_t{keepdim}}};
}

}  // namespace

Tensor sum(const Tensor& x, const Shape& dims, bool keepdim) {
  dispatch_compute(x.dtype(), "sum", [](auto) {});
  const Shape kept = reduced_sizes(x.sizes(), dims, "sum");
  if (tracer() && is_floating(x.dtype())) {
    return traced_whole("ReduceSum", {x, axes_of(dims)}, {{"keepdims", std::int64_t{keepdim}}},
                        [&] { return sum(x, dims, keepdim); });
  }
  const DType result = is_floating(x.dtype()) ? x.dtype() : i64;
  const Tensor y = run(Reduce::kSum, x, kept, result);
  const Shape shape = keepdim ? kept : without_dims(x.sizes(), dims, "sum");
  if (!is_differentiable(result)) return y.view(shape);
  return record("sum", y.view(shape), {x}, {}, spread(x.sizes(), kept, 1));
}

Tensor mean(const Tensor& x, const Shape& dims, bool keepdim) {
  dispatch_float(x.dtype(), "mean", [](auto) {});
  const Shape kept = reduced_sizes(x.sizes(), dims, "mean");
  if (tracer()) {
    return traced_whole("ReduceMean", {x}, over(dims, keepdim),
                        [&] { return mean(x, dims, keepdim); });
  }
  const double count =
      static_cast<double>(x.numel()) / static_cast<double>(std::max<std::int64_t>(kept.numel(), 1));
  const Tensor y = run(Reduce::kMean, x, kept, x.dtype());
  return record("mean", y.view(keepdim ? kept : without_dims(x.sizes(), dims, "mean")), {x}, {},
                spread(x.sizes(), kept, 1 / count));
}

Tensor prod(const Tensor& x, const Shape& dims, bool keepdim) {
  dispatch_compute(x.dtype(), "prod", [](auto) {});
  const Shape kept = reduced_sizes(x.sizes(), dims, "prod");
  const DType result = is_floating(x.dtype()) ? x.dtype() : i64;
  if (tracer()) {
    return traced_whole("ReduceProd", {x.to(result)}, over(dims, keepdim),
                        [&] { return prod(x, dims, keepdim); });
  }
  const Tensor y = run(Reduce::kProd, x, kept, result);
  const Shape shape = keepdim ? kept : without_dims(x.sizes(), dims, "prod");
  if (!is_differentiable(result)) return y.view(shape);
  return record("prod", y.view(shape), {x}, {x}, [kept](const Backward& b) -> Tensors {
    // The product of the others is y / x, but for zeros: beside one only it has a slope, beside two
    // nothing has.
    const Tensor saved = b.saved(0), is_zero = eq(saved, zeros({}, options_of(saved)));
    const Tensor others = where(is_zero, ones({}, options_of(saved)), saved);
    const Tensor rest = run(Reduce::kProd, others, kept, saved.dtype()) / others;
    const Tensor zeros_beside = run(Reduce::kSum, is_zero, kept, i64) - is_zero.to(i64);
    return {where(zeros_beside == 0, b.grad().view(kept) * rest, zeros({}, options_of(saved)))};
  });
}

Tensor var(const Tensor& x, const Shape& dims, bool keepdim, double correction) {
  dispatch_float(x.dtype(), "var", [](auto) {});
  const Shape kept = reduced_sizes(x.sizes(), dims, "var");
  if (tracer() && correction == 0) {  // a correction would make the batch a part of the model
    return mean(square(x - mean(x, dims, true)), dims, keepdim);
  }
  const double count =
      static_cast<double>(x.numel()) / static_cast<double>(std::max<std::int64_t>(kept.numel(), 1));
  const double divisor = std::max(count - correction, 0.0);
  Tensor y;
  {
    const NoGrad no_grad;
    const Tensor centred = x - run(Reduce::kMean, x, kept, x.dtype());
    y = (run(Reduce::kSum, square(centred), kept, x.dtype()) / divisor)
            .view(keepdim ? kept : without_dims(x.sizes(), dims, "var"));
  }
  return record("var", y, {x}, {x}, [kept, divisor](const Backward& b) -> Tensors {
    const Tensor saved = b.saved(0);
    const Tensor centred = saved - run(Reduce::kMean, saved, kept, saved.dtype());
    return {centred * (b.grad().view(kept) * (2 / divisor))};
  });
}

Tensor std(const Tensor& x, const Shape& dims, bool keepdim, double correction) {
  return sqrt(var(x, dims, keepdim, correction));
}

Tensor max(const Tensor& x) {
  return std::get<0>(extreme_along("max", Extreme::kMax, x.view({-1}), 0, false));
}
Tensor min(const Tensor& x) {
  return std::get<0>(extreme_along("min", Extreme::kMin, x.view({-1}), 0, false));
}

Tensor amax(const Tensor& x, const Shape& dims, bool keepdim) {
  if (tracer()) {
    return traced_whole("ReduceMax", {x}, over(dims, keepdim),
                        [&] { return amax(x, dims, keepdim); });
  }
  return extreme_over("amax", Reduce::kMax, x, dims, keepdim);
}
Tensor amin(const Tensor& x, const Shape& dims, bool keepdim) {
  if (tracer()) {
    return traced_whole("ReduceMin", {x}, over(dims, keepdim),
                        [&] { return amin(x, dims, keepdim); });
  }
  return extreme_over("amin", Reduce::kMin, x, dims, keepdim);
}

std::tuple<Tensor, Tensor> max(const Tensor& x, int dim, bool keepdim) {
  return extreme_along("max", Extreme::kMax, x, dim, keepdim);
}
std::tuple<Tensor, Tensor> min(const Tensor& x, int dim, bool keepdim) {
  return extreme_along("min", Extreme::kMin, x, dim, keepdim);
}

Tensor argmax(const Tensor& x, int dim, bool keepdim) {
  if (tracer()) {
    return traced_whole("ArgMax", {x}, along(dim, x, keepdim),
                        [&] { return argmax(x, dim, keepdim); });
  }
  return std::get<1>(extreme_along("argmax", Extreme::kMax, x.detach(), dim, keepdim));
}
Tensor argmin(const Tensor& x, int dim, bool keepdim) {
  if (tracer()) {
    return traced_whole("ArgMin", {x}, along(dim, x, keepdim),
                        [&] { return argmin(x, dim, keepdim); });
  }
  return std::get<1>(extreme_along("argmin", Extreme::kMin, x.detach(), dim, keepdim));
}

Tensor any(const Tensor& x) {
  dispatch_dtype<bool>(x.dtype(), "any", [](auto) {});
  return run(Reduce::kAny, x, reduced_sizes(x.sizes(), {}, "any"), boolean).view({});
}

Tensor all(const Tensor& x) {
  dispatch_dtype<bool>(x.dtype(), "all", [](auto) {});
  return run(Reduce::kAll, x, reduced_sizes(x.sizes(), {}, "all"), boolean).view({});
}

}  // namespace fovea
