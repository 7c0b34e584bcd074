// The one-dimensional transforms of Winograd's F(4x4, 3x3), and how they are applied to squares,
// for Highway's foreach_target files. Included once for each target. Matrices: winograd/tiles.h.

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

/// The points beside 0 and infinity at which the polynomials are evaluated are +-kA and +-kB.
/// Derivation, and why these: winograd/tiles.h. Exact in f32, as are all their products here.
inline constexpr float kA = 5.0f / 8, kB = 3.0f / 2;
inline constexpr float kA2 = kA * kA, kB2 = kB * kB;
/// The kernel transform's factors of the rows of 0, +-kA and +-kB.
inline constexpr float kG0 = 1 / (kA2 * kB2);
inline constexpr float kGA = 1 / (2 * kA2 * (kA2 - kB2)), kGB = 1 / (2 * kB2 * (kB2 - kA2));

HWY_INLINE V Times(float a, V v) { return hn::Mul(hn::Set(D(), a), v); }
/// a * v + b.
HWY_INLINE V Fma(float a, V v, V b) { return hn::MulAdd(hn::Set(D(), a), v, b); }
/// b - a * v.
HWY_INLINE V Fnma(float a, V v, V b) { return hn::NegMulAdd(hn::Set(D(), a), v, b); }

/// B' of one column: 6 to 6.
HWY_INLINE void InputStep(const V* d, V* v) {
  const V even_a = Fnma(kB2, d[2], d[4]), odd_a = Fnma(kB2, d[1], d[3]);
  const V even_b = Fnma(kA2, d[2], d[4]), odd_b = Fnma(kA2, d[1], d[3]);
  v[0] = Fma(kA2 * kB2, d[0], Fnma(kA2 + kB2, d[2], d[4]));
  v[1] = Fma(kA, odd_a, even_a);
  v[2] = Fnma(kA, odd_a, even_a);
  v[3] = Fma(kB, odd_b, even_b);
  v[4] = Fnma(kB, odd_b, even_b);
  v[5] = Fma(kA2 * kB2, d[1], Fnma(kA2 + kB2, d[3], d[5]));
}

/// B of one column, the adjoint of InputStep: 6 to 6.
HWY_INLINE void InputAdjointStep(const V* v, V* d) {
  const V sum_a = hn::Add(v[1], v[2]), sum_b = hn::Add(v[3], v[4]);
  const V dif_a = hn::Sub(v[1], v[2]), dif_b = hn::Sub(v[3], v[4]);
  d[0] = Times(kA2 * kB2, v[0]);
  d[1] = Fnma(kA2 * kB, dif_b, Fnma(kA * kB2, dif_a, Times(kA2 * kB2, v[5])));
  d[2] = Fnma(kA2, sum_b, Fnma(kB2, sum_a, Times(-(kA2 + kB2), v[0])));
  d[3] = Fma(kB, dif_b, Fma(kA, dif_a, Times(-(kA2 + kB2), v[5])));
  d[4] = hn::Add(v[0], hn::Add(sum_a, sum_b));
  d[5] = v[5];
}

/// A' of one column: 6 to 4.
HWY_INLINE void OutputStep(const V* m, V* y) {
  const V sum_a = hn::Add(m[1], m[2]), sum_b = hn::Add(m[3], m[4]);
  const V dif_a = hn::Sub(m[1], m[2]), dif_b = hn::Sub(m[3], m[4]);
  y[0] = hn::Add(m[0], hn::Add(sum_a, sum_b));
  y[1] = Fma(kB, dif_b, Times(kA, dif_a));
  y[2] = Fma(kB2, sum_b, Times(kA2, sum_a));
  y[3] = Fma(kB2 * kB, dif_b, Fma(kA2 * kA, dif_a, m[5]));
}

/// A of one column, the adjoint of OutputStep: 4 to 6.
HWY_INLINE void OutputAdjointStep(const V* y, V* m) {
  const V even_a = Fma(kA2, y[2], y[0]), odd_a = Fma(kA2, y[3], y[1]);
  const V even_b = Fma(kB2, y[2], y[0]), odd_b = Fma(kB2, y[3], y[1]);
  m[0] = y[0];
  m[1] = Fma(kA, odd_a, even_a);
  m[2] = Fnma(kA, odd_a, even_a);
  m[3] = Fma(kB, odd_b, even_b);
  m[4] = Fnma(kB, odd_b, even_b);
  m[5] = y[3];
}

/// G of one column: 3 to 6.
HWY_INLINE void WeightStep(const V* g, V* u) {
  const V even_a = Fma(kA2, g[2], g[0]), even_b = Fma(kB2, g[2], g[0]);
  u[0] = Times(kG0, g[0]);
  u[1] = Times(kGA, Fma(kA, g[1], even_a));
  u[2] = Times(kGA, Fnma(kA, g[1], even_a));
  u[3] = Times(kGB, Fma(kB, g[1], even_b));
  u[4] = Times(kGB, Fnma(kB, g[1], even_b));
  u[5] = g[2];
}

/// G' of one column, the adjoint of WeightStep: 6 to 3.
HWY_INLINE void WeightAdjointStep(const V* u, V* g) {
  const V sum_a = hn::Add(u[1], u[2]), sum_b = hn::Add(u[3], u[4]);
  const V dif_a = hn::Sub(u[1], u[2]), dif_b = hn::Sub(u[3], u[4]);
  g[0] = Fma(kGB, sum_b, Fma(kGA, sum_a, Times(kG0, u[0])));
  g[1] = Fma(kGB * kB, dif_b, Times(kGA * kA, dif_a));
  g[2] = Fma(kGB * kB2, sum_b, Fma(kGA * kA2, sum_a, u[5]));
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
