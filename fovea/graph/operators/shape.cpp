// What changes shapes and joins tensors, without computing: any dtype.

#include <algorithm>
#include <optional>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/tensor/ops.h"

namespace fovea::graph {

namespace {

using Ints = std::vector<std::int64_t>;

Run bind_flatten(const NodeReader& node) {
  return [axis = node.integer("axis", 1)](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    const int ndim = x.dim();
    // Unlike elsewhere the axis may be one past the last: it is a place between dimensions.
    in.require(axis >= -ndim && axis <= ndim, "axis expected in [", -ndim, ", ", ndim, "], got ",
               axis);
    const auto cut = static_cast<int>(axis < 0 ? axis + ndim : axis);
    std::int64_t rows = 1, columns = 1;
    for (int i = 0; i < ndim; ++i) {
      std::int64_t& side = i < cut ? rows : columns;
      side = checked_mul(side, x.sizes()[i]);
    }
    return {x.view({rows, columns})};
  };
}

Run bind_reshape(const NodeReader& node) {
  const bool allow_zero = node.integer("allowzero", 0) != 0;
  return [shape = AttributeOrInput(node, "shape", 1), allow_zero](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    const std::optional<Ints> wanted = shape.get(in);
    in.require(wanted.has_value(), "shape expected, got none");
    Shape sizes = to_shape(in, *wanted);
    for (int i = 0; i < sizes.ndim() && !allow_zero; ++i) {
      if (sizes[i] != 0) continue;
      in.require(i < x.dim(), "shape expected 0 only where the input has a dimension, got ", sizes,
                 " (input ", x.sizes(), ")");
      sizes[i] = x.sizes()[i];
    }
    return {x.view(sizes)};
  };
}

Run bind_transpose(const NodeReader& node) {
  std::optional<Shape> permutation;
  if (node.has("perm")) {
    const Ints dims = node.ints("perm");
    node.require(dims.size() <= kMaxDims, "perm expected at most ", kMaxDims, " dimensions, got ",
                 dims.size());
    permutation = Shape(dims);
    Shape sorted = *permutation;
    std::ranges::sort(sorted);
    for (int i = 0; i < sorted.ndim(); ++i) {
      node.require(sorted[i] == i, "perm expected every dimension once, got ", *permutation);
    }
  }
  return [permutation](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    Shape dims;
    for (int i = 0; i < x.dim() && !permutation; ++i) dims.insert(0, i);
    if (permutation) dims = *permutation;
    in.require(dims.ndim() == x.dim(), "perm expected ", x.dim(), " dimensions, got ", dims,
               " (input ", x.sizes(), ")");
    return {x.permute(dims)};
  };
}

Run bind_squeeze(const NodeReader& node) {
  return [axes = AttributeOrInput(node, "axes", 1)](const Inputs& in) -> Tensors {
    Tensor y = in[0];
    const Shape sizes = y.sizes();
    std::optional<Ints> wanted = axes.get(in);
    if (!wanted) {
      wanted.emplace();
      for (int i = 0; i < y.dim(); ++i) {
        if (sizes[i] == 1) wanted->push_back(i);
      }
    }
    const Ints sorted = sorted_axes(in, *wanted, y.dim());
    for (std::size_t i = sorted.size(); i-- > 0;) {
      const auto axis = static_cast<int>(sorted[i]);
      in.require(sizes[axis] == 1, "axis ", axis, " expected size 1, got ", sizes);
      y = y.squeeze(axis);
    }
    return {y};
  };
}

Run bind_unsqueeze(const NodeReader& node) {
  return [axes = AttributeOrInput(node, "axes", 1)](const Inputs& in) -> Tensors {
    const std::optional<Ints> wanted = axes.get(in);
    in.require(wanted.has_value(), "axes expected, got none");
    Tensor y = in[0];
    const std::size_t ndim = static_cast<std::size_t>(y.dim()) + wanted->size();
    in.require(ndim <= kMaxDims, "output expected at most ", kMaxDims, " dimensions, got ", ndim);
    for (const std::int64_t axis : sorted_axes(in, *wanted, static_cast<int>(ndim))) {
      y = y.unsqueeze(static_cast<int>(axis));
    }
    return {y};
  };
}

Run bind_expand(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    const Shape wanted = to_shape(in, in.ints(1));
    return {in[0].expand(broadcast_shapes(in[0].sizes(), wanted, "Expand"))};
  };
}

Run bind_concat(const NodeReader& node) {
  return [axis = node.integer("axis")](const Inputs& in) -> Tensors {
    Tensors parts;
    for (std::size_t i = 0; i < in.size(); ++i) parts.push_back(in[i]);
    in.require(!parts.empty(), "inputs expected at least one, got none");
    return {cat(parts, wrap_axis(in, axis, parts[0].dim()))};
  };
}

Run bind_tile(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    const Ints repeats = in.ints(1);
    Tensor y = in[0];
    const Shape sizes = y.sizes();
    in.require(repeats.size() == static_cast<std::size_t>(y.dim()), "repeats expected ", y.dim(),
               " numbers, got ", repeats.size());
    for (int i = 0; i < sizes.ndim(); ++i) {
      const std::int64_t times = repeats[static_cast<std::size_t>(i)];
      in.require(times >= 0, "repeats expected at least 0, got ", times);
      if (times == 1) continue;
      // Repeated without a copy along a dimension of its own, which is then joined with its own.
      Shape repeated = y.sizes();
      repeated.insert(i, times);
      Shape joined = y.sizes();
      joined[i] = checked_mul(joined[i], times);
      y = y.unsqueeze(i).expand(repeated).view(joined);
    }
    return {y};
  };
}

constexpr Operator kShapeOperators[] = {
    {"Concat", bind_concat},
    {.name = "Expand", .bind = bind_expand, .numbers = {1, 2}},
    {.name = "Flatten", .bind = bind_flatten, .results = Results::kReshaped},
    {.name = "Reshape", .bind = bind_reshape, .numbers = {1, 2}, .results = Results::kReshaped},
    {.name = "Squeeze", .bind = bind_squeeze, .numbers = {1, 2}, .results = Results::kReshaped},
    {.name = "Tile", .bind = bind_tile, .numbers = {1, 2}},
    {.name = "Transpose", .bind = bind_transpose, .results = Results::kReshaped},
    {.name = "Unsqueeze", .bind = bind_unsqueeze, .numbers = {1, 2}, .results = Results::kReshaped},
};

}  // namespace

std::span<const Operator> shape_operators() { return kShapeOperators; }

}  // namespace fovea::graph
