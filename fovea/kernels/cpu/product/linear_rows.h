// The vector loops of fully connected layers.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// dz[i] = y[i] <= 0 ? 0 : dy[i] * scale: the gradient before relu and dropout. Where y is NaN it
/// passes.
void passed_gradient_row(const float* dy, const float* y, float scale, float* dz,
                         std::int64_t count);

/// sums[j] += x[i][j] for i < rows, j < columns; x dense.
void add_rows(const float* x, std::int64_t rows, std::int64_t columns, double* sums);

/// y[i] = sum over j of a[i][j] * x[j], plus bias[i] unless that is null, for i < rows, j <
/// columns. Rows of a are dense and `stride` apart.
///
/// Numerics  each sum in partial sums: 32, or 8 vectors if that is less.
void matrix_times_vector(const float* a, std::int64_t stride, const float* x, const float* bias,
                         float* y, std::int64_t rows, std::int64_t columns);

}  // namespace fovea::kernels::cpu
