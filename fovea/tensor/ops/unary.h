// How elementwise operations are made: for ops/, not for users.
#pragma once

#include "fovea/kernels/specs.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// y = op(x) of dtype `result`, on the tape when that is f32 or f64. The caller has checked x's
/// dtype.
Tensor unary(const char* operation, kernels::UnaryOp op, const Tensor& x, DType result);
/// unary while somebody traces: reported as the ONNX operator that it is, or computed by several
/// operations that have one each.
Tensor traced_unary(const char* operation, kernels::UnaryOp op, const Tensor& x, DType result);
/// unary for f32 and f64. Throws DTypeError for others.
Tensor unary_float(const char* operation, kernels::UnaryOp op, const Tensor& x);
/// y = op(a, b) for f32, f64, i64 and u8, broadcast; not on the tape. Throws DTypeError for others.
Tensor binary_number(const char* operation, kernels::Binary op, const Tensor& a, const Tensor& b);

}  // namespace fovea
