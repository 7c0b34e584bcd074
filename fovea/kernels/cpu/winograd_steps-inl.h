// The one-dimensional transforms of Winograd's F(4x4, 3x3), and how they are applied to squares,
// for Highway's foreach_target files. Included once for each target. Matrices: winograd_tiles.h.

#if defined(FOVEA_KERNELS_CPU_WINOGRAD_STEPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_WINOGRAD_STEPS_INL_H_
#undef FOVEA_KERNELS_CPU_WINOGRAD_STEPS_INL_H_
#else
#define FOVEA_KERNELS_CPU_WINOGRAD_STEPS_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

HWY_INLINE V Times(float a, V v) { return hn::Mul(hn::Set(D(), a), v); }
/// a * v + b.
HWY_INLINE V Fma(float a, V v, V b) { return hn::MulAdd(hn::Set(D(), a), v, b); }

/// B' of one column: 6 to 6.
HWY_INLINE void InputStep(const V* d, V* v) {
  const V a = Fma(-4, d[2], d[4]), b = Fma(-4, d[1], d[3]);
  const V c = hn::Sub(d[4], d[2]), e = Times(2, hn::Sub(d[3], d[1]));
  v[0] = Fma(4, d[0], Fma(-5, d[2], d[4]));
  v[1] = hn::Add(a, b);
  v[2] = hn::Sub(a, b);
  v[3] = hn::Add(c, e);
  v[4] = hn::Sub(c, e);
  v[5] = Fma(4, d[1], Fma(-5, d[3], d[5]));
}

/// B of one column, the adjoint of InputStep: 6 to 6.
HWY_INLINE void InputAdjointStep(const V* v, V* d) {
  const V sum12 = hn::Add(v[1], v[2]), sum34 = hn::Add(v[3], v[4]);
  const V dif12 = hn::Sub(v[1], v[2]), dif34 = Times(2, hn::Sub(v[3], v[4]));
  d[0] = Times(4, v[0]);
  d[1] = Fma(4, v[5], hn::Sub(Times(-4, dif12), dif34));
  d[2] = hn::Sub(Fma(-5, v[0], Times(-4, sum12)), sum34);
  d[3] = Fma(-5, v[5], hn::Add(dif12, dif34));
  d[4] = hn::Add(v[0], hn::Add(sum12, sum34));
  d[5] = v[5];
}

/// A' of one column: 6 to 4.
HWY_INLINE void OutputStep(const V* m, V* y) {
  const V sum12 = hn::Add(m[1], m[2]), sum34 = hn::Add(m[3], m[4]);
  const V dif12 = hn::Sub(m[1], m[2]), dif34 = hn::Sub(m[3], m[4]);
  y[0] = hn::Add(m[0], hn::Add(sum12, sum34));
  y[1] = Fma(2, dif34, dif12);
  y[2] = Fma(4, sum34, sum12);
  y[3] = hn::Add(Fma(8, dif34, dif12), m[5]);
}

/// A of one column, the adjoint of OutputStep: 4 to 6.
HWY_INLINE void OutputAdjointStep(const V* y, V* m) {
  const V even = hn::Add(y[0], y[2]), odd = hn::Add(y[1], y[3]);
  const V even2 = Fma(4, y[2], y[0]), odd2 = Fma(8, y[3], Times(2, y[1]));
  m[0] = y[0];
  m[1] = hn::Add(even, odd);
  m[2] = hn::Sub(even, odd);
  m[3] = hn::Add(even2, odd2);
  m[4] = hn::Sub(even2, odd2);
  m[5] = y[3];
}

/// G of one column: 3 to 6.
HWY_INLINE void WeightStep(const V* g, V* u) {
  const V even = hn::Add(g[0], g[2]);
  const V even2 = Fma(4, g[2], g[0]);
  u[0] = Times(1.0f / 4, g[0]);
  u[1] = Times(-1.0f / 6, hn::Add(even, g[1]));
  u[2] = Times(-1.0f / 6, hn::Sub(even, g[1]));
  u[3] = Times(1.0f / 24, Fma(2, g[1], even2));
  u[4] = Times(1.0f / 24, Fma(-2, g[1], even2));
  u[5] = g[2];
}

/// G' of one column, the adjoint of WeightStep: 6 to 3.
HWY_INLINE void WeightAdjointStep(const V* u, V* g) {
  const V sum12 = hn::Add(u[1], u[2]), sum34 = hn::Add(u[3], u[4]);
  const V dif21 = hn::Sub(u[2], u[1]), dif34 = hn::Sub(u[3], u[4]);
  g[0] = Fma(1.0f / 4, u[0], Fma(-1.0f / 6, sum12, Times(1.0f / 24, sum34)));
  g[1] = Fma(1.0f / 6, dif21, Times(1.0f / 12, dif34));
  g[2] = Fma(-1.0f / 6, sum12, Fma(1.0f / 6, sum34, u[5]));
}

/// Applies a step to the columns and then to the rows of a square: from load(i, j), i, j < kFrom,
/// to store(i, j, value), i, j < kTo. Only the columns' results are kept in between, since a whole
/// square does not fit the registers.
template <int kFrom, int kTo, class Step, class Load, class Store>
HWY_INLINE void BothWays(const Step& step, const Load& load, const Store& store) {
  V half[kTo][kFrom];
  for (int j = 0; j < kFrom; ++j) {
    V in[kFrom], out[kTo];
    for (int i = 0; i < kFrom; ++i) in[i] = load(i, j);
    step(in, out);
    for (int i = 0; i < kTo; ++i) half[i][j] = out[i];
  }
  for (int i = 0; i < kTo; ++i) {
    V out[kTo];
    step(half[i], out);
    for (int j = 0; j < kTo; ++j) store(i, j, out[j]);
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // the guard for each target
