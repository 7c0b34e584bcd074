// Functions of one element and their slopes as their definitions read: the oracle of the fast
// kernels. Values of f32 are computed in f64, and rounded once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "fovea/kernels/reference/elementwise.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// 1 / (1 + exp(-x)).
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
/// log(1 + exp(x)).
inline double softplus(double x) { return x > 30 ? x : std::log1p(std::exp(x)); }
/// The normal distribution function and its derivative.
inline double normal_cdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }
/// See normal_cdf.
inline double normal_density(double x) {
  return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}
/// What gelu's tanh approximation takes the tanh of.
/// Source   Hendrycks and Gimpel 2016, "Gaussian Error Linear Units".
inline double gelu_tanh_argument(double x) {
  return std::numbers::sqrt2 * std::numbers::inv_sqrtpi * (x + 0.044715 * x * x * x);
}

/// f(x) of the functions that whole numbers have too; false when `op` is not one of them.
template <class T>
bool number_value(UnaryOp op, T x, T& y) {
  const T a = convert<T>(op.a), b = convert<T>(op.b);
  switch (op.kind) {
    case Unary::kNeg:
      y = static_cast<T>(-x);
      return true;
    case Unary::kAbs:
      y = x < 0 ? static_cast<T>(-x) : x;
      return true;
    case Unary::kSign:
      y = is_nan(x) ? x : static_cast<T>((x > 0) - (x < 0));
      return true;
    case Unary::kSquare:
      y = static_cast<T>(x * x);
      return true;
    case Unary::kClamp:
    case Unary::kHardtanh:
      y = x < a ? a : x > b ? b : x;
      return true;
    default:
      return false;
  }
}

