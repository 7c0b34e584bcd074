// Reductions, and the places of extremes.

#include <limits>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/graph/operators/dtypes.h"

namespace fovea::graph {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Along which dimensions; kept with size 1, or dropped.
struct Along {
  Shape axes;  // none: all
  bool keep;
};

/// What the attributes and inputs of reductions say.
class Reduction {
 public:
  explicit Reduction(const NodeReader& node)
      : axes_(node, "axes", 1),
        keep_(node.integer("keepdims", 1) != 0),
        nothing_without_axes_(node.integer("noop_with_empty_axes", 0) != 0) {}

  /// Nothing when the input shall keep its shape.
  std::optional<Along> get(const Inputs& in) const {
    const auto axes = axes_.get(in);
    if (!axes || axes->empty()) {
      if (nothing_without_axes_) return std::nullopt;
      return Along{{}, keep_};
    }
    return Along{to_shape(in, sorted_axes(in, *axes, in[0].dim())), keep_};
  }

 private:
  AttributeOrInput axes_;
  bool keep_, nothing_without_axes_;
};

using All = Tensor (*)(const Tensor& x, const Along& along);
using One = Tensor (*)(const Tensor& x);

/// A sum, say, of something of each element; where there is nothing to reduce along, `one` of each
/// element by itself.
template <All all, One one>
Tensor reduced(const Tensor& x, const std::optional<Along>& along) {
  return along ? all(x, *along) : one(x);
}

Tensor itself(const Tensor& x) { return x; }

/// An operator that reduces in the input's compute_dtype.
template <All all, One one = itself>
Run bind_reduce(const NodeReader& node) {
  return [reduction = Reduction(node)](const Inputs& in) -> Tensors {
    const auto along = reduction.get(in);
    return {computed([&](const Tensor& x) { return reduced<all, one>(x, along); }, in[0])};
  };
}

/// The same for functions that only floating point has.
template <All all, One one = itself>
Run bind_reduce_real(const NodeReader& node) {
  return [reduction = Reduction(node)](const Inputs& in) -> Tensors {
    const auto along = reduction.get(in);
    return {computed_real([&](const Tensor& x) { return reduced<all, one>(x, along); }, in[0])};
  };
}

Tensor sum_along(const Tensor& x, const Along& along) { return sum(x, along.axes, along.keep); }
Tensor mean_along(const Tensor& x, const Along& along) { return mean(x, along.axes, along.keep); }
Tensor product_along(const Tensor& x, const Along& along) {
  return prod(x, along.axes, along.keep);
}
Tensor l1(const Tensor& x, const Along& along) { return sum_along(fovea::abs(x), along); }
Tensor sum_square(const Tensor& x, const Along& along) { return sum_along(square(x), along); }
Tensor l2(const Tensor& x, const Along& along) { return fovea::sqrt(sum_square(x, along)); }
Tensor log_sum(const Tensor& x, const Along& along) { return fovea::log(sum_along(x, along)); }

/// The largest is subtracted first, so that exp cannot overflow; where it is infinite, nothing is.
Tensor log_sum_exp(const Tensor& x, const Along& along) {
  const Tensor none = zeros({}, {.dtype = x.dtype(), .device = x.device()});
  if (x.numel() == 0) return log_sum(x, along);
  const Tensor largest = amax(x.detach(), along.axes, true);
  const Tensor shift = where(isfinite(largest), largest, none);
  const Tensor kept = log_sum(fovea::exp(x - shift), {along.axes, true}) + shift;
  return along.keep ? kept : kept.view(sum_along(largest, along).sizes());
}

using Extreme = Tensor (*)(const Tensor& x, const Shape& dims, bool keep);

/// ReduceMax and ReduceMin; bool counts as 0 and 1, and of nothing the result is the dtype's other
/// end: the sign of `other_end`.
template <Extreme extreme, int other_end>
Run bind_extreme(const NodeReader& node) {
  return [reduction = Reduction(node)](const Inputs& in) -> Tensors {
    const Tensor& x = in[0];
    const auto along = reduction.get(in);
    if (!along) return {x};
    if (x.numel() == 0) {
      const Shape sizes = sum(computable(x), along->axes, along->keep).sizes();
      const double end = x.dtype() == boolean ? (other_end > 0 ? 1 : 0) : other_end * kInfinity;
      return {full(sizes, end, {.dtype = x.dtype(), .device = x.device()})};
    }
    const Tensor values = x.dtype() == boolean ? x.to(u8) : computable(x);
    return {extreme(values, along->axes, along->keep).to(x.dtype())};
  };
}

/// The first index of the extreme, or with select_last_index the last one.
template <Tensor (*place)(const Tensor&, int, bool)>
Run bind_place(const NodeReader& node) {
  const std::int64_t axis = node.integer("axis", 0);
  const bool keep = node.integer("keepdims", 1) != 0;
  const bool last = node.integer("select_last_index", 0) != 0;
  return [=](const Inputs& in) -> Tensors {
    const int dim = wrap_axis(in, axis, in[0].dim());
    const Tensor x = computable(in[0]);
    if (!last) return {place(x, dim, keep)};
    const std::int64_t end = x.size(dim) - 1;
    in.require(end >= 0, "axis expected not to be empty, got shape ", x.sizes());
    const Tensor backwards =
        arange(static_cast<double>(end), -1, -1, {.dtype = i64, .device = x.device()});
    return {static_cast<double>(end) - place(index_select(x.detach(), dim, backwards), dim, keep)};
  };
}

constexpr Operator kReduceOperators[] = {
    {.name = "ArgMax",
     .bind = bind_place<argmax>,
     .differentiable = false,
     .dtype = {.dtype = i64}},
    {.name = "ArgMin",
     .bind = bind_place<argmin>,
     .differentiable = false,
     .dtype = {.dtype = i64}},
    {.name = "ReduceL1", .bind = bind_reduce<l1, fovea::abs>, .numbers = {1, 2}},
    {.name = "ReduceL2", .bind = bind_reduce_real<l2, fovea::abs>, .numbers = {1, 2}},
    {.name = "ReduceLogSum", .bind = bind_reduce_real<log_sum, fovea::log>, .numbers = {1, 2}},
    {.name = "ReduceLogSumExp", .bind = bind_reduce_real<log_sum_exp>, .numbers = {1, 2}},
    {.name = "ReduceMax", .bind = bind_extreme<amax, -1>, .numbers = {1, 2}},
    {.name = "ReduceMean", .bind = bind_reduce_real<mean_along>, .numbers = {1, 2}},
    {.name = "ReduceMin", .bind = bind_extreme<amin, 1>, .numbers = {1, 2}},
    {.name = "ReduceProd", .bind = bind_reduce<product_along>, .numbers = {1, 2}},
    {.name = "ReduceSum", .bind = bind_reduce<sum_along>, .numbers = {1, 2}},
    {.name = "ReduceSumSquare", .bind = bind_reduce<sum_square, square>, .numbers = {1, 2}},
};

}  // namespace

std::span<const Operator> reduce_operators() { return kReduceOperators; }

}  // namespace fovea::graph
