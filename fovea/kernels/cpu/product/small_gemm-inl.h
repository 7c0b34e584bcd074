// Blocks of a small f32 matrix product, for Highway's foreach_target files: what becomes of the
// sums is up to the caller. Included once for each target.

#if defined(FOVEA_KERNELS_CPU_PRODUCT_SMALL_GEMM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_PRODUCT_SMALL_GEMM_INL_H_
#undef FOVEA_KERNELS_CPU_PRODUCT_SMALL_GEMM_INL_H_
#else
#define FOVEA_KERNELS_CPU_PRODUCT_SMALL_GEMM_INL_H_
#endif

#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/vector_registers.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace gemm {

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

/// `out` takes the sums: out.Start(i, j) begins that of row i and vector j, out.Finish(i, j, sum)
/// has it, and out.From(i, columns) is the same for what lies below and to the right.
template <int kRows, int kVectors, class Out>
HWY_INLINE void Block(std::int64_t steps, const GemmA& a, const float* HWY_RESTRICT b,
                      std::int64_t ldb, const Out& out) {
  const D d;
  constexpr std::int64_t lanes = hn::MaxLanes(d);
  V sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) sum[i][j] = out.Start(i, j);
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
    for (int j = 0; j < kVectors; ++j) out.Finish(i, j, sum[i][j]);
  }
}

/// All rows beside one group of columns: full blocks, then the rest in one block of its own height.
template <int kVectors, int kRest, class Out>
HWY_INLINE void Rest(std::int64_t rows, std::int64_t steps, const GemmA& a, const float* b,
                     std::int64_t ldb, const Out& out) {
  if constexpr (kRest > 0) {
    if (rows == kRest) return Block<kRest, kVectors>(steps, a, b, ldb, out);
    Rest<kVectors, kRest - 1>(rows, steps, a, b, ldb, out);
  }
}

template <int kVectors, class Out>
void Columns(std::int64_t rows, std::int64_t steps, GemmA a, const float* b, std::int64_t ldb,
             Out out) {
  constexpr int kRows = RowsFor(kVectors);
  for (; rows >= kRows; rows -= kRows) {
    Block<kRows, kVectors>(steps, a, b, ldb, out);
    a.data += kRows * a.row_stride;
    out = out.From(kRows, 0);
  }
  Rest<kVectors, kRows - 1>(rows, steps, a, b, ldb, out);
}

/// out takes sum over s of a[i][s] * b[s][j], for i < rows, j < columns, s < steps; columns a
/// multiple of the vector length.
template <class Out>
HWY_INLINE void MultiplyInto(std::int64_t rows, std::int64_t columns, std::int64_t steps,
                             const GemmA& a, const float* b, std::int64_t ldb, const Out& out) {
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
        Columns<1>(rows, steps, a, b + j, ldb, out.From(0, j));
        break;
      case 2:
        Columns<2>(rows, steps, a, b + j, ldb, out.From(0, j));
        break;
      case 3:
        Columns < kMaxVectors<3 ? 1 : 3>(rows, steps, a, b + j, ldb, out.From(0, j));
        break;
      default:
        Columns < kMaxVectors<4 ? 1 : 4>(rows, steps, a, b + j, ldb, out.From(0, j));
        break;
    }
    j += vectors * lanes;
  }
}

}  // namespace gemm
}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // the guard for each target
