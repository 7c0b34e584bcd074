// The vector loop that transposes a matrix.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// to[i * to_stride + j] = from[j * from_stride + i] for i < rows, j < columns. The two do not
/// overlap.
void transpose_rows(const float* from, std::int64_t from_stride, std::int64_t columns,
                    std::int64_t rows, float* to, std::int64_t to_stride);

}  // namespace fovea::kernels::cpu
