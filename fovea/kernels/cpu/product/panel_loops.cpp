#include "fovea/kernels/cpu/product/panel_loops.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/product/panel_loops.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/vector_registers.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Rows and vectors of a block of accumulators: with the operands they fill the registers (32 with
/// AVX-512 and on Arm, else 16) without spilling.
constexpr int kHeight = 6;
constexpr int kVectors = FOVEA_MANY_VECTOR_REGISTERS ? 4 : 2;

/// What all blocks of some columns share.
struct Columns {
  std::int64_t steps, a_row, a_step;
  const float* b;  // first row of these columns
  std::int64_t b_stride;
  float* packed;  // null but where b is packed
  std::int64_t packed_stride;
  PanelFetch fetch;
};

/// One block. Of each run, line `line` is fetched, one at each step: prefetches that come in bursts
/// make the processor wait as the loads themselves would.
template <int kRows, int kWidth, bool kPack>
HWY_INLINE void Block(const Columns& p, std::int64_t line, const float* HWY_RESTRICT a,
                      PanelRows<const float> start, PanelRows<float> c) {
  const D d;
  constexpr std::int64_t lanes = hn::MaxLanes(D());
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kWidth; ++j) __builtin_prefetch(c.data + i * c.stride + j * lanes, 1);
  }
  V sum[kRows][kWidth];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kWidth; ++j)
      sum[i][j] = hn::LoadU(d, start.data + i * start.stride + j * lanes);
  }
  const float* HWY_RESTRICT b = p.b;
  float* HWY_RESTRICT packed = p.packed;
  const auto step = [&]() HWY_ATTR {
    V right[kWidth];
    for (int j = 0; j < kWidth; ++j) {
      right[j] = hn::LoadU(d, b + j * lanes);
      if (kPack) hn::StoreU(right[j], d, packed + j * lanes);
    }
    for (int i = 0; i < kRows; ++i) {
      const V left = hn::Set(d, a[i * p.a_row]);
      for (int j = 0; j < kWidth; ++j) sum[i][j] = hn::MulAdd(left, right[j], sum[i][j]);
    }
    a += p.a_step;
    b += p.b_stride;
    if (kPack) packed += p.packed_stride;
  };
  constexpr std::int64_t kLine = 64 / sizeof(float);
  const float* ahead = p.fetch.data + line * kLine;
  const std::int64_t fetches = line < p.fetch.lines ? std::min(p.fetch.runs, p.steps) : 0;
  std::int64_t s = 0;
  for (; s < fetches; ++s, ahead += p.fetch.stride) {
    __builtin_prefetch(ahead, 0, 2);
    step();
  }
  for (; s < p.steps; ++s) step();
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kWidth; ++j) hn::StoreU(sum[i][j], d, c.data + i * c.stride + j * lanes);
  }
}

/// The last rows, in one block of their own height.
template <int kRows, int kWidth, bool kPack>
HWY_INLINE void Rest(std::int64_t rows, const Columns& p, std::int64_t line, const float* a,
                     PanelRows<const float> start, PanelRows<float> c) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return Block<kRows, kWidth, kPack>(p, line, a, start, c);
    Rest<kRows - 1, kWidth, kPack>(rows, p, line, a, start, c);
  }
}

/// All rows beside kWidth vectors of columns.
template <int kWidth>
void MultiplyColumns(std::int64_t rows, Columns p, const float* a, PanelRows<const float> start,
                     PanelRows<float> c) {
  std::int64_t line = 0;
  const auto next = [&] {
    rows -= kHeight;
    a += kHeight * p.a_row;
    start.data += kHeight * start.stride;
    c.data += kHeight * c.stride;
    ++line;
  };
  if (p.packed) {
    if (rows < kHeight) return Rest<kHeight - 1, kWidth, true>(rows, p, line, a, start, c);
    Block<kHeight, kWidth, true>(p, line, a, start, c);
    next();
    p.b = p.packed, p.b_stride = p.packed_stride;
  }
  for (; rows >= kHeight; next()) Block<kHeight, kWidth, false>(p, line, a, start, c);
  Rest<kHeight - 1, kWidth, false>(rows, p, line, a, start, c);
}

void MultiplyPanel(std::int64_t rows, std::int64_t vectors, std::int64_t steps, const GemmA& a,
                   const PanelOperand& b, PanelRows<const float> start, PanelRows<float> c,
                   const PanelFetch& fetch) {
  constexpr std::int64_t lanes = hn::MaxLanes(D());
  Columns p{steps,         a.row_stride, a.step_stride,   b.rows.data,
            b.rows.stride, b.packed,     vectors * lanes, fetch};
  for (std::int64_t left = vectors; left > 0;) {
    const std::int64_t width = std::min<std::int64_t>(left, kVectors);
    if (width == 1) MultiplyColumns<1>(rows, p, a.data, start, c);
    if (width == 2) MultiplyColumns<2>(rows, p, a.data, start, c);
    if constexpr (kVectors > 2) {
      if (width == 3) MultiplyColumns<3>(rows, p, a.data, start, c);
      if (width == 4) MultiplyColumns<4>(rows, p, a.data, start, c);
    }
    left -= width;
    p.b += width * lanes;
    if (p.packed) p.packed += width * lanes;
    start.data += width * lanes;
    c.data += width * lanes;
    p.fetch = {};
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(MultiplyPanel);

void multiply_panel(std::int64_t rows, std::int64_t vectors, std::int64_t steps, const GemmA& a,
                    const PanelOperand& b, PanelRows<const float> start, PanelRows<float> c,
                    const PanelFetch& fetch) {
  HWY_DYNAMIC_DISPATCH(MultiplyPanel)(rows, vectors, steps, a, b, start, c, fetch);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
