// The fully connected layer's operation.
#pragma once

#include <optional>

#include "fovea/kernels/specs.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// A linear map of the last dimension.
///
/// Formula  y = x W^T + bias.
/// Shapes   x [..., in], weight [out, in], bias [out] or undefined -> y [..., out].
/// Throws   ShapeError when the shapes do not fit each other, DTypeError unless all are f32 or all
///          f64, DeviceError.
/// Numerics f32 errs by a few eps of the sum of magnitudes; in bf16 (see PrecisionScope) by
///          2^-8 of it at most.
/// Source   ONNX Gemm, opset 13.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

/// What follows a linear map as part of the same operation.
struct LinearEpilogue {
  bool relu = false;  ///< max(., 0)
  /// Probability with which dropout in training then makes an element 0; absent: no dropout, and no
  /// stream is drawn.
  std::optional<double> dropout;
};

/// A linear map, then relu, then dropout, as one operation: what
/// `dropout(relu(linear(x, weight, bias)), p)` gives, with the same random numbers. Backward keeps
/// neither a mask nor the values before relu.
///
/// Shapes   as linear.
/// Throws   what linear and dropout throw.
/// Numerics as linear.
Tensor linear_relu_dropout(const Tensor& x, const Tensor& weight, const Tensor& bias,
                           const LinearEpilogue& epilogue,
                           Generator& generator = default_generator());

using kernels::Precision;
/// While it lives, this thread's f32 linear layers multiply in `precision`; a layer's backward
/// takes the precision of its forward, whatever is in force by then.
///
/// Numerics with kBf16 weights, inputs and gradients are rounded to bf16 (8 bits of significand,
///          f32's range) as operands; products and sums are f32, and so is all that is stored.
/// Throws   DeviceError in a linear layer on a device that has no bf16 dot products.
class PrecisionScope {
 public:
  explicit PrecisionScope(Precision precision);  ///< from now on
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  Precision before_;
};
/// That of this thread's innermost PrecisionScope; kF32 without one.
Precision current_precision();

}  // namespace fovea
