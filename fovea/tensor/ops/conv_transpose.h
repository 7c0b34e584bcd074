// Transposed convolutions in 1, 2 and 3 dimensions: the adjoint of a convolution, which spreads
// each element over a window instead of gathering a window in it.
#pragma once

#include <cstdint>

#include "fovea/tensor/ops/spatial.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// How a kernel moves over its output: `{.stride = 2, .padding = 1, .output_padding = 1}`.
struct ConvTransposeOptions {
  PerDim stride = 1;          ///< step of the kernel in the output
  Padding padding = 0;        ///< what is cut off the output: numbers, perhaps others at each end
  PerDim output_padding = 0;  ///< elements more at the end
  std::int64_t groups = 1;    ///< groups of channels that do not mix
  PerDim dilation = 1;        ///< distance between kernel elements
};

/// 1-D transposed convolution.
///
/// Formula  out = (l - 1) stride - padding_begin - padding_end + dilation (kernel - 1)
///          + output_padding + 1.
/// Shapes   x [n, c, l], weight [c, k / groups, kernel], bias [k] or undefined -> y [n, k, out].
/// Throws   ShapeError when the shapes do not fit each other or nothing is left of the output,
///          ArgumentError for options outside their range, DTypeError unless all are f32 or all
///          f64, DeviceError.
/// Numerics as conv1d's gradient. The result lies channels-last.
/// Source   PyTorch's conv_transpose1d; ONNX ConvTranspose, opset 11.
Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions& options = {});
/// 2-D transposed convolution, x [n, c, h, w]. See conv_transpose1d.
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions& options = {});
/// 3-D transposed convolution, x [n, c, d, h, w]. See conv_transpose1d.
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions& options = {});

}  // namespace fovea
