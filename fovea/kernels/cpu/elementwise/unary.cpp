// Functions of one element, and their derivatives. Rows of dense f32 go to the vector loops where
// there is one.

#include <cassert>
#include <cmath>
#include <numbers>

#include "fovea/core/denormals.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/loops.h"

namespace fovea::kernels::cpu {

namespace {

/// y = f(x), element by element; see map_kept for `denormals`.
template <class X, class Y, class F>
void map(ConstView x, View y, const F& f, Denormals denormals = Denormals::kFlush) {
  const auto loop = make_loop<2>(y.sizes, {y.strides, x.strides});
  const X* in = x.as<X>();
  Y* out = y.as<Y>();
  const std::int64_t out_stride = loop.inner_stride(0), in_stride = loop.inner_stride(1);
  const auto row = [&](const auto& offsets, std::int64_t count) {
    const X* from = in + offsets[1];
    Y* to = out + offsets[0];
    for (std::int64_t i = 0; i < count; ++i) to[i * out_stride] = f(from[i * in_stride]);
  };
  parallel_for(loop.numel, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    const DenormalsScope scope(denormals);
    for_rows(loop, begin, end, row);
  });
}

/// map for the C library's log and pow, which take denormals apart bit by bit: where the processor
/// flushes them what comes out is neither theirs nor that of 0.
template <class X, class Y, class F>
void map_kept(ConstView x, View y, const F& f) {
  map<X, Y>(x, y, f, Denormals::kKeep);
}

/// Runs rows through a vector loop; false when the operands are not dense f32 or there is no such
/// loop.
bool map_vectors(UnaryOp op, ConstView x, View y) {
  if (x.dtype != f32 || y.dtype != f32 || !has_vector_row(op.kind)) return false;
  const auto loop = make_loop<2>(y.sizes, {y.strides, x.strides});
  if (loop.inner_stride(0) != 1 || loop.inner_stride(1) != 1) return false;
  const float* in = x.as<float>();
  float* out = y.as<float>();
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    unary_row(op, in + offsets[1], out + offsets[0], count);
  });
  return true;
}

