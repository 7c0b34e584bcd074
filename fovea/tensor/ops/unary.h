// How operations of one operand are made: for ops/, not for users.
#pragma once

#include "fovea/kernels/specs.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// y = op(x) of dtype `result`, on the tape when that is f32 or f64. The caller has checked x's
/// dtype.
Tensor unary(const char* operation, kernels::UnaryOp op, const Tensor& x, DType result);
/// unary for f32 and f64. Throws DTypeError for others.
Tensor unary_float(const char* operation, kernels::UnaryOp op, const Tensor& x);

}  // namespace fovea
