// Dense f32 rows of softmax in vector registers.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// y = softmax of x, or its logarithm. Requires count > 0; x may be y.
void softmax_row(bool log, const float* x, float* y, std::int64_t count);
/// The gradient of softmax_row from its result y.
void softmax_backward_row(bool log, const float* dy, const float* y, float* dx, std::int64_t count);
/// y = factor exp(x).
void scaled_exp_row(const float* x, float factor, float* y, std::int64_t count);

}  // namespace fovea::kernels::cpu
