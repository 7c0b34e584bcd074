// Functions of two elements as their definitions read: the oracle of the fast kernels.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "fovea/core/error.h"
#include "fovea/kernels/reference/elementwise.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"
#include "fovea/kernels/whole_numbers.h"

namespace fovea::kernels::reference {

/// a / b without what follows the point; the quotient of whole numbers wraps.
template <class T>
T trunc_div(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::trunc(a / b);
  } else {
    if (std::is_signed_v<T> && b == static_cast<T>(-1))
      return static_cast<T>(0u - std::uint64_t(a));
    return static_cast<T>(a / b);
  }
}

/// What is left of a: a - b trunc(a / b).
template <class T>
T fmod(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    return std::is_signed_v<T> && b == static_cast<T>(-1) ? T{0} : static_cast<T>(a % b);
  }
}

/// op(a, b) of numbers. Throws ArgumentError where op gives a truth.
template <class T>
T binary_value(Binary op, T a, T b) {
  switch (op) {
    case Binary::kAdd:
      return static_cast<T>(Roomy<T>(a) + Roomy<T>(b));
    case Binary::kSub:
      return static_cast<T>(Roomy<T>(a) - Roomy<T>(b));
    case Binary::kMul:
      return static_cast<T>(Roomy<T>(a) * Roomy<T>(b));
    case Binary::kDiv:
      return static_cast<T>(a / b);
    case Binary::kPow:
      return static_cast<T>(std::pow(static_cast<double>(a), static_cast<double>(b)));
    case Binary::kMaximum:
      return a > b || is_nan(a) ? a : b;
    case Binary::kMinimum:
      return a < b || is_nan(a) ? a : b;
    case Binary::kTruncDiv:
      return trunc_div(a, b);
    case Binary::kFmod:
      return reference::fmod(a, b);
    case Binary::kRemainder: {
      const T rest = reference::fmod(a, b);
      return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
    }
    case Binary::kPRelu:
      return a > 0 ? a : static_cast<T>(Roomy<T>(b) * Roomy<T>(a));
    case Binary::kEq:
    case Binary::kNe:
    case Binary::kLt:
    case Binary::kLe:
    case Binary::kGt:
    case Binary::kGe:
    case Binary::kAnd:
    case Binary::kOr:
    case Binary::kXor:
      break;
  }
  no_case_for("binary_value", op);
}

/// op(a, b) of two truths, or the comparison of two numbers. Throws ArgumentError where op gives a
/// number.
template <class T>
bool binary_truth(Binary op, T a, T b) {
  switch (op) {
    case Binary::kEq:
      return a == b;
    case Binary::kNe:
    case Binary::kXor:
      return a != b;
    case Binary::kLt:
      return a < b;
    case Binary::kLe:
      return a <= b;
    case Binary::kGt:
      return a > b;
    case Binary::kGe:
      return a >= b;
    case Binary::kAnd:
      return a != T{} && b != T{};
    case Binary::kOr:
      return a != T{} || b != T{};
    case Binary::kAdd:
    case Binary::kSub:
    case Binary::kMul:
    case Binary::kDiv:
    case Binary::kPow:
    case Binary::kMaximum:
    case Binary::kMinimum:
    case Binary::kTruncDiv:
    case Binary::kFmod:
    case Binary::kRemainder:
    case Binary::kPRelu:
      break;
  }
  no_case_for("binary_truth", op);
}

/// KernelTable::binary, of numbers to a number.
template <class T>
void binary(Binary op, ConstView a, ConstView b, View y) {
  map<T, T>(a, b, y, [op](T p, T q) { return binary_value(op, p, q); });
}

/// KernelTable::binary, of anything to a truth.
template <class T>
void binary_test(Binary op, ConstView a, ConstView b, View y) {
  map<T, bool>(a, b, y, [op](T p, T q) { return binary_truth(op, p, q); });
}

}  // namespace fovea::kernels::reference
