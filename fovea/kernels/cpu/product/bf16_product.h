// The three products of a fully connected layer in bf16: operands rounded to nearest even, sums in
// f32. To be called only where has_bf16_products() (bf16.h). Parallel; the bits do not depend on
// the number of threads.
#pragma once

#include <cstdint>

#include "fovea/core/half.h"

namespace fovea::kernels::cpu {

/// Sizes of a layer: x [m, k], weight [n, k], y [m, n], all gapless.
struct LinearSizes {
  std::int64_t m;  ///< samples
  std::int64_t n;  ///< outputs
  std::int64_t k;  ///< inputs
};

/// y = x W^T + bias; bias may be null.
void bf16_linear(const LinearSizes& sizes, const float* x, const bf16_t* weight, const float* bias,
                 float* y);
/// dx = dz W.
void bf16_linear_input_gradient(const LinearSizes& sizes, const float* dz, const bf16_t* weight,
                                float* dx);
/// dweight = dz^T x.
void bf16_linear_weight_gradient(const LinearSizes& sizes, const float* dz, const float* x,
                                 float* dweight);
/// y = x rounded.
void round_to_bf16(const float* x, std::int64_t count, bf16_t* y);

}  // namespace fovea::kernels::cpu
