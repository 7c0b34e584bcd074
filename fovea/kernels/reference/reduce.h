// Reductions as plain loops over any strides: the oracle of the fast kernels. Sums, means and
// products of floating point are computed in f64, of whole numbers in i64, which wraps.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "fovea/kernels/reference/elementwise.h"
#include "fovea/kernels/reference/walk.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// Calls `f(offset in y, next)` for every element of y, where `next()` gives, one after the other,
/// the x.numel() / y.numel() values of x that are reduced to it.
template <class T, class F>
void for_each_reduced(ConstView x, View y, const F& f) {
  Shape kept_sizes, kept_x, kept_y, reduced_sizes, reduced_x;
  for (int dim = 0; dim < x.ndim(); ++dim) {
    const bool kept = y.size(dim) == x.size(dim);
    (kept ? kept_sizes : reduced_sizes).push_back(x.size(dim));
    (kept ? kept_x : reduced_x).push_back(x.strides[dim]);
    if (kept) kept_y.push_back(y.strides[dim]);
  }
  Walker from(kept_sizes, kept_x), to(kept_sizes, kept_y);
  const std::int64_t count = reduced_sizes.numel();
  for (std::int64_t left = y.numel(); left > 0; --left, from.next(), to.next()) {
    Walker along(reduced_sizes, reduced_x);
    f(to.offset(), count, [&] {
      const T value = x.as<T>()[from.offset() + along.offset()];
      along.next();
      return value;
    });
  }
}

/// KernelTable::reduce: sums, means (`mean`) and products (`product`).
template <class T>
void accumulate(bool product, bool mean, ConstView x, View y) {
  using Sum = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;
  using Y = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;
  for_each_reduced<T>(x, y, [&](std::int64_t at, std::int64_t count, const auto& next) {
    Sum sum = product ? 1 : 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto value = static_cast<Sum>(next());
      sum = product ? sum * value : sum + value;
    }
    if constexpr (std::is_floating_point_v<T>)
      if (mean) sum /= static_cast<double>(count);
    y.as<Y>()[at] = static_cast<Y>(sum);
  });
}

/// KernelTable::reduce: the largest or the smallest; NaN wins.
template <class T>
void extreme(Extreme which, ConstView x, View y) {
  using Limits = std::numeric_limits<T>;
  const T least = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  const T most = Limits::has_infinity ? Limits::infinity() : Limits::max();
  for_each_reduced<T>(x, y, [&](std::int64_t at, std::int64_t count, const auto& next) {
    T best = which == Extreme::kMax ? least : most;
    for (std::int64_t i = 0; i < count; ++i) {
      const T value = next();
      if (is_nan(value) || (which == Extreme::kMax ? value > best : value < best)) best = value;
    }
    y.as<T>()[at] = best;
  });
}

/// KernelTable::reduce: whether any is true, or all are.
inline void truth(bool all, ConstView x, View y) {
  for_each_reduced<bool>(x, y, [&](std::int64_t at, std::int64_t count, const auto& next) {
    bool result = all;
    for (std::int64_t i = 0; i < count; ++i) {
      const bool value = next();
      result = all ? result && value : result || value;
    }
    y.as<bool>()[at] = result;
  });
}

/// KernelTable::arg_extreme.
template <class T>
void arg_extreme(Extreme which, ConstView x, int dim, View values, View indices) {
  Shape sizes = x.sizes;
  sizes[dim] = 1;
  const Shape zeros = Shape::filled(x.ndim(), 0);
  Walker from(sizes, x.strides), value(sizes, values.data ? values.strides : zeros);
  Walker index(sizes, indices.data ? indices.strides : zeros);
  for (std::int64_t left = sizes.numel(); left > 0; --left) {
    std::int64_t best = 0;
    const auto at = [&](std::int64_t i) { return x.as<T>()[from.offset() + i * x.strides[dim]]; };
    for (std::int64_t i = 1; i < x.size(dim) && !is_nan(at(best)); ++i) {
      const bool wins = which == Extreme::kMax ? at(i) > at(best) : at(i) < at(best);
      if (wins || is_nan(at(i))) best = i;
    }
    if (values.data) values.as<T>()[value.offset()] = at(best);
    if (indices.data) indices.as<std::int64_t>()[index.offset()] = best;
    from.next(), value.next(), index.next();
  }
}

}  // namespace fovea::kernels::reference
