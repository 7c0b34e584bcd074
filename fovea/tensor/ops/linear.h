// The fully connected layer's operation.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// A linear map of the last dimension.
///
/// Formula  y = x W^T + bias.
/// Shapes   x [..., in], weight [out, in], bias [out] or undefined -> y [..., out].
/// Throws   ShapeError when the shapes do not fit each other, DTypeError unless all are f32 or all
///          f64, DeviceError.
/// Source   ONNX Gemm, opset 13.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace fovea
