// Pooling: MaxPool, AveragePool, LpPool and the same over all of the spatial dimensions.

#include <algorithm>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/graph/operators/windows.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pool.h"
#include "fovea/tensor/ops/pool_windows.h"

namespace fovea::graph {

namespace {

/// A pooling that can be done.
struct Problem {
  kernels::PoolSpec spec;  ///< its windows
  Shape output;            ///< [n, c, windows...]
};

/// The attributes of a pooling.
struct PoolAttributes {
  Windows windows;
  bool ceil_mode;

  explicit PoolAttributes(const NodeReader& node)
      : windows(node), ceil_mode(node.integer("ceil_mode", 0) != 0) {
    node.require(windows.kernel().has_value(),
                 "attribute \"kernel_shape\" expected ints, got none");
  }

  Problem problem(const Inputs& in, const Tensor& x) const;
};

/// Windows along one dimension. With ceil_mode one more if elements are left over, but none that
/// would start in the border at the end: what ONNX says since opset 22, and means in all before.
std::int64_t count_windows(const WindowPlaces& at, int dim, std::int64_t input, bool ceil_mode) {
  const std::int64_t room = input + at.begin[dim] + at.end[dim] - at.reach(dim);
  const std::int64_t stride = at.stride[dim];
  const std::int64_t whole = room < 0 ? 0 : room / stride + 1;
  if (!ceil_mode) return whole;
  const bool left_over = room < 0 ? -room < stride : room % stride != 0;
  return whole + (left_over && whole * stride < input + at.begin[dim] ? 1 : 0);
}

Problem PoolAttributes::problem(const Inputs& in, const Tensor& x) const {
  const WindowPlaces at = windows.places(in, x.sizes(), *windows.kernel());
  Problem problem{.spec = {.spatial = at.kernel.ndim(),
                           .kernel = at.kernel,
                           .stride = at.stride,
                           .padding_begin = at.begin,
                           .padding_end = at.end,
                           .dilation = at.dilation},
                  .output = {x.size(0), x.size(1)}};
  for (int i = 0; i < at.kernel.ndim(); ++i) {
    in.require(std::max(at.begin[i], at.end[i]) < at.reach(i),
               "pads expected smaller than the window, got ", at.begin, " and ", at.end,
               " (kernel_shape ", at.kernel, ", dilations ", at.dilation, ")");
    problem.output.push_back(count_windows(at, i, x.size(i + 2), ceil_mode));
    in.require(problem.output.back() > 0, "input expected to hold a window, got ", x.sizes(),
               " (kernel_shape ", at.kernel, ")");
  }
  return problem;
}

/// One window as large as x's spatial dimensions.
Problem whole(const Inputs& in, const Tensor& x) {
  const Shape sizes = spatial_sizes(in, x);
  const int spatial = sizes.ndim();
  const Shape ones = Shape::filled(spatial, 1), zeros = Shape::filled(spatial, 0);
  Problem problem{.spec = {.spatial = spatial,
                           .kernel = sizes,
                           .stride = ones,
                           .padding_begin = zeros,
                           .padding_end = zeros,
                           .dilation = ones},
                  .output = {x.size(0), x.size(1)}};
  for (int i = 0; i < spatial; ++i) problem.output.push_back(1);
  return problem;
}

/// Where in all of x the winners were, from where they were in its spatial dimensions.
Tensor flat_indices(const Tensor& positions, const Shape& input, bool column_major) {
  Tensor result = positions;
  std::int64_t count = 1;
  Shape spatial, reversed, reverse;
  for (int i = 2; i < input.ndim(); ++i) {
    count = checked_mul(count, input[i]);
    spatial.push_back(input[i]);
    reversed.insert(0, input[i]);
    reverse.insert(0, i - 2);
  }
  const TensorOptions like{.dtype = i64, .device = positions.device()};
  if (column_major) {
    // A table turns places counted with the last dimension fastest into the other way of counting.
    const Tensor table = arange(0, static_cast<double>(count), 1, like).view(reversed);
    result = index_select(table.permute(reverse).view({count}), 0,
                          maximum(positions, scalar(0, like)).view({-1}))
                 .view(positions.sizes());
  }
  const std::int64_t images = input[0] * input[1];
  Shape planes = Shape::filled(input.ndim(), 1);
  planes[0] = input[0];
  planes[1] = input[1];
  const Tensor starts =
      arange(0, static_cast<double>(images), 1, like) * static_cast<double>(count);
  return result + starts.view(planes);
}

Run bind_max_pool(const NodeReader& node) {
  const auto& outputs = node.node().outputs;
  const bool with_indices = outputs.size() > 1 && !outputs[1].empty();
  const std::int64_t order = node.integer("storage_order", 0);
  node.require(order == 0 || order == 1, "storage_order expected 0 or 1, got ", order);
  return [attributes = PoolAttributes(node), with_indices, order](const Inputs& in) -> Tensors {
    const auto [spec, output] = attributes.problem(in, in[0]);
    const Tensor x = to_real(in[0]);
    check_pool_input("MaxPool", x, spec.spatial);
    const auto [y, positions] =
        extreme_pool("MaxPool", kernels::Extreme::kMax, x, spec, output, with_indices);
    return {y.to(in[0].dtype()),
            with_indices ? flat_indices(positions, x.sizes(), order == 1) : Tensor()};
  };
}

Run bind_average_pool(const NodeReader& node) {
  const bool include = node.integer("count_include_pad", 0) != 0;
  return [attributes = PoolAttributes(node), include](const Inputs& in) -> Tensors {
    auto [spec, output] = attributes.problem(in, in[0]);
    const Tensor x = to_real(in[0]);
    check_pool_input("AveragePool", x, spec.spatial);
    spec.count_include_pad = include;
    return {average_pool("AveragePool", x, spec, output).to(in[0].dtype())};
  };
}

/// (sum of |x|^p)^(1/p) over each window.
Tensor lp_pool(const Tensor& input, Problem problem, double p) {
  const Tensor x = to_real(input);
  check_pool_input("LpPool", x, problem.spec.spatial);
  problem.spec.divisor_override = 1;  // the sum, not the mean
  const Tensor powers = p == 1 ? abs(x) : p == 2 ? square(x) : pow(abs(x), p);
  const Tensor sums = average_pool("LpPool", powers, problem.spec, problem.output);
  return (p == 1 ? sums : p == 2 ? sqrt(sums) : pow(sums, 1 / p)).to(input.dtype());
}

double read_norm(const NodeReader& node) {
  const auto p = static_cast<double>(node.integer("p", 2));
  node.require(p >= 1, "p expected at least 1, got ", p);
  return p;
}

Run bind_lp_pool(const NodeReader& node) {
  return [attributes = PoolAttributes(node), p = read_norm(node)](const Inputs& in) -> Tensors {
    return {lp_pool(in[0], attributes.problem(in, in[0]), p)};
  };
}

/// `pool` of x [n, c, spatial...], over all of whose spatial dimensions it goes: more than three
/// are as one.
template <class F>
Tensor over_all(const Inputs& in, const F& pool) {
  const Tensor& x = in[0];
  if (x.dim() <= 5) return pool(x);
  Shape sizes = Shape::filled(x.dim(), 1);
  sizes[0] = x.size(0);
  sizes[1] = x.size(1);
  return pool(channels_and_rest(x)).view(sizes);
}

Run bind_global_average_pool(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    return {over_all(in, [&](const Tensor& x) {
      spatial_sizes(in, x);
      return global_avg_pool(to_real(x)).to(x.dtype());
    })};
  };
}

Run bind_global_max_pool(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    return {over_all(in, [&](const Tensor& given) {
      const auto [spec, output] = whole(in, given);
      const Tensor x = to_real(given);
      check_pool_input("GlobalMaxPool", x, spec.spatial);
      const auto [y, positions] =
          extreme_pool("GlobalMaxPool", kernels::Extreme::kMax, x, spec, output, false);
      return y.to(given.dtype());
    })};
  };
}

Run bind_global_lp_pool(const NodeReader& node) {
  return [p = read_norm(node)](const Inputs& in) -> Tensors {
    return {over_all(in, [&](const Tensor& x) { return lp_pool(x, whole(in, x), p); })};
  };
}

constexpr Operator kPoolOperators[] = {
    {"AveragePool", bind_average_pool},
    {"GlobalAveragePool", bind_global_average_pool},
    {"GlobalLpPool", bind_global_lp_pool},
    {"GlobalMaxPool", bind_global_max_pool},
    {"LpPool", bind_lp_pool},
    {"MaxPool", bind_max_pool},
};

}  // namespace

std::span<const Operator> pool_operators() { return kPoolOperators; }

}  // namespace fovea::graph
