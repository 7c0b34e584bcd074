// Values and slopes of the functions of one element, as code: made of the rows in functions.h, for
// kernels. A function's value is a template over the type of x, so that tracing can evaluate it on
// tensors as well.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>

#include "fovea/core/error.h"
#include "fovea/kernels/functions.h"
#include "fovea/kernels/whole_numbers.h"

namespace fovea::kernels {

/// What the rows are written with: for numbers here; for tensors there are functions of the same
/// names.
namespace functions {

using std::abs;
using std::ceil;
using std::cos;
using std::erf;
using std::exp;
using std::expm1;
using std::floor;
using std::isnan;
using std::log;
using std::max;
using std::min;
using std::nearbyint;
using std::sin;
using std::sqrt;
using std::tanh;

/// The C++ library has none for it.
constexpr Int128 abs(Int128 x) { return x < 0 ? -x : x; }

/// -1, 0 or 1; NaN stays NaN.
template <class T>
T sign(T x) {
  return x != x ? x : static_cast<T>((x > 0) - (x < 0));
}

/// condition ? a : b.
template <class T>
T select(bool condition, T a, T b) {
  return condition ? a : b;
}

/// Neither NaN nor infinite.
template <std::floating_point T>
bool finite(T x) {
  return std::isfinite(x);
}

/// log(1 + x), near 0 too.
template <std::floating_point T>
T log_plus_one(T x) {
  return std::log1p(x);
}

/// x^exponent.
template <std::floating_point T>
T power(T x, T exponent) {
  return std::pow(x, exponent);
}

/// 1 / (1 + exp(-x)).
template <std::floating_point T>
T sigmoid(T x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

/// log(1 + exp(x)), without overflow.
template <std::floating_point T>
T softplus(T x) {
  return std::max(x, T(0)) + std::log1p(std::exp(-std::abs(x)));
}

/// Phi, the normal distribution function.
template <std::floating_point T>
T normal_cdf(T x) {
  return T(0.5) * std::erfc(-x * std::numbers::sqrt2_v<T> / 2);
}

/// The argument of gelu's tanh approximation.
/// Source   Hendrycks and Gimpel 2016, "Gaussian Error Linear Units".
template <std::floating_point T>
T gelu_tanh_argument(T x) {
  return T(0.7978845608028654) * (x + T(0.044715) * x * x * x);  // sqrt(2 / pi)
}

/// The slope of the error function.
template <std::floating_point T>
T erf_slope(T x) {
  return T(2) * std::numbers::inv_sqrtpi_v<T> * std::exp(-x * x);
}

/// The slope of gelu.
template <std::floating_point T>
T gelu_slope(T x) {
  const T density = std::exp(-x * x / 2) * T(0.3989422804014327);  // 1 / sqrt(2 pi)
  return normal_cdf(x) + x * density;
}

/// The slope of gelu's tanh approximation.
template <std::floating_point T>
T gelu_tanh_slope(T x) {
  const T t = std::tanh(gelu_tanh_argument(x));
  const T inner = T(0.7978845608028654) * (1 + 3 * T(0.044715) * x * x);
  return (1 + t) / 2 + x / 2 * (1 - t * t) * inner;
}

/// The slope of mish.
template <std::floating_point T>
T mish_slope(T x) {
  const T t = std::tanh(softplus(x));
  return t + x * sigmoid(x) * (1 - t * t);
}

/// See kernels::Function.
template <Unary kind>
struct Function;

#define FOVEA_ROW(Word, name, domain, value_of_x, reads, slope_of_it, ...)                      \
  template <>                                                                                   \
  struct Function<Unary::k##Word> {                                                             \
    static constexpr Unary kKind = Unary::k##Word;                                              \
    template <class T, class Parameter>                                                         \
    static auto value(const T& x, [[maybe_unused]] Parameter a, [[maybe_unused]] Parameter b) { \
      return value_of_x;                                                                        \
    }                                                                                           \
    template <std::floating_point T>                                                            \
    static auto slope([[maybe_unused]] T x, [[maybe_unused]] T a, [[maybe_unused]] T b) {       \
      [[maybe_unused]] const T y = x;                                                           \
      return slope_of_it;                                                                       \
    }                                                                                           \
  };
FOVEA_ROWS
#undef FOVEA_ROW

}  // namespace functions

/// A row as code: `kKind`; `value(x, a, b)`; and `slope(saved, a, b)`, where saved is x or y by
/// what the row reads.
template <Unary kind>
using Function = functions::Function<kind>;

/// f(Function<kind>()), for a kind that is known when the program runs.
template <class F>
auto with_function(Unary kind, const F& f) {
  switch (kind) {
#define FOVEA_ROW(Word, ...) \
  case Unary::k##Word:       \
    return f(Function<Unary::k##Word>());
    FOVEA_ROWS
#undef FOVEA_ROW
  }
  no_case_for("with_function", kind);
}

/// dy times a slope: what a slope that is a bool does not let pass is 0, be it NaN or infinite.
template <class T, class Slope>
T through(T dy, Slope slope) {
  if constexpr (std::same_as<Slope, bool>) {
    return slope ? dy : T(0);
  } else {
    return dy * static_cast<T>(slope);
  }
}

}  // namespace fovea::kernels
