#include "fovea/kernels/cpu/winograd_tiles.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/winograd_tiles.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int kIn = static_cast<int>(kWinogradIn);
constexpr int kOut = static_cast<int>(kWinogradOut);

HWY_INLINE std::int64_t Lanes() { return static_cast<std::int64_t>(hn::Lanes(D())); }

/// The first `count` lanes from memory, the rest 0; reads nothing beyond.
HWY_INLINE V LoadFirst(const float* from, std::int64_t count) {
  const D d;
  if (count >= Lanes()) return hn::LoadU(d, from);
  HWY_ALIGN float lanes[hn::MaxLanes(D())] = {};
  std::copy_n(from, count, lanes);
  return hn::Load(d, lanes);
}

/// Writes the first `count` lanes and nothing beyond.
HWY_INLINE void StoreFirst(V v, float* to, std::int64_t count) {
  const D d;
  if (count >= Lanes()) return hn::StoreU(v, d, to);
  HWY_ALIGN float lanes[hn::MaxLanes(D())];
  hn::Store(v, d, lanes);
  std::copy_n(lanes, count, to);
}

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

/// Applies a step to the columns and then to the rows of a square: `from` [kFrom][kFrom] to `to`
/// [kTo][kTo].
template <int kFrom, int kTo, class Step>
HWY_INLINE void BothWays(const V* from, V* to, const Step& step) {
  V half[kTo][kFrom];
  for (int j = 0; j < kFrom; ++j) {
    V in[kFrom], out[kTo];
    for (int i = 0; i < kFrom; ++i) in[i] = from[i * kFrom + j];
    step(in, out);
    for (int i = 0; i < kTo; ++i) half[i][j] = out[i];
  }
  for (int i = 0; i < kTo; ++i) step(half[i], to + i * kTo);
}

/// Reads a square of `kSide` pixels for the channels from c, 0 outside.
template <int kSide>
HWY_INLINE void LoadPatch(const Patch<const float>& x, std::int64_t c, V* pixels) {
  const std::int64_t left = x.channels - c;
  const bool inside =
      x.top == 0 && x.left == 0 && x.bottom == kSide && x.right == kSide && left >= Lanes();
  for (int i = 0; i < kSide; ++i) {
    const float* row = x.first + i * x.row_stride + c;
    for (int j = 0; j < kSide; ++j) {
      const bool here = inside || (i >= x.top && i < x.bottom && j >= x.left && j < x.right);
      pixels[i * kSide + j] = here ? LoadFirst(row + j * x.channels, left) : hn::Zero(D());
    }
  }
}

/// Where column c of row `row` lies in plane 0.
HWY_INLINE float* Place(const Planes& planes, std::int64_t row, std::int64_t c) {
  const std::int64_t start = c / planes.width * planes.width;
  return planes.data + start * planes.rows + row * planes.width_at(start) + (c - start);
}

HWY_INLINE void StorePlanes(const V* values, const Planes& planes, std::int64_t row,
                            std::int64_t c) {
  float* at = Place(planes, row, c);
  for (int p = 0; p < kIn * kIn; ++p) hn::StoreU(values[p], D(), at + p * planes.stride());
}

HWY_INLINE void LoadPlanes(const Planes& planes, std::int64_t row, std::int64_t c, V* values) {
  const float* at = Place(planes, row, c);
  for (int p = 0; p < kIn * kIn; ++p) values[p] = hn::LoadU(D(), at + p * planes.stride());
}

void Input(const Patch<const float>& x, const Planes& v, std::int64_t row) {
  for (std::int64_t c = 0; c < x.channels; c += Lanes()) {
    V pixels[kIn * kIn], planes[kIn * kIn];
    LoadPatch<kIn>(x, c, pixels);
    BothWays<kIn, kIn>(pixels, planes, InputStep);
    StorePlanes(planes, v, row, c);
  }
}

void Output(const Planes& m, std::int64_t row, const float* bias, const Patch<float>& y) {
  for (std::int64_t c = 0; c < y.channels; c += Lanes()) {
    const std::int64_t left = y.channels - c;
    V planes[kIn * kIn], pixels[kOut * kOut];
    LoadPlanes(m, row, c, planes);
    BothWays<kIn, kOut>(planes, pixels, OutputStep);
    const V shift = bias ? LoadFirst(bias + c, left) : hn::Zero(D());
    for (int i = y.top; i < y.bottom; ++i) {
      for (int j = y.left; j < y.right; ++j) {
        StoreFirst(hn::Add(pixels[i * kOut + j], shift),
                   y.first + i * y.row_stride + j * y.channels + c, left);
      }
    }
  }
}