template <class T>
T sigmoid(T x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

template <class T>
T softplus(T x) {
  return std::max(x, T(0)) + std::log1p(std::exp(-std::abs(x)));
}

/// Phi, the normal distribution function.
template <class T>
T normal_cdf(T x) {
  return T(0.5) * std::erfc(-x * std::numbers::sqrt2_v<T> / 2);
}

/// The argument of gelu's tanh approximation and its derivative's inner factor.
/// Source   Hendrycks and Gimpel 2016, "Gaussian Error Linear Units".
template <class T>
T gelu_tanh_argument(T x) {
  return T(0.7978845608028654) * (x + T(0.044715) * x * x * x);  // sqrt(2 / pi)
}

/// The functions that only floating point has.
template <class T>
void unary_float(UnaryOp op, ConstView x, View y) {
  const T a = static_cast<T>(op.a), b = static_cast<T>(op.b);
  switch (op.kind) {
    case Unary::kExp:
      return map<T, T>(x, y, [](T v) { return std::exp(v); });
    case Unary::kLog:
      return map_kept<T, T>(x, y, [](T v) { return std::log(v); });
    case Unary::kLog1p:
      return map<T, T>(x, y, [](T v) { return std::log1p(v); });
    case Unary::kSqrt:
      return map<T, T>(x, y, [](T v) { return std::sqrt(v); });
    case Unary::kRsqrt:
      return map<T, T>(x, y, [](T v) { return 1 / std::sqrt(v); });
    case Unary::kReciprocal:
      return map<T, T>(x, y, [](T v) { return 1 / v; });
    case Unary::kSin:
      return map<T, T>(x, y, [](T v) { return std::sin(v); });
    case Unary::kCos:
      return map<T, T>(x, y, [](T v) { return std::cos(v); });
    case Unary::kTanh:
      return map<T, T>(x, y, [](T v) { return std::tanh(v); });
    case Unary::kErf:
      return map<T, T>(x, y, [](T v) { return std::erf(v); });
    case Unary::kFloor:
      return map<T, T>(x, y, [](T v) { return std::floor(v); });
    case Unary::kCeil:
      return map<T, T>(x, y, [](T v) { return std::ceil(v); });
    case Unary::kRound:
      return map<T, T>(x, y, [](T v) { return std::nearbyint(v); });
    case Unary::kIsNan:
      return map<T, bool>(x, y, [](T v) { return std::isnan(v); });
    case Unary::kIsFinite:
      return map<T, bool>(x, y, [](T v) { return std::isfinite(v); });
    case Unary::kPow:
      return map_kept<T, T>(x, y, [a](T v) { return std::pow(v, a); });
    case Unary::kRelu:
      return map<T, T>(x, y, [](T v) { return v < 0 ? T(0) : v; });
    case Unary::kLeakyRelu:
      return map<T, T>(x, y, [a](T v) { return v > 0 ? v : a * v; });
    case Unary::kSigmoid:
      return map<T, T>(x, y, [](T v) { return sigmoid(v); });
    case Unary::kGelu:
      return map<T, T>(x, y, [](T v) { return v * normal_cdf(v); });
    case Unary::kGeluTanh:
      return map<T, T>(x, y, [](T v) { return v / 2 * (1 + std::tanh(gelu_tanh_argument(v))); });
    case Unary::kSilu:
      return map<T, T>(x, y, [](T v) { return v * sigmoid(v); });
    case Unary::kSoftplus:
      return map<T, T>(x, y, [](T v) { return softplus(v); });
    case Unary::kElu:
      return map<T, T>(x, y, [a, b](T v) { return b * (v > 0 ? v : a * std::expm1(v)); });
    case Unary::kCelu:
      return map<T, T>(x, y, [a](T v) { return v > 0 ? v : a * std::expm1(v / a); });
    case Unary::kHardSigmoid:
      return map<T, T>(x, y, [a, b](T v) { return std::min(std::max(a * v + b, T(0)), T(1)); });
    case Unary::kHardSwish:
      // v times 0 where it is low, as the definition says: -infinity gives NaN.
      return map<T, T>(x, y, [](T v) { return v <= -3 ? v * T(0) : v >= 3 ? v : v * (v + 3) / 6; });
    case Unary::kSoftsign:
      return map<T, T>(x, y, [](T v) { return v / (1 + std::abs(v)); });
    case Unary::kMish:
      return map<T, T>(x, y, [](T v) { return v * std::tanh(softplus(v)); });
    case Unary::kThreshold:
      return map<T, T>(x, y, [a, b](T v) { return v <= a ? b : v; });
    default:
      assert(false);  // all functions of floating point are above
  }
}

/// The functions that whole numbers have too.
template <class T>
bool unary_number(UnaryOp op, ConstView x, View y) {
  switch (op.kind) {
    case Unary::kNeg:
      map<T, T>(x, y, [](T v) { return static_cast<T>(-v); });
      return true;
    case Unary::kAbs:
      map<T, T>(x, y, [](T v) { return v < 0 ? static_cast<T>(-v) : v; });
      return true;
    case Unary::kSign:
      map<T, T>(x, y, [](T v) { return is_nan(v) ? v : static_cast<T>((v > 0) - (v < 0)); });
      return true;
    case Unary::kSquare:
      map<T, T>(x, y, [](T v) { return static_cast<T>(v * v); });
      return true;
    case Unary::kClamp:
    case Unary::kHardtanh: {
      const T low = static_cast<T>(op.a), high = static_cast<T>(op.b);
      map<T, T>(x, y, [=](T v) { return v < low ? low : v > high ? high : v; });
      return true;
    }
    default:
      return false;
  }
}

/// f'(x) times dy, where `s` is the result or the input by gradient_uses_result.
template <class T, class F>
void map_gradient(ConstView dy, ConstView saved, View dx, const F& derivative,
                  Denormals denormals = Denormals::kFlush) {
  const auto loop = make_loop<3>(dx.sizes, {dx.strides, dy.strides, saved.strides});
  const T* g = dy.as<T>();
  const T* s = saved.as<T>();
  T* out = dx.as<T>();
  const auto row = [&](const auto& offsets, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      out[offsets[0] + i * loop.inner_stride(0)] =
          g[offsets[1] + i * loop.inner_stride(1)] *
          derivative(s[offsets[2] + i * loop.inner_stride(2)]);
    }
  };
  parallel_for(loop.numel, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    const DenormalsScope scope(denormals);
    for_rows(loop, begin, end, row);
  });
}

template <class T>
T gelu_derivative(T x) {
  const T density = std::exp(-x * x / 2) * T(0.3989422804014327);  // 1 / sqrt(2 pi)
  return normal_cdf(x) + x * density;
}

template <class T>
T gelu_tanh_derivative(T x) {
  const T t = std::tanh(gelu_tanh_argument(x));
  const T inner = T(0.7978845608028654) * (1 + 3 * T(0.044715) * x * x);
  return (1 + t) / 2 + x / 2 * (1 - t * t) * inner;
}

template <class T>
T mish_derivative(T x) {
  const T t = std::tanh(softplus(x));
  return t + x * sigmoid(x) * (1 - t * t);
}

