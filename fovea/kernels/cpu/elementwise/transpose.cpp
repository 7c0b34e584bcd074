#include "fovea/kernels/cpu/elementwise/transpose.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/elementwise/transpose.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR  // which has neither blocks nor halves
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using Pairs = hn::RepartitionToWide<D>;

/// Four numbers of every fourth row, one after the other: block b of the vector is
/// from[4 b stride..4 b stride + 3].
template <class DX>
HWY_INLINE hn::Vec<DX> Stack(DX d, const float* HWY_RESTRICT from, std::int64_t stride) {
  if constexpr (hn::MaxLanes(DX()) == 4) {
    return hn::LoadU(d, from);
  } else {
    const hn::Half<DX> half;
    constexpr std::int64_t kRows = hn::MaxLanes(half);
    return hn::Combine(d, Stack(half, from + kRows * stride, stride), Stack(half, from, stride));
  }
}

HWY_INLINE void StorePairs(hn::Vec<Pairs> v, float* HWY_RESTRICT to) {
  const D d;
  hn::StoreU(hn::BitCast(d, v), d, to);
}

/// Four rows of a vector's worth of columns: a transposition of 4 x 4 in each block.
HWY_INLINE void TransposeFour(const float* HWY_RESTRICT from, std::int64_t from_stride,
                              float* HWY_RESTRICT to, std::int64_t to_stride) {
  const D d;
  const Pairs pairs;
  const auto column0 = Stack(d, from, from_stride);
  const auto column1 = Stack(d, from + from_stride, from_stride);
  const auto column2 = Stack(d, from + 2 * from_stride, from_stride);
  const auto column3 = Stack(d, from + 3 * from_stride, from_stride);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, column0, column1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, column2, column3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, column0, column1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, column2, column3));
  StorePairs(hn::InterleaveLower(pairs, low01, low23), to);
  StorePairs(hn::InterleaveUpper(pairs, low01, low23), to + to_stride);
  StorePairs(hn::InterleaveLower(pairs, high01, high23), to + 2 * to_stride);
  StorePairs(hn::InterleaveUpper(pairs, high01, high23), to + 3 * to_stride);
}

/// Whole vectors of columns and fours of rows; the last of each lie over those before them where
/// sizes are no multiples.
HWY_INLINE void TransposeBlocks(const float* from, std::int64_t from_stride, std::int64_t columns,
                                std::int64_t rows, float* to, std::int64_t to_stride) {
  constexpr std::int64_t lanes = hn::MaxLanes(D());
  for (std::int64_t start = 0; start < columns; start += lanes) {
    const std::int64_t j = start + lanes <= columns ? start : columns - lanes;
    for (std::int64_t i = 0; i + 4 <= rows; i += 4)
      TransposeFour(from + j * from_stride + i, from_stride, to + i * to_stride + j, to_stride);
    const std::int64_t last = rows - 4;
    if (rows % 4 != 0)
      TransposeFour(from + j * from_stride + last, from_stride, to + last * to_stride + j,
                    to_stride);
  }
}
#endif

void TransposeRows(const float* HWY_RESTRICT from, std::int64_t from_stride, std::int64_t columns,
                   std::int64_t rows, float* HWY_RESTRICT to, std::int64_t to_stride) {
#if HWY_TARGET != HWY_SCALAR
  if (columns >= static_cast<std::int64_t>(hn::MaxLanes(D())) && rows >= 4)
    return TransposeBlocks(from, from_stride, columns, rows, to, to_stride);
#endif
  for (std::int64_t j = 0; j < columns; ++j) {
    for (std::int64_t i = 0; i < rows; ++i) to[i * to_stride + j] = from[j * from_stride + i];
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(TransposeRows);

void transpose_rows(const float* from, std::int64_t from_stride, std::int64_t columns,
                    std::int64_t rows, float* to, std::int64_t to_stride) {
  HWY_DYNAMIC_DISPATCH(TransposeRows)(from, from_stride, columns, rows, to, to_stride);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
