// Values that do not come from other values, or from their shapes alone.

#include <algorithm>
#include <cmath>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/graph/operators/dtypes.h"

namespace fovea::graph {

namespace {

/// The attribute among several of which exactly one must be there.
Tensor constant_of(const NodeReader& node) {
  int given = 0;
  for (const char* name : {"value", "value_float", "value_floats", "value_int", "value_ints"})
    given += node.has(name);
  node.require(given == 1,
               "attributes expected exactly one of value, value_float, value_floats, value_int and "
               "value_ints, got ",
               given);
  if (node.has("value_float")) return scalar(node.real("value_float", 0));
  if (node.has("value_int")) {
    return from_data(std::vector<std::int64_t>{node.integer("value_int")}, {});
  }
  if (node.has("value_floats")) {
    const std::vector<double> values = node.reals("value_floats");
    return from_data(values, {static_cast<std::int64_t>(values.size())}).to(f32);
  }
  if (node.has("value_ints")) {
    const std::vector<std::int64_t> values = node.ints("value_ints");
    return from_data(values, {static_cast<std::int64_t>(values.size())});
  }
  return node.tensor("value");
}

Run bind_constant(const NodeReader& node) {
  return [value = constant_of(node)](const Inputs&) -> Tensors { return {value}; };
}

Run bind_constant_of_shape(const NodeReader& node) {
  Tensor value = zeros({});
  if (node.has("value")) {
    value = node.tensor("value");
    node.require(value.numel() == 1, "attribute \"value\" expected 1 element, got shape ",
                 value.sizes());
    value = value.view({});
  }
  return [value](const Inputs& in) -> Tensors {
    const std::vector<std::int64_t> sizes = in.ints(0);
    for (const std::int64_t size : sizes)
      in.require(size >= 0, "shape expected sizes of at least 0, got ", size);
    return {value.expand(to_shape(in, sizes)).contiguous()};
  };
}

/// From operator set 15 on a part of the shape, positions cut to it as in Python.
Run bind_shape(const NodeReader& node) {
  const std::int64_t start = node.integer("start", 0);
  const std::int64_t end = node.integer("end", kMaxDims);
  return [=](const Inputs& in) -> Tensors {
    const Shape& sizes = in[0].sizes();
    const auto position = [&](std::int64_t p) {
      const std::int64_t dims = sizes.ndim();
      return std::clamp<std::int64_t>(p < 0 ? p + dims : p, 0, dims);
    };
    const std::int64_t from = position(start), to = std::max(from, position(end));
    const std::vector<std::int64_t> part(sizes.begin() + from, sizes.begin() + to);
    return {from_data(part, {to - from}, in[0].device())};
  };
}

Run bind_size(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    return {from_data(std::vector<std::int64_t>{in[0].numel()}, {}, in[0].device())};
  };
}

/// How many of start, start + delta, ... lie before limit: of whole numbers exactly.
std::int64_t range_length(const Inputs& in) {
  double length = 0;
  if (is_floating(in[0].dtype())) {
    const double delta = in[2].item<double>();
    in.require(delta != 0, "delta expected not to be 0, got 0");
    length = std::ceil((in[1].item<double>() - in[0].item<double>()) / delta);
  } else {
    const auto whole = [&](std::size_t i) { return computable(in[i]).item<std::int64_t>(); };
    const std::int64_t start = whole(0), limit = whole(1), delta = whole(2);
    in.require(delta != 0, "delta expected not to be 0, got 0");
    const auto between = [](std::int64_t low, std::int64_t high) {
      return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    };
    const std::uint64_t way = delta > 0 ? between(start, limit) : between(limit, start);
    const std::uint64_t step = delta > 0 ? between(0, delta) : between(delta, 0);
    const bool leads = delta > 0 ? start < limit : limit < start;
    const std::uint64_t steps = way / step + (way % step != 0 ? 1 : 0);
    length = leads ? static_cast<double>(steps) : 0;
  }
  in.require(length < 0x1p53, "range expected fewer than 2^53 numbers, got ", length);
  return static_cast<std::int64_t>(std::max(length, 0.0));
}

Run bind_range(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    for (const std::size_t i : {0, 1, 2}) {
      in.require(in[i].numel() == 1, "inputs expected of 1 element, got shape ", in[i].sizes());
      check<DTypeError>(in[i].dtype() == in[0].dtype(), in.where(),
                        ": inputs expected of one dtype, got ", in[0].dtype(), " and ",
                        in[i].dtype());
    }
    const Tensor start = computable(in[0]).view({}), delta = computable(in[2]).view({});
    const Tensor steps = arange(static_cast<double>(range_length(in)),
                                {.dtype = start.dtype(), .device = start.device()});
    return {(steps * delta + start).to(in[0].dtype())};
  };
}

constexpr Operator kConstantOperators[] = {
    {.name = "Constant", .bind = bind_constant, .dtype = {.attribute = "value"}},
    {.name = "ConstantOfShape",
     .bind = bind_constant_of_shape,
     .dtype = {.dtype = f32, .attribute = "value"},
     .numbers = {0, 1}},
    {.name = "Range", .bind = bind_range, .numbers = {0, 3}},
    {.name = "Shape", .bind = bind_shape, .dtype = {.dtype = i64}, .results = Results::kOfShape},
    {.name = "Size", .bind = bind_size, .dtype = {.dtype = i64}, .results = Results::kOfShape},
};

}  // namespace

std::span<const Operator> constant_operators() { return kConstantOperators; }

}  // namespace fovea::graph
