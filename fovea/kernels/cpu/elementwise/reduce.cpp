// Reductions over any set of dimensions. Sums of f32 accumulate in f64: exact enough for any
// length, and the conversion hides behind the memory.

#include <cmath>
#include <limits>
#include <vector>

#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/loops.h"

namespace fovea::kernels::cpu {

namespace {

/// How a reduction starts, takes in an element, joins two partial results, and ends.
template <class T, class Accumulator>
struct SumOf {
  using A = Accumulator;
  static A start() { return A{}; }
  static A take(A a, T v) { return a + static_cast<A>(v); }
  static A join(A a, A b) { return a + b; }
};

template <class T, class Accumulator>
struct ProductOf {
  using A = Accumulator;
  static A start() { return A{1}; }
  static A take(A a, T v) { return join(a, static_cast<A>(v)); }
  static A join(A a, A b) {
    if constexpr (std::is_floating_point_v<A>)
      return a * b;
    else  // wraps, as products of whole numbers do elsewhere
      return static_cast<A>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }
};

template <class T>
struct MaxOf {
  using A = T;
  static A start() {
    if constexpr (std::is_floating_point_v<T>)
      return -std::numeric_limits<T>::infinity();
    else
      return std::numeric_limits<T>::lowest();
  }
  static A take(A a, T v) { return v > a || is_nan(v) ? v : a; }
  static A join(A a, A b) { return take(a, b); }
};

template <class T>
struct MinOf {
  using A = T;
  static A start() {
    if constexpr (std::is_floating_point_v<T>)
      return std::numeric_limits<T>::infinity();
    else
      return std::numeric_limits<T>::max();
  }
  static A take(A a, T v) { return v < a || is_nan(v) ? v : a; }
  static A join(A a, A b) { return take(a, b); }
};

struct AnyOf {
  using A = bool;
  static A start() { return false; }
  static A take(A a, bool v) { return a || v; }
  static A join(A a, A b) { return a || b; }
};

struct AllOf {
  using A = bool;
  static A start() { return true; }
  static A take(A a, bool v) { return a && v; }
  static A join(A a, A b) { return a && b; }
};

/// x's dimensions split into those that y keeps and those that are reduced.
struct Split {
  Shape kept_sizes, kept_x, kept_y, reduced_sizes, reduced_x;
};

Split split_dims(ConstView x, View y) {
  Split split;
  for (int dim = 0; dim < x.ndim(); ++dim) {
    if (y.size(dim) == x.size(dim)) {
      split.kept_sizes.push_back(x.size(dim));
      split.kept_x.push_back(x.strides[dim]);
      split.kept_y.push_back(y.strides[dim]);
    } else {
      split.reduced_sizes.push_back(x.size(dim));
      split.reduced_x.push_back(x.strides[dim]);
    }
  }
  return split;
}

/// Four independent partial results hide the latency of the dependent operation.
template <class R, class T>
typename R::A reduce_row(typename R::A a, const T* x, std::int64_t stride, std::int64_t count) {
  typename R::A b = R::start(), c = R::start(), d = R::start();
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    a = R::take(a, x[i * stride]);
    b = R::take(b, x[(i + 1) * stride]);
    c = R::take(c, x[(i + 2) * stride]);
    d = R::take(d, x[(i + 3) * stride]);
  }
  for (; i < count; ++i) a = R::take(a, x[i * stride]);
  return R::join(R::join(a, b), R::join(c, d));
}

template <class R, class T>
typename R::A reduce_range(const Loop<1>& loop, const T* x, std::int64_t begin, std::int64_t end) {
  typename R::A a = R::start();
  for_rows(loop, begin, end, [&](const auto& offsets, std::int64_t count) {
    a = reduce_row<R>(a, x + offsets[0], loop.inner_stride(0), count);
  });
  return a;
}

/// Everything into one value: parts by size alone, joined in order, so the result does not depend
/// on threads.
template <class R, class T, class Finish>
void reduce_to_one(const Loop<1>& reduced, const T* x, const Finish& finish) {
  const int parts =
      static_cast<int>(std::clamp<std::int64_t>(reduced.numel / kElementGrain, 1, 64));
  std::vector<std::conditional_t<std::is_same_v<typename R::A, bool>, char, typename R::A>> partial(
      static_cast<std::size_t>(parts), R::start());
  parallel_parts(reduced.numel, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    partial[static_cast<std::size_t>(part)] = reduce_range<R>(reduced, x, begin, end);
  });
  typename R::A a = R::start();
  for (const auto& p : partial) a = R::join(a, static_cast<typename R::A>(p));
  finish(std::int64_t{0}, a);
}

/// Columns kept and dense: sweeps rows, with the partial results of a block of columns in L1.
template <class R, class T, class Finish>
void reduce_columns(const Loop<2>& kept, const Loop<1>& reduced, const T* x, const Finish& finish) {
  constexpr std::int64_t kBlock = 64;
  parallel_for(kept.numel, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for_rows(kept, begin, end, [&](const auto& offsets, std::int64_t count) {
      for (std::int64_t c0 = 0; c0 < count; c0 += kBlock) {
        typename R::A a[kBlock];
        const std::int64_t width = std::min(kBlock, count - c0);
        std::fill_n(a, kBlock, R::start());
        const T* column = x + offsets[1] + c0;
        for_rows(reduced, 0, reduced.numel, [&](const auto& at, std::int64_t rows) {
          for (std::int64_t r = 0; r < rows; ++r) {
            const T* row = column + at[0] + r * reduced.inner_stride(0);
            for (std::int64_t c = 0; c < width; ++c) a[c] = R::take(a[c], row[c]);
          }
        });
        for (std::int64_t c = 0; c < width; ++c)
          finish(offsets[0] + (c0 + c) * kept.inner_stride(0), a[c]);
      }
    });
  });
}

