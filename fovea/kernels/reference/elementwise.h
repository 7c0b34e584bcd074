// What moves and joins elements, as plain loops over any strides: the oracle of the fast kernels.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fovea/core/half.h"
#include "fovea/kernels/reference/walk.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// True for NaN; false for every whole number.
template <class T>
bool is_nan(T value) {
  return value != value;
}

/// static_cast with every case defined: bool is "not zero", floating point beyond an integer's
/// range saturates, NaN becomes 0.
template <class To, class From>
To convert(From value) {
  constexpr auto is_half = []<class T>(T) {
    return std::is_same_v<T, f16_t> || std::is_same_v<T, bf16_t>;
  };
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_half(From())) {
    return convert<To>(static_cast<float>(value));
  } else if constexpr (is_half(To())) {
    return To(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From{};
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    // One more than the largest may be a number of From where the largest is none.
    const From past = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    if (is_nan(value)) return 0;
    if (value >= past) return std::numeric_limits<To>::max();
    if (value <= static_cast<From>(std::numeric_limits<To>::min()))
      return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

/// y[i] = f(x[i]) for every index i.
template <class X, class Y, class F>
void map(ConstView x, View y, const F& f) {
  Walker from(x.sizes, x.strides), to(y.sizes, y.strides);
  for (std::int64_t left = y.numel(); left > 0; --left, from.next(), to.next())
    y.as<Y>()[to.offset()] = f(x.as<X>()[from.offset()]);
}

/// y[i] = f(a[i], b[i]) for every index i.
template <class X, class Y, class F>
void map(ConstView a, ConstView b, View y, const F& f) {
  Walker left(a.sizes, a.strides), right(b.sizes, b.strides), to(y.sizes, y.strides);
  for (std::int64_t i = y.numel(); i > 0; --i, left.next(), right.next(), to.next())
    y.as<Y>()[to.offset()] = f(a.as<X>()[left.offset()], b.as<X>()[right.offset()]);
}

/// KernelTable::fill.
template <class T>
void fill(double value, View y) {
  Walker to(y.sizes, y.strides);
  for (std::int64_t left = y.numel(); left > 0; --left, to.next())
    y.as<T>()[to.offset()] = convert<T>(value);
}

/// KernelTable::copy.
template <class From, class To>
void copy(ConstView x, View y) {
  map<From, To>(x, y, [](From value) { return convert<To>(value); });
}

/// KernelTable::where.
template <class T>
void where(ConstView condition, ConstView a, ConstView b, View y) {
  Walker test(condition.sizes, condition.strides), left(a.sizes, a.strides);
  Walker right(b.sizes, b.strides), to(y.sizes, y.strides);
  for (std::int64_t i = y.numel(); i > 0; --i) {
    y.as<T>()[to.offset()] =
        condition.as<bool>()[test.offset()] ? a.as<T>()[left.offset()] : b.as<T>()[right.offset()];
    test.next(), left.next(), right.next(), to.next();
  }
}

/// KernelTable::arange.
template <class T>
void arange(double start, double step, View y) {
  for (std::int64_t i = 0; i < y.size(0); ++i)
    y.as<T>()[i * y.strides[0]] = convert<T>(start + static_cast<double>(i) * step);
}

}  // namespace fovea::kernels::reference
