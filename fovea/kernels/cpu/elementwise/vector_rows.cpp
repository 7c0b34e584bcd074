// Plain loops that the compiler vectorises, compiled by Highway's foreach_target for each
// instruction set.

#include "fovea/kernels/cpu/elementwise/vector_rows.h"

#include <cassert>
#include <cmath>
#include <type_traits>

#include "fovea/kernels/function_values.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/elementwise/vector_rows.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

template <class F>
HWY_INLINE void map(const float* x, float* y, std::int64_t count, F f) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = f(x[i]);
}

template <class F>
HWY_INLINE void map_gradient(const float* dy, const float* saved, float* dx, std::int64_t count,
                             F slope) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto by = slope(saved[i]);
    if constexpr (std::is_same_v<decltype(by), const bool>) {  // as kernels::through
      dx[i] = by ? dy[i] : 0.0f;
    } else {
      dx[i] = dy[i] * static_cast<float>(by);
    }
  }
}

// The rows' own text, so that it is compiled for this instruction set; a template of another header
// would be compiled for one of them all.
void UnaryRow(UnaryOp op, const float* from, float* to, std::int64_t count) {
  using namespace functions;  // NOLINT(google-build-using-namespace): the rows need it
  using T = float;
  const T a = static_cast<T>(op.a), b = static_cast<T>(op.b);
  switch (op.kind) {
#define FOVEA_ROW(Word, name, domain, value, ...)                        \
  case Unary::k##Word:                                                   \
    if constexpr (has_vector_row(Unary::k##Word))                        \
      map(from, to, count, [=]([[maybe_unused]] T x) { return value; }); \
    return;
    FOVEA_ROWS
#undef FOVEA_ROW
  }
}

void UnaryBackwardRow(UnaryOp op, const float* dy, const float* saved, float* dx,
                      std::int64_t count) {
  using namespace functions;  // NOLINT(google-build-using-namespace): the rows need it
  using T = float;
  const T a = static_cast<T>(op.a), b = static_cast<T>(op.b);
  switch (op.kind) {
#define FOVEA_ROW(Word, name, domain, value, reads, slope, ...)      \
  case Unary::k##Word:                                               \
    if constexpr (has_vector_row(Unary::k##Word))                    \
      map_gradient(dy, saved, dx, count, [=]([[maybe_unused]] T x) { \
        [[maybe_unused]] const T y = x;                              \
        return slope;                                                \
      });                                                            \
    return;
    FOVEA_ROWS
#undef FOVEA_ROW
  }
}

template <class F>
HWY_INLINE void map2(const float* a, bool a_single, const float* b, bool b_single, float* y,
                     std::int64_t count, F f) {
  if (a_single) {
    const float value = *a;
    for (std::int64_t i = 0; i < count; ++i) y[i] = f(value, b_single ? *b : b[i]);
  } else if (b_single) {
    const float value = *b;
    for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], value);
  } else {
    for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], b[i]);
  }
}

void BinaryRow(Binary op, const float* a, bool a_single, const float* b, bool b_single, float* y,
               std::int64_t count) {
  const auto with = [&](auto f) { map2(a, a_single, b, b_single, y, count, f); };
  if (op == Binary::kAdd) return with([](float p, float q) { return p + q; });
  if (op == Binary::kSub) return with([](float p, float q) { return p - q; });
  if (op == Binary::kMul) return with([](float p, float q) { return p * q; });
  assert(op == Binary::kDiv);  // has_vector_row says so
  with([](float p, float q) { return p / q; });
}

/// True for 0 and for what leaves products with numbers of its kind far from both ends of f32.
bool IsModerate(float x) {
  const float size = std::fabs(x);
  return x == 0 || (size >= 0x1p-40f && size <= 0x1p40f);
}

/// y[i] = (x[i] / divisor - mean) / std, with the quotients that `divide` makes.
template <class Divide>
HWY_INLINE void BytesLoop(const std::uint8_t* HWY_RESTRICT x, float mean, float std,
                          float* HWY_RESTRICT y, std::int64_t count, const Divide& divide,
                          float divisor) {
  const float inverse = 1 / divisor, inverse_std = 1 / std;
  if (mean == 0 && std == 1) {  // neither changes a value
    for (std::int64_t i = 0; i < count; ++i)
      y[i] = divide(static_cast<float>(x[i]), divisor, inverse);
  } else {
    for (std::int64_t i = 0; i < count; ++i)
      y[i] = divide(divide(static_cast<float>(x[i]), divisor, inverse) - mean, std, inverse_std);
  }
}

void BytesRow(const std::uint8_t* HWY_RESTRICT x, float divisor, float mean, float std,
              float* HWY_RESTRICT y, std::int64_t count) {
#if HWY_NATIVE_FMA
  // A quotient from the rounded reciprocal, with the remainder that one multiply-add gives exactly
  // and another one adds, is rounded as division rounds it (Markstein 1990), in a third of the
  // time.
  if (divisor != 0 && std != 0 && IsModerate(divisor) && IsModerate(mean) && IsModerate(std)) {
    const auto by_remainder = [](float a, float b, float inverse) HWY_ATTR {
      const float quotient = a * inverse;
      return std::fma(std::fma(-b, quotient, a), inverse, quotient);
    };
    return BytesLoop(x, mean, std, y, count, by_remainder, divisor);
  }
#endif
  const auto divide = [](float a, float b, float) HWY_ATTR { return a / b; };
  BytesLoop(x, mean, std, y, count, divide, divisor);
}

const char* Target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(UnaryRow);
HWY_EXPORT(BinaryRow);
HWY_EXPORT(UnaryBackwardRow);
HWY_EXPORT(BytesRow);
HWY_EXPORT(Target);

void unary_row(UnaryOp op, const float* x, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(UnaryRow)(op, x, y, count);
}

void binary_row(Binary op, const float* a, bool a_single, const float* b, bool b_single, float* y,
                std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(BinaryRow)(op, a, a_single, b, b_single, y, count);
}

void unary_backward_row(UnaryOp op, const float* dy, const float* saved, float* dx,
                        std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(UnaryBackwardRow)(op, dy, saved, dx, count);
}

void bytes_row(const std::uint8_t* x, float divisor, float mean, float std, float* y,
               std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(BytesRow)(x, divisor, mean, std, y, count);
}
const char* vector_target() { return HWY_DYNAMIC_DISPATCH(Target)(); }

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