void OutputAdjoint(const Patch<const float>& dy, const Planes& dm, std::int64_t row, float* dbias) {
  for (std::int64_t c = 0; c < dy.channels; c += Lanes()) {
    V pixels[kOut * kOut], planes[kIn * kIn];
    LoadPatch<kOut>(dy, c, pixels);
    if (dbias) {
      V sum = pixels[0];
      for (int i = 1; i < kOut * kOut; ++i) sum = hn::Add(sum, pixels[i]);
      const std::int64_t left = dy.channels - c;
      StoreFirst(hn::Add(LoadFirst(dbias + c, left), sum), dbias + c, left);
    }
    BothWays<kOut, kIn>(pixels, planes, OutputAdjointStep);
    StorePlanes(planes, dm, row, c);
  }
}

void InputAdjoint(const Planes& dv, std::int64_t row, const Patch<float>& dx) {
  for (std::int64_t c = 0; c < dx.channels; c += Lanes()) {
    const std::int64_t left = dx.channels - c;
    V planes[kIn * kIn], pixels[kIn * kIn];
    LoadPlanes(dv, row, c, planes);
    BothWays<kIn, kIn>(planes, pixels, InputAdjointStep);
    for (int i = dx.top; i < dx.bottom; ++i) {
      for (int j = dx.left; j < dx.right; ++j) {
        float* at = dx.first + i * dx.row_stride + j * dx.channels + c;
        StoreFirst(hn::Add(LoadFirst(at, left), pixels[i * kIn + j]), at, left);
      }
    }
  }
}

void Weight(const float* kernels, std::int64_t stride, std::int64_t columns, const Planes& u,
            std::int64_t row) {
  HWY_ALIGN float lanes[9][hn::MaxLanes(D())] = {};
  for (std::int64_t k = 0; k < columns; k += Lanes()) {
    const std::int64_t count = std::min(Lanes(), columns - k);
    for (std::int64_t i = 0; i < count; ++i) {
      for (int r = 0; r < 9; ++r) lanes[r][i] = kernels[(k + i) * stride + r];
    }
    V kernel[9], planes[kIn * kIn];
    for (int r = 0; r < 9; ++r) kernel[r] = hn::Load(D(), lanes[r]);
    BothWays<3, kIn>(kernel, planes, WeightStep);
    StorePlanes(planes, u, row, k);
  }
}

void WeightAdjoint(const Planes& du, std::int64_t row, float* kernels, std::int64_t stride,
                   std::int64_t columns) {
  HWY_ALIGN float lanes[9][hn::MaxLanes(D())];
  for (std::int64_t k = 0; k < columns; k += Lanes()) {
    V planes[kIn * kIn], kernel[9];
    LoadPlanes(du, row, k, planes);
    BothWays<kIn, 3>(planes, kernel, WeightAdjointStep);
    for (int r = 0; r < 9; ++r) hn::Store(kernel[r], D(), lanes[r]);
    const std::int64_t count = std::min(Lanes(), columns - k);
    for (std::int64_t i = 0; i < count; ++i) {
      for (int r = 0; r < 9; ++r) kernels[(k + i) * stride + r] = lanes[r][i];
    }
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(Input);
HWY_EXPORT(Output);
HWY_EXPORT(OutputAdjoint);
HWY_EXPORT(InputAdjoint);
HWY_EXPORT(Weight);
HWY_EXPORT(WeightAdjoint);

void winograd_input(const Patch<const float>& x, const Planes& v, std::int64_t row) {
  HWY_DYNAMIC_DISPATCH(Input)(x, v, row);
}
void winograd_output(const Planes& m, std::int64_t row, const float* bias, const Patch<float>& y) {
  HWY_DYNAMIC_DISPATCH(Output)(m, row, bias, y);
}
void winograd_output_adjoint(const Patch<const float>& dy, const Planes& dm, std::int64_t row,
                             float* dbias) {
  HWY_DYNAMIC_DISPATCH(OutputAdjoint)(dy, dm, row, dbias);
}
void winograd_input_adjoint(const Planes& dv, std::int64_t row, const Patch<float>& dx) {
  HWY_DYNAMIC_DISPATCH(InputAdjoint)(dv, row, dx);
}
void winograd_weight(const float* kernels, std::int64_t stride, std::int64_t columns,
                     const Planes& u, std::int64_t row) {
  HWY_DYNAMIC_DISPATCH(Weight)(kernels, stride, columns, u, row);
}
void winograd_weight_adjoint(const Planes& du, std::int64_t row, float* kernels,
                             std::int64_t stride, std::int64_t columns) {
  HWY_DYNAMIC_DISPATCH(WeightAdjoint)(du, row, kernels, stride, columns);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