template <class T>
void unary_gradient(UnaryOp op, ConstView dy, ConstView saved, View dx) {
  const T a = static_cast<T>(op.a), b = static_cast<T>(op.b);
  const auto with = [&](const auto& derivative) { map_gradient<T>(dy, saved, dx, derivative); };
  switch (op.kind) {
    case Unary::kNeg:
      return with([](T) { return T(-1); });
    case Unary::kAbs:
      return with([](T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : T(0); });
    case Unary::kExp:
      return with([](T y) { return y; });
    case Unary::kLog:
      return with([](T x) { return 1 / x; });
    case Unary::kLog1p:
      return with([](T x) { return 1 / (1 + x); });
    case Unary::kSqrt:
      return with([](T y) { return T(0.5) / y; });
    case Unary::kRsqrt:
      return with([](T y) { return T(-0.5) * y * y * y; });
    case Unary::kReciprocal:
      return with([](T y) { return -y * y; });
    case Unary::kSquare:
      return with([](T x) { return 2 * x; });
    case Unary::kSin:
      return with([](T x) { return std::cos(x); });
    case Unary::kCos:
      return with([](T x) { return -std::sin(x); });
    case Unary::kTanh:
      return with([](T y) { return 1 - y * y; });
    case Unary::kErf:
      return with([](T x) { return T(2) * std::numbers::inv_sqrtpi_v<T> * std::exp(-x * x); });
    case Unary::kPow:
      return map_gradient<T>(
          dy, saved, dx, [a](T x) { return a == 0 ? T(0) : a * std::pow(x, a - 1); },
          Denormals::kKeep);
    case Unary::kClamp:
      return with([a, b](T x) { return x >= a && x <= b ? T(1) : T(0); });
    case Unary::kRelu:
      return with([](T y) { return y <= 0 ? T(0) : T(1); });
    case Unary::kHardtanh:
      return with([a, b](T y) { return y <= a || y >= b ? T(0) : T(1); });
    case Unary::kLeakyRelu:
      return with([a](T x) { return x > 0 ? T(1) : a; });
    case Unary::kSigmoid:
      return with([](T y) { return y * (1 - y); });
    case Unary::kGelu:
      return with([](T x) { return gelu_derivative(x); });
    case Unary::kGeluTanh:
      return with([](T x) { return gelu_tanh_derivative(x); });
    case Unary::kSilu:
      return with([](T x) { return sigmoid(x) * (1 + x * (1 - sigmoid(x))); });
    case Unary::kSoftplus:
      return with([](T x) { return sigmoid(x); });
    case Unary::kElu:
      return with([a, b](T x) { return b * (x > 0 ? T(1) : a * std::exp(x)); });
    case Unary::kCelu:
      return with([a](T x) { return x > 0 ? T(1) : std::exp(x / a); });
    case Unary::kHardSigmoid:
      return with([a, b](T x) { return a * x + b > 0 && a * x + b < 1 ? a : T(0); });
    case Unary::kHardSwish:
      return with([](T x) { return x < -3 ? T(0) : x > 3 ? T(1) : x / 3 + T(0.5); });
    case Unary::kSoftsign:
      return with([](T x) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); });
    case Unary::kMish:
      return with([](T x) { return mish_derivative(x); });
    case Unary::kThreshold:
      return with([a](T x) { return x <= a ? T(0) : T(1); });
    case Unary::kSign:
    case Unary::kFloor:
    case Unary::kCeil:
    case Unary::kRound:
      return with([](T) { return T(0); });
    default:
      assert(false);  // the others have no derivative
  }
}

/// Runs rows through a vector loop; false when the operands are not dense f32 or there is no such
/// loop.
bool gradient_vectors(UnaryOp op, ConstView dy, ConstView saved, View dx) {
  const bool hardtanh = op.kind == Unary::kHardtanh;
  if (dx.dtype != f32 || (op.kind != Unary::kRelu && !hardtanh)) return false;
  const auto loop = make_loop<3>(dx.sizes, {dx.strides, dy.strides, saved.strides});
  for (int operand = 0; operand < 3; ++operand)
    if (loop.inner_stride(operand) != 1) return false;
  const float low = static_cast<float>(op.a), high = static_cast<float>(op.b);
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    const float* gradient = dy.as<float>() + offsets[1];
    const float* y = saved.as<float>() + offsets[2];
    float* to = dx.as<float>() + offsets[0];
    if (hardtanh) return hardtanh_backward_row(gradient, y, low, high, to, count);
    relu_backward_row(gradient, y, to, count);
  });
  return true;
}

}  // namespace

void unary(Queue&, UnaryOp op, ConstView x, View y) {
  if (op.kind == Unary::kNot) return map<bool, bool>(x, y, [](bool v) { return !v; });
  if (map_vectors(op, x, y)) return;
  bool done = false;
  dispatch_number(x.dtype, "unary",
                  [&](auto tag) { done = unary_number<typename decltype(tag)::type>(op, x, y); });
  if (done) return;
  dispatch_float(x.dtype, "unary",
                 [&](auto tag) { unary_float<typename decltype(tag)::type>(op, x, y); });
}

void unary_backward(Queue&, UnaryOp op, ConstView dy, ConstView saved, View dx) {
  if (gradient_vectors(op, dy, saved, dx)) return;
  dispatch_float(dx.dtype, "unary_backward", [&](auto tag) {
    unary_gradient<typename decltype(tag)::type>(op, dy, saved, dx);
  });
}

}  // namespace fovea::kernels::cpu
