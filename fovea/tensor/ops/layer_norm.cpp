#include "fovea/tensor/ops/layer_norm.h"

#include "fovea/tensor/ops.h"

namespace fovea {

namespace {

/// y * weight + bias, both of `sizes` or undefined, seen as `view`.
Tensor scale_and_shift(const char* operation, Tensor y, const Tensor& weight, const Tensor& bias,
                       const Shape& sizes, const Shape& view) {
  const auto check_shape = [&](const char* name, const Tensor& parameter) {
    check<ShapeError>(parameter.sizes() == sizes, operation, ": ", name, " expected shape ", sizes,
                      ", got ", parameter.sizes(), " (input ", y.sizes(), ")");
  };
  if (weight.defined()) check_shape("weight", weight);
  if (bias.defined()) check_shape("bias", bias);
  if (weight.defined()) y = y * weight.view(view);
  if (bias.defined()) y = y + bias.view(view);
  return y;
}

/// y * weight + bias with a number a channel.
Tensor scale_channels(const char* operation, const Tensor& y, const Tensor& weight,
                      const Tensor& bias) {
  Shape view = Shape::filled(y.dim(), 1);
  view[1] = y.size(1);
  return scale_and_shift(operation, y, weight, bias, {y.size(1)}, view);
}

Shape dims_from(int first, int ndim) {
  Shape dims;
  for (int i = first; i < ndim; ++i) dims.push_back(i);
  return dims;
}

}  // namespace

Standardized standardize(const Tensor& x, const Shape& dims, double eps) {
  dispatch_float(x.dtype(), "standardize", [](auto) {});
  check<ArgumentError>(eps >= 0, "standardize: eps expected at least 0, got ", eps);
  if (dims.empty()) {  // which means all to `mean`, but here each element is its own mean
    return {x - x, x, rsqrt(zeros_like(x) + eps)};
  }
  const Tensor average = mean(x, dims, true);
  const Tensor centred = x - average;
  const Tensor rstd = rsqrt(mean(square(centred), dims, true) + eps);
  return {centred * rstd, average, rstd};
}

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                  const Tensor& bias, double eps) {
  constexpr const char* kName = "layer_norm";
  const int first = x.dim() - normalized_shape.ndim();
  const bool fits =
      first >= 0 && !normalized_shape.empty() &&
      Shape(std::span(x.sizes().begin() + first, x.sizes().end())) == normalized_shape;
  check<ShapeError>(fits, kName, ": input expected to end in ", normalized_shape, ", got ",
                    x.sizes());
  return scale_and_shift(kName, standardize(x, dims_from(first, x.dim()), eps).y, weight, bias,
                         normalized_shape, normalized_shape);
}

Tensor group_norm(const Tensor& x, std::int64_t num_groups, const Tensor& weight,
                  const Tensor& bias, double eps) {
  constexpr const char* kName = "group_norm";
  check<ArgumentError>(num_groups >= 1, kName, ": num_groups expected at least 1, got ",
                       num_groups);
  check<ShapeError>(x.dim() >= 2 && x.size(1) % num_groups == 0, kName,
                    ": input expected [n, c, ...] with c a multiple of num_groups ", num_groups,
                    ", got ", x.sizes());
  const std::int64_t each = x.numel() == 0 ? 0 : x.numel() / (x.size(0) * num_groups);
  const Tensor groups = x.view({x.size(0), num_groups, each});
  return scale_channels(kName, standardize(groups, {2}, eps).y.view(x.sizes()), weight, bias);
}

Tensor instance_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  constexpr const char* kName = "instance_norm";
  check<ShapeError>(x.dim() >= 3, kName,
                    ": input expected at least 3 dimensions [n, c, spatial...], got ", x.sizes());
  return scale_channels(kName, standardize(x, dims_from(2, x.dim()), eps).y, weight, bias);
}

}  // namespace fovea
