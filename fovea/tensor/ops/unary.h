// How elementwise operations are made: for ops/, not for users.
#pragma once

#include "fovea/kernels/specs.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// y = op(x), on the tape where that is f32 or f64. `operation` names it in errors and on the tape;
/// null: as its row does.
/// Throws   DTypeError when x is not in the domain that the row says.
Tensor unary(kernels::UnaryOp op, const Tensor& x, const char* operation = nullptr);
/// unary while somebody traces, x checked: reported as the ONNX operator that it is, or computed by
/// several operations that have one each.
Tensor traced_unary(kernels::UnaryOp op, const Tensor& x, const char* operation);
/// y = op(a, b) for f32, f64, i64 and u8, broadcast; not on the tape. Throws DTypeError for others.
Tensor binary_number(const char* operation, kernels::Binary op, const Tensor& a, const Tensor& b);

}  // namespace fovea
