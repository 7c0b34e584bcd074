#include "fovea/kernels/cpu/loss/softmax_rows.h"

#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/loss/softmax_rows.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

/// Calls f(i, load, store) for each register of a row. The last one may reach past the end: `load`
/// puts `filler` there, and `store` leaves what is there alone.
template <class F>
HWY_INLINE void ForRow(std::int64_t count, F f) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    f([i](const float* p, float) HWY_ATTR { return hn::LoadU(Floats(), p + i); },
      [i](Vector v, float* p) HWY_ATTR { hn::StoreU(v, Floats(), p + i); });
  }
  const auto rest = static_cast<std::size_t>(count - i);
  if (rest == 0) return;
  // Through a buffer: masked loads may touch what they mask out on older instruction sets.
  f(
      [=](const float* p, float filler) HWY_ATTR {
        HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)];
        hn::Store(hn::Set(Floats(), filler), Floats(), buffer);
        std::memcpy(buffer, p + i, rest * sizeof(float));
        return hn::Load(Floats(), buffer);
      },
      [=](Vector v, float* p) HWY_ATTR {
        HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)];
        hn::Store(v, Floats(), buffer);
        std::memcpy(p + i, buffer, rest * sizeof(float));
      });
}

/// e^v. Highway's Exp gives 0 for NaN; here NaN stays.
HWY_INLINE Vector ExpKeepingNan(Vector v) {
  return hn::IfThenElse(hn::IsNaN(v), v, hn::Exp(Floats(), v));
}

HWY_INLINE float Sum(Vector v) { return hn::GetLane(hn::SumOfLanes(Floats(), v)); }

void SoftmaxRow(bool log, const float* x, float* y, std::int64_t count) {
  const Floats d;
  Vector tops = hn::Set(d, x[0]);
  ForRow(count, [&](auto load, auto) HWY_ATTR { tops = hn::Max(tops, load(x, x[0])); });
  const Vector top = hn::MaxOfLanes(d, tops);
  // A NaN in the row may or may not be `top`; either way it makes the sum, and so the row, NaN.
  Vector sums = hn::Zero(d);
  ForRow(count, [&](auto load, auto store) HWY_ATTR {
    const Vector shifted = hn::Sub(load(x, -HUGE_VALF), top);
    const Vector power = ExpKeepingNan(shifted);
    sums = hn::Add(sums, power);
    store(log ? shifted : power, y);
  });
  const float total = Sum(sums);
  const Vector shift = hn::Set(d, log ? std::log(total) : 1.0f / total);
  ForRow(count, [&](auto load, auto store) HWY_ATTR {
    const Vector v = load(y, 0.0f);
    store(log ? hn::Sub(v, shift) : hn::Mul(v, shift), y);
  });
}

void SoftmaxBackwardRow(bool log, const float* dy, const float* y, float* dx, std::int64_t count) {
  const Floats d;
  Vector sums = hn::Zero(d);
  ForRow(count, [&](auto load, auto) HWY_ATTR {
    const Vector gradient = load(dy, 0.0f);
    sums = log ? hn::Add(sums, gradient) : hn::MulAdd(gradient, load(y, 0.0f), sums);
  });
  const Vector total = hn::Set(d, Sum(sums));
  ForRow(count, [&](auto load, auto store) HWY_ATTR {
    const Vector gradient = load(dy, 0.0f), value = load(y, 0.0f);
    store(log ? hn::NegMulAdd(ExpKeepingNan(value), total, gradient)
              : hn::Mul(value, hn::Sub(gradient, total)),
          dx);
  });
}

void ScaledExpRow(const float* x, float factor, float* y, std::int64_t count) {
  const Vector scale = hn::Set(Floats(), factor);
  ForRow(count, [&](auto load, auto store)
                    HWY_ATTR { store(hn::Mul(ExpKeepingNan(load(x, 0.0f)), scale), y); });
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(SoftmaxRow);
HWY_EXPORT(SoftmaxBackwardRow);
HWY_EXPORT(ScaledExpRow);

void softmax_row(bool log, const float* x, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(SoftmaxRow)(log, x, y, count);
}

void softmax_backward_row(bool log, const float* dy, const float* y, float* dx,
                          std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(SoftmaxBackwardRow)(log, dy, y, dx, count);
}

void scaled_exp_row(const float* x, float factor, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(ScaledExpRow)(x, factor, y, count);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
