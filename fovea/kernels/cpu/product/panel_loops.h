// The vector loops of products in panels: what a thread does with one panel of the right operand.
#pragma once

#include <cstdint>

#include "fovea/kernels/cpu/product/small_gemm.h"

namespace fovea::kernels::cpu {

/// Rows that lie `stride` apart, or one that stands for all if that is 0.
template <class T>
struct PanelRows {
  T* data;              ///< first element
  std::int64_t stride;  ///< from row to row, in elements
};

/// A panel of the right operand. With `packed`, it is read where it lies once, and written to
/// `packed` on the way, dense, from where it is read from then on.
struct PanelOperand {
  PanelRows<const float> rows;  ///< a row for each term of the sum
  float* packed = nullptr;      ///< room for all rows, or null
};

/// Memory that will be needed soon: `runs` pieces of `lines` cache lines each, `stride` apart.
struct PanelFetch {
  const float* data = nullptr;
  std::int64_t runs = 0, lines = 0, stride = 0;
};

/// c[i][j] = start[i][j] + sum over s of a[i][s] * b[s][j], for i < rows, s < steps, and all j of
/// `vectors` vectors of gemm_lanes() columns. Meanwhile `fetch` is brought into the second cache.
///
/// Numerics  each element is one chain of fused multiply-adds in the order of s.
void multiply_panel(std::int64_t rows, std::int64_t vectors, std::int64_t steps, const GemmA& a,
                    const PanelOperand& b, PanelRows<const float> start, PanelRows<float> c,
                    const PanelFetch& fetch);

}  // namespace fovea::kernels::cpu
