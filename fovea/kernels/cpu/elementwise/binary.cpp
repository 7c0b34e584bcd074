// Functions of two elements. Rows of f32 that are dense, or of which one operand is a single value,
// go to the vector loops where there is one.

#include <cassert>
#include <cmath>
#include <type_traits>

#include "fovea/core/denormals.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/loops.h"

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
  parallel_for(loop.numel, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    const DenormalsScope scope(denormals);
    for_rows(loop, begin, end, row);
  });
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

template <class T>
bool compare(Binary op, ConstView a, ConstView b, View y) {
  switch (op) {
    case Binary::kEq:
      map<T, bool>(a, b, y, [](T p, T q) { return p == q; });
      return true;
    case Binary::kNe:
      map<T, bool>(a, b, y, [](T p, T q) { return p != q; });
      return true;
    case Binary::kLt:
      map<T, bool>(a, b, y, [](T p, T q) { return p < q; });
      return true;
    case Binary::kLe:
      map<T, bool>(a, b, y, [](T p, T q) { return p <= q; });
      return true;
    case Binary::kGt:
      map<T, bool>(a, b, y, [](T p, T q) { return p > q; });
      return true;
    case Binary::kGe:
      map<T, bool>(a, b, y, [](T p, T q) { return p >= q; });
      return true;
    default:
      return false;
  }
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

template <class T>
bool arithmetic(Binary op, ConstView a, ConstView b, View y) {
  switch (op) {
    case Binary::kAdd:
      map<T, T>(a, b, y, [](T p, T q) { return static_cast<T>(p + q); });
      return true;
    case Binary::kSub:
      map<T, T>(a, b, y, [](T p, T q) { return static_cast<T>(p - q); });
      return true;
    case Binary::kMul:
      map<T, T>(a, b, y, [](T p, T q) { return static_cast<T>(p * q); });
      return true;
    case Binary::kMaximum:
      map<T, T>(a, b, y, [](T p, T q) { return p > q || is_nan(p) ? p : q; });
      return true;
    case Binary::kMinimum:
      map<T, T>(a, b, y, [](T p, T q) { return p < q || is_nan(p) ? p : q; });
      return true;
    case Binary::kTruncDiv:
      map<T, T>(a, b, y, [](T p, T q) { return trunc_div(p, q); });
      return true;
    case Binary::kFmod:
      map<T, T>(a, b, y, [](T p, T q) { return fmod(p, q); });
      return true;
    case Binary::kRemainder:
      map<T, T>(a, b, y, [](T p, T q) { return remainder(p, q); });
      return true;
    case Binary::kPRelu:
      map<T, T>(a, b, y, [](T p, T q) { return p > 0 ? p : static_cast<T>(q * p); });
      return true;
    default:
      return false;
  }
}

template <class T>
void division(Binary op, ConstView a, ConstView b, View y) {
  if (op == Binary::kDiv) return map<T, T>(a, b, y, [](T p, T q) { return p / q; });
  assert(op == Binary::kPow);
  // As for log and pow in unary.cpp.
  return map<T, T>(
      a, b, y, [](T p, T q) { return std::pow(p, q); }, Denormals::kKeep);
}

void logical(Binary op, ConstView a, ConstView b, View y) {
  switch (op) {
    case Binary::kAnd:
      return map<bool, bool>(a, b, y, [](bool p, bool q) { return p && q; });
    case Binary::kOr:
      return map<bool, bool>(a, b, y, [](bool p, bool q) { return p || q; });
    case Binary::kXor:
      return map<bool, bool>(a, b, y, [](bool p, bool q) { return p != q; });
    default:
      assert(false);  // bool has no arithmetic
  }
}

}  // namespace

void binary(Queue&, Binary op, ConstView a, ConstView b, View y) {
  if (map_vectors(op, a, b, y)) return;
  bool done = false;
  dispatch_compute(a.dtype, "binary",
                   [&](auto tag) { done = compare<typename decltype(tag)::type>(op, a, b, y); });
  if (done) return;
  if (a.dtype == boolean) return logical(op, a, b, y);
  dispatch_number(a.dtype, "binary",
                  [&](auto tag) { done = arithmetic<typename decltype(tag)::type>(op, a, b, y); });
  if (done) return;
  dispatch_float(a.dtype, "binary",
                 [&](auto tag) { division<typename decltype(tag)::type>(op, a, b, y); });
}

}  // namespace fovea::kernels::cpu
