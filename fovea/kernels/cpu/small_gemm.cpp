#include "fovea/kernels/cpu/small_gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/small_gemm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/vector_registers.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Rows of a block of accumulators beside `vectors` columns: with the operands they fill the
/// registers (32 with AVX-512 and on Arm, else 16) without spilling.
constexpr int RowsFor(int vectors) {
  return FOVEA_MANY_VECTOR_REGISTERS ? (vectors == 4   ? 6
                                        : vectors == 3 ? 8
                                        : vectors == 2 ? 12
                                                       : 16)
                                     : (vectors >= 3   ? 3
                                        : vectors == 2 ? 6
                                                       : 8);
}
constexpr int kMaxVectors = FOVEA_MANY_VECTOR_REGISTERS ? 4 : 2;

template <int kRows, int kVectors>
HWY_INLINE void Block(std::int64_t steps, const GemmA& a, const float* HWY_RESTRICT b,
                      std::int64_t ldb, float* HWY_RESTRICT c, std::int64_t ldc, GemmC mode) {
  const D d;
  constexpr std::int64_t lanes = hn::MaxLanes(d);
  V sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) {
      sum[i][j] = mode == GemmC::kAdd ? hn::LoadU(d, c + i * ldc + j * lanes) : hn::Zero(d);
    }
  }
  const float* at = a.data;
  for (std::int64_t s = 0; s < steps; ++s) {
    V right[kVectors];
    for (int j = 0; j < kVectors; ++j) right[j] = hn::LoadU(d, b + j * lanes);
    for (int i = 0; i < kRows; ++i) {
      const V left = hn::Set(d, at[i * a.row_stride]);
      for (int j = 0; j < kVectors; ++j) sum[i][j] = hn::MulAdd(left, right[j], sum[i][j]);
    }
    at += a.step_stride;
    b += ldb;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) hn::StoreU(sum[i][j], d, c + i * ldc + j * lanes);
  }
}

/// All rows beside one group of columns: full blocks, then the rest in one block of its own height.
template <int kVectors, int kRest>
HWY_INLINE void Rest(std::int64_t rows, std::int64_t steps, const GemmA& a, const float* b,
                     std::int64_t ldb, float* c, std::int64_t ldc, GemmC mode) {
  if constexpr (kRest > 0) {
    if (rows == kRest) return Block<kRest, kVectors>(steps, a, b, ldb, c, ldc, mode);
    Rest<kVectors, kRest - 1>(rows, steps, a, b, ldb, c, ldc, mode);
  }
}

template <int kVectors>
void Columns(std::int64_t rows, std::int64_t steps, GemmA a, const float* b, std::int64_t ldb,
             float* c, std::int64_t ldc, GemmC mode) {
  constexpr int kRows = RowsFor(kVectors);
  for (; rows >= kRows; rows -= kRows) {
    Block<kRows, kVectors>(steps, a, b, ldb, c, ldc, mode);
    a.data += kRows * a.row_stride;
    c += kRows * ldc;
  }
  Rest<kVectors, kRows - 1>(rows, steps, a, b, ldb, c, ldc, mode);
}

void Gemm(std::int64_t rows, std::int64_t columns, std::int64_t steps, const GemmA& a,
          const float* b, std::int64_t ldb, float* c, std::int64_t ldc, GemmC mode) {
  constexpr std::int64_t lanes = hn::MaxLanes(D());
  for (std::int64_t j = 0; j < columns;) {
    const std::int64_t left = (columns - j) / lanes;
    // Five vectors are three and two rather than four and one: a single column of accumulators is
    // slow.
    const std::int64_t vectors = left == kMaxVectors + 1 ? kMaxVectors - 1
                                 : left < kMaxVectors    ? left
                                                         : kMaxVectors;
    switch (vectors) {
      case 1:
        Columns<1>(rows, steps, a, b + j, ldb, c + j, ldc, mode);
        break;
      case 2:
        Columns<2>(rows, steps, a, b + j, ldb, c + j, ldc, mode);
        break;
      case 3:
        Columns < kMaxVectors<3 ? 1 : 3>(rows, steps, a, b + j, ldb, c + j, ldc, mode);
        break;
      default:
        Columns < kMaxVectors<4 ? 1 : 4>(rows, steps, a, b + j, ldb, c + j, ldc, mode);
        break;
    }
    j += vectors * lanes;
  }
}

std::int64_t Lanes() { return static_cast<std::int64_t>(hn::Lanes(D())); }

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(Gemm);
HWY_EXPORT(Lanes);

void small_gemm(std::int64_t rows, std::int64_t columns, std::int64_t steps, const GemmA& a,
                const float* b, std::int64_t ldb, float* c, std::int64_t ldc, GemmC mode) {
  HWY_DYNAMIC_DISPATCH(Gemm)(rows, columns, steps, a, b, ldb, c, ldc, mode);
}

std::int64_t gemm_lanes() { return HWY_DYNAMIC_DISPATCH(Lanes)(); }

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
