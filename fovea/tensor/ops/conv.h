// Convolutions in 1, 2 and 3 dimensions. What is called a convolution here, as in all of the field,
// is a cross-correlation: the kernel is not flipped.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "fovea/kernels/specs.h"
#include "fovea/tensor/ops/spatial.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// How a kernel moves over its input: `{.stride = {2, 1}, .padding = "same"}`.
struct ConvOptions {
  PerDim stride = 1;        ///< step of the kernel
  Padding padding = 0;      ///< zeros around the input: numbers, "same" or "valid"
  PerDim dilation = 1;      ///< distance between kernel elements
  std::int64_t groups = 1;  ///< groups of channels that do not mix; the number of channels for a
                            ///< depthwise convolution
};
using Conv1dOptions = ConvOptions;  ///< options of conv1d
using Conv2dOptions = ConvOptions;  ///< options of conv2d
using Conv3dOptions = ConvOptions;  ///< options of conv3d

/// 1-D convolution.
///
/// Shapes   x [n, c, l] or [c, l], weight [k, c / groups, kernel], bias [k] or undefined
///          -> y [n, k, l_out] or [k, l_out], with the sizes of conv_output_size.
/// Throws   ShapeError when the shapes do not fit each other or the kernel is larger than the
///          padded input, ArgumentError for options outside their range, DTypeError unless all are
///          f32 or all f64, DeviceError.
/// Numerics f32 errs by a few eps of the sum of magnitudes; where 2-D convolutions take Winograd's
///          method (see ConvAlgorithmScope) by about three times as much. The result lies
///          channels-last.
/// Memory   where nothing is recorded, what is made of the weight (36 values for 9 where Winograd's
///          method is used, otherwise about its own size) is kept beside it until it changes or a
///          call is recorded.
/// Source   ONNX Conv, opset 11.
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv1dOptions& options = {});

/// 2-D convolution; otherwise as conv1d.
///
/// Shapes   x [n, c, h, w] or [c, h, w], weight [k, c / groups, kernel_h, kernel_w], bias [k] or
///          undefined -> y [n, k, h_out, w_out] or [k, h_out, w_out].
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});

/// 3-D convolution; otherwise as conv1d.
///
/// Shapes   x [n, c, d, h, w] or [c, d, h, w], weight [k, c / groups, kernel_d, kernel_h,
///          kernel_w], bias [k] or undefined
///          -> y [n, k, d_out, h_out, w_out] or [k, d_out, h_out, w_out].
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv3dOptions& options = {});

/// Options of conv_add_clamp.
struct ConvAddClampOptions {
  ConvOptions conv = {};                                  ///< how the kernel moves
  double low = -std::numeric_limits<double>::infinity();  ///< 0 with relu
  double high = std::numeric_limits<double>::infinity();  ///< 6 with relu6
};

/// min(max(conv(x, weight) + bias + residual, low), high) in one pass over the result, for
/// inference: what ends a residual block, or a convolution with relu6.
///
/// Shapes   as conv1d, conv2d or conv3d with a batch, by weight's dimensions; residual undefined or
///          of y's sizes.
/// Throws   what conv2d throws; ShapeError and DTypeError for the residual; ArgumentError unless
///          low <= high; StateError when something that requires grad would be recorded.
/// Numerics those of conv2d; NaN stays NaN.
/// Memory   what is made of the weight, such as transformed kernels, is kept beside it until it
///          changes.
Tensor conv_add_clamp(const Tensor& x, const Tensor& weight, const Tensor& bias,
                      const Tensor& residual, const ConvAddClampOptions& options = {});

using kernels::ConvAlgorithm;
/// While it lives, this thread's f32 convolutions are computed by `algorithm`; a convolution's
/// backward takes the algorithm of its forward, whatever is in force by then.
class ConvAlgorithmScope {
 public:
  explicit ConvAlgorithmScope(ConvAlgorithm algorithm);  ///< from now on
  ~ConvAlgorithmScope();
  ConvAlgorithmScope(const ConvAlgorithmScope&) = delete;
  ConvAlgorithmScope& operator=(const ConvAlgorithmScope&) = delete;

 private:
  ConvAlgorithm before_;
};
/// That of this thread's innermost ConvAlgorithmScope; kAuto without one.
ConvAlgorithm current_conv_algorithm();

/// Spatial sizes of a convolution's output, for as many dimensions as `input` has.
///
/// Formula  floor((input + padding_begin + padding_end - dilation (kernel - 1) - 1) / stride) + 1
///          in each.
/// Throws   ArgumentError for options outside their range; ShapeError when the kernel does not fit.
Shape conv_output_size(const Shape& input, const PerDim& kernel_size,
                       const ConvOptions& options = {});

}  // namespace fovea
