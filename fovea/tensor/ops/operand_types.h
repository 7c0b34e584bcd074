// The types that convolutions and linear layers compute with. For operations.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// Checks that `x` is f32 or f64, and that weight and bias, as far as they are defined, are so too
/// and on the same device. Throws DTypeError, DeviceError.
void check_operand_types(const char* operation, const Tensor& x, const Tensor& weight,
                         const Tensor& bias);

}  // namespace fovea
