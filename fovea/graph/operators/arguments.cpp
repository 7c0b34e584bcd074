#include "fovea/graph/operators/arguments.h"

#include <algorithm>

namespace fovea::graph {

int wrap_axis(const Inputs& in, std::int64_t axis, int ndim) {
  in.require(axis >= -ndim && axis < ndim, "axis expected in [", -ndim, ", ", ndim, "), got ",
             axis);
  return static_cast<int>(axis < 0 ? axis + ndim : axis);
}

std::vector<std::int64_t> sorted_axes(const Inputs& in, std::vector<std::int64_t> axes, int ndim) {
  for (std::int64_t& axis : axes) axis = wrap_axis(in, axis, ndim);
  std::ranges::sort(axes);
  const auto twice = std::ranges::adjacent_find(axes);
  in.require(twice == axes.end(), "axes expected each once, got ", twice == axes.end() ? 0 : *twice,
             " twice");
  return axes;
}

Shape to_shape(const Inputs& in, const std::vector<std::int64_t>& sizes) {
  in.require(sizes.size() <= kMaxDims, "shape expected at most ", kMaxDims, " dimensions, got ",
             sizes.size());
  return Shape(sizes);
}

Tensor channels_and_rest(const Tensor& x) {
  std::int64_t rest = 1;
  for (int i = 2; i < x.dim(); ++i) rest = checked_mul(rest, x.size(i));
  return x.view({x.dim() > 0 ? x.size(0) : 1, x.dim() > 1 ? x.size(1) : 1, rest});
}

Tensor to_real(const Tensor& x) { return is_differentiable(x.dtype()) ? x : x.to(f32); }

}  // namespace fovea::graph