template <class R, class T, class Finish>
void reduce_with(ConstView x_view, View y, const Finish& finish) {
  const Split split = split_dims(x_view, y);
  const auto kept = make_loop<2>(split.kept_sizes, {split.kept_y, split.kept_x});
  const auto reduced = make_loop<1>(split.reduced_sizes, {split.reduced_x});
  const T* x = x_view.as<T>();
  if (kept.numel == 1 && reduced.numel > 0) return reduce_to_one<R>(reduced, x, finish);
  if (kept.inner_stride(1) == 1 && reduced.inner_stride(0) != 1)
    return reduce_columns<R>(kept, reduced, x, finish);
  const std::int64_t grain =
      std::max<std::int64_t>(1, kElementGrain / std::max<std::int64_t>(reduced.numel, 1));
  parallel_rows(kept, grain, [&](const auto& offsets, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const T* from = x + offsets[1] + i * kept.inner_stride(1);
      finish(offsets[0] + i * kept.inner_stride(0),
             reduce_range<R>(reduced, from, 0, reduced.numel));
    }
  });
}

/// Stores results of type A into y's elements of type Y, divided by `divisor`.
template <class Y>
auto store(View y, double divisor = 1) {
  Y* out = y.as<Y>();
  return [out, divisor](std::int64_t offset, auto value) {
    if constexpr (std::is_floating_point_v<Y>)
      out[offset] = static_cast<Y>(static_cast<double>(value) / divisor);
    else
      out[offset] = static_cast<Y>(value);
  };
}

template <template <class, class> class R>
void accumulate(ConstView x, View y, double divisor = 1) {
  dispatch_compute(x.dtype, "reduce", [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_floating_point_v<T>)
      reduce_with<R<T, double>, T>(x, y, store<T>(y, divisor));
    else
      reduce_with<R<T, std::int64_t>, T>(x, y, store<std::int64_t>(y));
  });
}

template <template <class> class R>
void extreme(ConstView x, View y) {
  dispatch_number(x.dtype, "reduce", [&](auto tag) {
    using T = typename decltype(tag)::type;
    reduce_with<R<T>, T>(x, y, store<T>(y));
  });
}

template <class T>
void arg_extreme_of(Extreme which, ConstView x, int dim, View values, View indices) {
  Shape sizes = x.sizes, x_strides = x.strides,
        v_strides = values.data ? values.strides : Shape::filled(x.ndim(), 0);
  Shape i_strides = indices.data ? indices.strides : Shape::filled(x.ndim(), 0);
  const std::int64_t length = sizes[dim], step = x_strides[dim];
  sizes[dim] = 1;
  const auto loop = make_loop<3>(sizes, {x_strides, v_strides, i_strides});
  const T* in = x.as<T>();
  parallel_rows(loop, std::max<std::int64_t>(1, kElementGrain / length),
                [&](const auto& offsets, std::int64_t count) {
                  for (std::int64_t k = 0; k < count; ++k) {
                    const T* from = in + offsets[0] + k * loop.inner_stride(0);
                    std::int64_t best = 0;
                    T best_value = from[0];
                    for (std::int64_t i = 1; i < length && !is_nan(best_value); ++i) {
                      const T v = from[i * step];
                      if (is_nan(v) || (which == Extreme::kMax ? v > best_value : v < best_value)) {
                        best = i;
                        best_value = v;
                      }
                    }
                    if (values.data)
                      values.as<T>()[offsets[1] + k * loop.inner_stride(1)] = best_value;
                    if (indices.data)
                      indices.as<std::int64_t>()[offsets[2] + k * loop.inner_stride(2)] = best;
                  }
                });
}

}  // namespace

void reduce(Queue&, Reduce op, ConstView x, View y) {
  switch (op) {
    case Reduce::kSum:
      return accumulate<SumOf>(x, y);
    case Reduce::kMean:
      return accumulate<SumOf>(x, y,
                               static_cast<double>(x.numel()) / static_cast<double>(y.numel()));
    case Reduce::kProd:
      return accumulate<ProductOf>(x, y);
    case Reduce::kMax:
      return extreme<MaxOf>(x, y);
    case Reduce::kMin:
      return extreme<MinOf>(x, y);
    case Reduce::kAny:
      return reduce_with<AnyOf, bool>(x, y, store<bool>(y));
    case Reduce::kAll:
      return reduce_with<AllOf, bool>(x, y, store<bool>(y));
  }
}

void arg_extreme(Queue&, Extreme which, ConstView x, int dim, View values, View indices) {
  dispatch_number(x.dtype, "arg_extreme", [&](auto tag) {
    arg_extreme_of<typename decltype(tag)::type>(which, x, dim, values, indices);
  });
}

}  // namespace fovea::kernels::cpu
