// The vector loops of products in bf16. Two neighbours in the sum are one unit of 32 bits, the
// first in the lower half: the dot product instruction multiplies a pair by a pair. To be called
// only where has_bf16_products() (bf16.h).
#pragma once

#include <cstdint>

#include "fovea/core/half.h"

namespace fovea::kernels::cpu {

/// Two bf16 numbers.
using Bf16Pair = std::uint32_t;

/// Columns of a vector of sums.
inline constexpr std::int64_t kBf16Lanes = 16;
/// Rows that multiply_pairs does at once; with 2 vectors of columns their sums and the operands
/// fill the 32 registers.
inline constexpr std::int64_t kBf16Rows = 12;

/// y[i] = x[i] rounded to nearest even, for i < count.
void round_row(const float* x, std::int64_t count, bf16_t* y);

/// y[s][j] = (x[2s][j], x[2s + 1][j]) for 2s < rows, j < columns, where rows and columns that are
/// not there are 0: rows of y have `width` pairs. Rows of x are `stride` apart.
void pair_rows(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
               Bf16Pair* y, std::int64_t width);
/// As above, of numbers that are rounded already.
void pair_rows(const bf16_t* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
               Bf16Pair* y, std::int64_t width);
/// y[s][j] = x[j][s] for s < pairs, j < columns, and 0 for the rest of a row of `width` pairs. Rows
/// of x are `stride` pairs apart.
void transpose_pairs(const Bf16Pair* x, std::int64_t stride, std::int64_t pairs,
                     std::int64_t columns, Bf16Pair* y, std::int64_t width);

/// A matrix of pairs to be read with any strides, in pairs.
struct PairMatrix {
  const Bf16Pair* data;      ///< first pair
  std::int64_t row_stride;   ///< from row to row
  std::int64_t step_stride;  ///< from one pair of terms to the next
};
/// Rows of numbers, `stride` apart.
template <class T>
struct Rows {
  T* data;              ///< first number
  std::int64_t stride;  ///< from row to row
};

/// c[i][j] = start[i][j] + sum over s < pairs of a[i][s] . b[s][j], for i < rows (at most
/// kBf16Rows) and j < vectors (1 or 2) * kBf16Lanes. Rows of b are gapless, start may be c.
///
/// Numerics  sums in f32 in the order of s; denormals count as 0.
void multiply_pairs(std::int64_t rows, std::int64_t vectors, std::int64_t pairs,
                    const PairMatrix& a, const Bf16Pair* b, const Rows<const float>& start,
                    const Rows<float>& c);

/// Dot products that wait for nothing but each other's sums, `rounds` in each of 12 chains: how
/// fast they can be. Returns the floating-point operations done. `seed` comes from the outside and
/// the sum goes there, so that nothing can be computed beforehand or left out.
double pair_chains(std::int64_t rounds, float seed, float* sum);

}  // namespace fovea::kernels::cpu
