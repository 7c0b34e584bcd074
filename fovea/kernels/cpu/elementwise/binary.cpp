// Functions of two elements. Rows of f32 that are dense, or of which one operand is a single value,
// go to the vector loops where there is one.

#include <cassert>
#include <cmath>
#include <type_traits>

#include "fovea/core/denormals.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/whole_numbers.h"

namespace fovea::kernels::cpu {

namespace {

template <class T, class Y, class F>
void map(ConstView a, ConstView b, View y, const F& f, Denormals denormals = Denormals::kFlush) {
  const auto loop = make_loop<3>(y.sizes, {y.strides, a.strides, b.strides});
  const T* left = a.as<T>();
  const T* right = b.as<T>();
  Y* out = y.as<Y>();
  const auto row = [&](const auto& offsets, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      out[offsets[0] + i * loop.inner_stride(0)] = f(left[offsets[1] + i * loop.inner_stride(1)],
                                                     right[offsets[2] + i * loop.inner_stride(2)]);
    }
  };
  parallel_rows(loop, kElementGrain, row, denormals);
}

bool map_vectors(Binary op, ConstView a, ConstView b, View y) {
  if (a.dtype != f32 || y.dtype != f32 || !has_vector_row(op)) return false;
  const auto loop = make_loop<3>(y.sizes, {y.strides, a.strides, b.strides});
  const std::int64_t a_stride = loop.inner_stride(1), b_stride = loop.inner_stride(2);
  if (loop.inner_stride(0) != 1 || a_stride > 1 || b_stride > 1) return false;
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    binary_row(op, a.as<float>() + offsets[1], a_stride == 0, b.as<float>() + offsets[2],
               b_stride == 0, y.as<float>() + offsets[0], count);
  });
  return true;
}

/// Division of whole numbers wraps where the quotient does not fit (the least one by -1), which the
/// processor would refuse.
template <class T>
T trunc_div(T p, T q) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::trunc(p / q);
  } else {
    assert(q != 0);
    if constexpr (std::is_signed_v<T>) {
      if (q == -1) return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(p));
    }
    return static_cast<T>(p / q);
  }
}

template <class T>
T fmod(T p, T q) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(p, q);
  } else {
    assert(q != 0);
    if constexpr (std::is_signed_v<T>) {
      if (q == -1) return 0;
    }
    return static_cast<T>(p % q);
  }
}

/// fmod moved to the divisor's side of 0.
template <class T>
T remainder(T p, T q) {
  const T rest = fmod(p, q);
  return rest != 0 && (rest < 0) != (q < 0) ? static_cast<T>(rest + q) : rest;
}

/// y = f(a, b), a test on whatever can be computed with.
template <class F>
void compare(ConstView a, ConstView b, View y, const F& f) {
  dispatch_compute(a.dtype, "binary", [&](auto tag) {
    using T = typename decltype(tag)::type;
    map<T, bool>(a, b, y, [&](T p, T q) { return f(p, q); });
  });
}

/// y = f(a, b) on numbers, computed in T.
template <class F>
void numbers(ConstView a, ConstView b, View y, const F& f) {
  dispatch_number(a.dtype, "binary", [&](auto tag) {
    using T = typename decltype(tag)::type;
    map<T, T>(a, b, y, [&](T p, T q) { return static_cast<T>(f(p, q)); });
  });
}

/// y = f(a, b) on numbers; f computes in a type with room for whole numbers, which then wrap.
template <class F>
void wrapping(ConstView a, ConstView b, View y, const F& f) {
  numbers(a, b, y, [&]<class T>(T p, T q) { return f(Roomy<T>(p), Roomy<T>(q)); });
}

/// y = f(a, b) in floating point.
template <class F>
void floats(ConstView a, ConstView b, View y, const F& f, Denormals denormals = Denormals::kFlush) {
  dispatch_float(a.dtype, "binary", [&](auto tag) {
    using T = typename decltype(tag)::type;
    map<T, T>(
        a, b, y, [&](T p, T q) { return f(p, q); }, denormals);
  });
}

}  // namespace

void binary(Queue&, Binary op, ConstView a, ConstView b, View y) {
  if (map_vectors(op, a, b, y)) return;
  switch (op) {
    case Binary::kAdd:
      return wrapping(a, b, y, [](auto p, auto q) { return p + q; });
    case Binary::kSub:
      return wrapping(a, b, y, [](auto p, auto q) { return p - q; });
    case Binary::kMul:
      return wrapping(a, b, y, [](auto p, auto q) { return p * q; });
    case Binary::kDiv:
      return floats(a, b, y, [](auto p, auto q) { return p / q; });
    case Binary::kPow:
      // As for log and pow in unary.cpp.
      return floats(
          a, b, y, [](auto p, auto q) { return std::pow(p, q); }, Denormals::kKeep);
    case Binary::kMaximum:
      return numbers(a, b, y, [](auto p, auto q) { return p > q || is_nan(p) ? p : q; });
    case Binary::kMinimum:
      return numbers(a, b, y, [](auto p, auto q) { return p < q || is_nan(p) ? p : q; });
    case Binary::kTruncDiv:
      return numbers(a, b, y, [](auto p, auto q) { return trunc_div(p, q); });
    case Binary::kFmod:
      return numbers(a, b, y, [](auto p, auto q) { return fmod(p, q); });
    case Binary::kRemainder:
      return numbers(a, b, y, [](auto p, auto q) { return remainder(p, q); });
    case Binary::kPRelu:
      return wrapping(a, b, y, [](auto p, auto q) { return p > 0 ? p : q * p; });
    case Binary::kEq:
      return compare(a, b, y, [](auto p, auto q) { return p == q; });
    case Binary::kNe:
      return compare(a, b, y, [](auto p, auto q) { return p != q; });
    case Binary::kLt:
      return compare(a, b, y, [](auto p, auto q) { return p < q; });
    case Binary::kLe:
      return compare(a, b, y, [](auto p, auto q) { return p <= q; });
    case Binary::kGt:
      return compare(a, b, y, [](auto p, auto q) { return p > q; });
    case Binary::kGe:
      return compare(a, b, y, [](auto p, auto q) { return p >= q; });
    case Binary::kAnd:
      return map<bool, bool>(a, b, y, [](bool p, bool q) { return p && q; });
    case Binary::kOr:
      return map<bool, bool>(a, b, y, [](bool p, bool q) { return p || q; });
    case Binary::kXor:
      return map<bool, bool>(a, b, y, [](bool p, bool q) { return p != q; });
  }
  no_case_for("binary", op);
}

}  // namespace fovea::kernels::cpu