/// f(x) of the others that give a number.
inline double float_value(UnaryOp op, double x) {
  const double a = op.a, b = op.b;
  switch (op.kind) {
    case Unary::kExp:
      return std::exp(x);
    case Unary::kLog:
      return std::log(x);
    case Unary::kLog1p:
      return std::log1p(x);
    case Unary::kSqrt:
      return std::sqrt(x);
    case Unary::kRsqrt:
      return 1 / std::sqrt(x);
    case Unary::kReciprocal:
      return 1 / x;
    case Unary::kSin:
      return std::sin(x);
    case Unary::kCos:
      return std::cos(x);
    case Unary::kTanh:
      return std::tanh(x);
    case Unary::kErf:
      return std::erf(x);
    case Unary::kFloor:
      return std::floor(x);
    case Unary::kCeil:
      return std::ceil(x);
    case Unary::kRound:
      return std::nearbyint(x);
    case Unary::kPow:
      return std::pow(x, a);
    case Unary::kRelu:
      return x < 0 ? 0 : x;
    case Unary::kLeakyRelu:
      return x > 0 ? x : a * x;
    case Unary::kSigmoid:
      return sigmoid(x);
    case Unary::kGelu:
      return x * normal_cdf(x);
    case Unary::kGeluTanh:
      return x / 2 * (1 + std::tanh(gelu_tanh_argument(x)));
    case Unary::kSilu:
      return x * sigmoid(x);
    case Unary::kSoftplus:
      return softplus(x);
    case Unary::kElu:
      return b * (x > 0 ? x : a * std::expm1(x));
    case Unary::kCelu:
      return x > 0 ? x : a * std::expm1(x / a);
    case Unary::kHardSigmoid:
      return std::min(std::max(a * x + b, 0.0), 1.0);
    case Unary::kHardSwish:
      return x <= -3 ? x * 0 : x >= 3 ? x : x * (x + 3) / 6;
    case Unary::kSoftsign:
      return x / (1 + std::abs(x));
    case Unary::kMish:
      return x * std::tanh(softplus(x));
    case Unary::kThreshold:
      return x <= a ? b : x;
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

/// f'(.), of y or of x by gradient_uses_result.
inline double slope(UnaryOp op, double s) {
  const double a = op.a, b = op.b;
  switch (op.kind) {
    case Unary::kNeg:
      return -1;
    case Unary::kAbs:
      return s > 0 ? 1 : s < 0 ? -1 : 0;
    case Unary::kExp:
      return s;
    case Unary::kLog:
      return 1 / s;
    case Unary::kLog1p:
      return 1 / (1 + s);
    case Unary::kSqrt:
      return 1 / (2 * s);
    case Unary::kRsqrt:
      return -s * s * s / 2;
    case Unary::kReciprocal:
      return -s * s;
    case Unary::kSquare:
      return 2 * s;
    case Unary::kSin:
      return std::cos(s);
    case Unary::kCos:
      return -std::sin(s);
    case Unary::kTanh:
      return 1 - s * s;
    case Unary::kErf:
      return 2 * std::numbers::inv_sqrtpi * std::exp(-s * s);
    case Unary::kPow:
      return a == 0 ? 0 : a * std::pow(s, a - 1);
    case Unary::kClamp:
      return s >= a && s <= b ? 1 : 0;
    case Unary::kRelu:
      return s <= 0 ? 0 : 1;
    case Unary::kHardtanh:
      return s <= a || s >= b ? 0 : 1;
    case Unary::kLeakyRelu:
      return s > 0 ? 1 : a;
    case Unary::kSigmoid:
      return s * (1 - s);
    case Unary::kGelu:
      return normal_cdf(s) + s * normal_density(s);
    case Unary::kGeluTanh: {
      const double t = std::tanh(gelu_tanh_argument(s));
      const double inner =
          std::numbers::sqrt2 * std::numbers::inv_sqrtpi * (1 + 3 * 0.044715 * s * s);
      return (1 + t) / 2 + s / 2 * (1 - t * t) * inner;
    }
    case Unary::kSilu:
      return sigmoid(s) * (1 + s * (1 - sigmoid(s)));
    case Unary::kSoftplus:
      return sigmoid(s);
    case Unary::kElu:
      return b * (s > 0 ? 1 : a * std::exp(s));
    case Unary::kCelu:
      return s > 0 ? 1 : std::exp(s / a);
    case Unary::kHardSigmoid:
      return a * s + b > 0 && a * s + b < 1 ? a : 0;
    case Unary::kHardSwish:
      return s < -3 ? 0 : s > 3 ? 1 : s / 3 + 0.5;
    case Unary::kSoftsign:
      return 1 / ((1 + std::abs(s)) * (1 + std::abs(s)));
    case Unary::kMish: {
      const double t = std::tanh(softplus(s));
      return t + s * sigmoid(s) * (1 - t * t);
    }
    case Unary::kThreshold:
      return s <= a ? 0 : 1;
    default:
      return 0;  // steps
  }
}

/// KernelTable::unary, of a number to a number. The parameters are T's.
template <class T>
void unary(UnaryOp op, ConstView x, View y) {
  const UnaryOp rounded{op.kind, static_cast<double>(static_cast<T>(op.a)),
                        static_cast<double>(static_cast<T>(op.b))};
  map<T, T>(x, y, [&](T v) {
    T result{};
    if (number_value(op, v, result)) return result;
    return convert<T>(float_value(rounded, static_cast<double>(v)));
  });
}

/// KernelTable::unary, of a number to a truth.
template <class T>
void unary_test(Unary kind, ConstView x, View y) {
  map<T, bool>(x, y, [kind](T v) {
    const double value = static_cast<double>(v);
    return kind == Unary::kIsNan ? std::isnan(value) : std::isfinite(value);
  });
}

/// KernelTable::unary_backward.
template <class T>
void unary_backward(UnaryOp op, ConstView dy, ConstView saved, View dx) {
  const UnaryOp rounded{op.kind, static_cast<double>(static_cast<T>(op.a)),
                        static_cast<double>(static_cast<T>(op.b))};
  map<T, T>(dy, saved, dx, [&](T gradient, T s) {
    return static_cast<T>(static_cast<double>(gradient) * slope(rounded, static_cast<double>(s)));
  });
}

}  // namespace fovea::kernels::reference
