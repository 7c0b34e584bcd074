// Small f32 matrix products whose operands lie in cache: what Winograd's planes and fused linear
// layers are made of. oneDNN's products cost more to call than these take.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// A matrix to be read with any strides, in elements.
struct GemmA {
  const float* data;         ///< first element
  std::int64_t row_stride;   ///< from row to row
  std::int64_t step_stride;  ///< from one term of the sum to the next
};

/// What becomes of the values that C holds.
enum class GemmC : std::uint8_t { kReplace, kAdd };

/// c[i][j] (+)= sum over s of a[i][s] * b[s][j], for i < rows, j < columns, s < steps.
///
/// Requires  columns a multiple of gemm_lanes(); rows of b and c dense, ldb and ldc apart.
/// Numerics  each element is one chain of fused multiply-adds in the order of s.
void small_gemm(std::int64_t rows, std::int64_t columns, std::int64_t steps, const GemmA& a,
                const float* b, std::int64_t ldb, float* c, std::int64_t ldc, GemmC mode);

/// Columns are handled in multiples of this: the vector length in floats.
std::int64_t gemm_lanes();

}  // namespace fovea::kernels::cpu
