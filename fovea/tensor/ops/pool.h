// Pooling in 1, 2 and 3 dimensions: the largest, the smallest or the mean value of each window.
//
// x is [n, c, l], [n, c, h, w] or [n, c, d, h, w], f32 or f64, in any layout; y lies channels-last.
// Gradients flow to the element that won, or in equal shares to the elements averaged.
// Source: PyTorch's functions of the same names, whose options these are; ONNX MaxPool and
// AveragePool, opset 12.
#pragma once

#include <tuple>

#include "fovea/tensor/ops/spatial.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// Options of max and min pooling: `max_pool2d(x, {.kernel_size = 2})`.
struct MaxPoolOptions {
  PerDim kernel_size;   ///< window, at least 1
  PerDim stride = {};   ///< step of the window; kernel_size unless given
  PerDim padding = 0;   ///< border at both ends, at most half the window; never wins
  PerDim dilation = 1;  ///< distance between the elements of a window
  /// Whether a window that runs over the end counts, if it starts before it.
  bool ceil_mode = false;
};

/// Options of average pooling: `avg_pool2d(x, {.kernel_size = 3, .stride = 2, .padding = 1})`.
struct AvgPoolOptions {
  PerDim kernel_size;             ///< window, at least 1
  PerDim stride = {};             ///< step of the window; kernel_size unless given
  PerDim padding = 0;             ///< border of zeros at both ends, at most half the window
  bool ceil_mode = false;         ///< as for max pooling
  bool count_include_pad = true;  ///< whether the mean counts the border's zeros
  /// Divides the sum instead of the number of elements; 0: not given.
  std::int64_t divisor_override = 0;
};

/// Output size of a pooling along one dimension; 0 when no window fits.
///
/// Formula  floor((input + 2 padding - dilation (kernel - 1) - 1) / stride) + 1; with ceil_mode
///          rounded up, but the last window must start inside the input or the border before it.
/// Throws   ShapeError on overflow.
std::int64_t pool_output_size(std::int64_t input, std::int64_t kernel, std::int64_t stride,
                              std::int64_t padding, std::int64_t dilation = 1,
                              bool ceil_mode = false);

/// 1-D max pooling.
///
/// Shapes   x [n, c, l] -> y [n, c, pool_output_size(l, ...)].
/// Throws   ShapeError when x is not 3-D, is empty but for n and c, or no window fits;
///          ArgumentError for options out of range; DTypeError unless f32 or f64.
/// Numerics a window that holds NaN gives NaN; ties, and several NaN, take the first index.
Tensor max_pool1d(const Tensor& x, const MaxPoolOptions& options);
/// 2-D max pooling, x [n, c, h, w]. See max_pool1d.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options);
/// 3-D max pooling, x [n, c, d, h, w]. See max_pool1d.
Tensor max_pool3d(const Tensor& x, const MaxPoolOptions& options);

/// max_pool1d and where each maximum was: i64, flat positions in the spatial dimensions of x; -1
/// for a window that dilation has put wholly into the border.
std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, const MaxPoolOptions& options);
/// max_pool2d and where each maximum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, const MaxPoolOptions& options);
/// max_pool3d and where each maximum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> max_pool3d_with_indices(const Tensor& x, const MaxPoolOptions& options);

/// As max_pool1d, but the smallest value.
Tensor min_pool1d(const Tensor& x, const MaxPoolOptions& options);
/// As max_pool2d, but the smallest value.
Tensor min_pool2d(const Tensor& x, const MaxPoolOptions& options);
/// As max_pool3d, but the smallest value.
Tensor min_pool3d(const Tensor& x, const MaxPoolOptions& options);
/// min_pool1d and where each minimum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> min_pool1d_with_indices(const Tensor& x, const MaxPoolOptions& options);
/// min_pool2d and where each minimum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> min_pool2d_with_indices(const Tensor& x, const MaxPoolOptions& options);
/// min_pool3d and where each minimum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> min_pool3d_with_indices(const Tensor& x, const MaxPoolOptions& options);

/// 1-D average pooling.
///
/// Shapes   x [n, c, l] -> y [n, c, pool_output_size(l, ...)].
/// Formula  the sum of a window over divisor_override if given, else over its elements: those
///          inside the input, and with count_include_pad those in the border too (what ceil_mode
///          puts beyond the border never counts).
/// Throws   as max_pool1d.
Tensor avg_pool1d(const Tensor& x, const AvgPoolOptions& options);
/// 2-D average pooling, x [n, c, h, w]. See avg_pool1d.
Tensor avg_pool2d(const Tensor& x, const AvgPoolOptions& options);
/// 3-D average pooling, x [n, c, d, h, w]. See avg_pool1d.
Tensor avg_pool3d(const Tensor& x, const AvgPoolOptions& options);

/// 1-D average pooling to a given size.
///
/// Formula  output i averages elements floor(i l / out) to ceil((i + 1) l / out) - 1.
/// Shapes   x [n, c, l] -> y [n, c, output_size].
/// Throws   ShapeError when x is not 3-D or is empty but for n and c; ArgumentError when
///          output_size is below 1; DTypeError unless f32 or f64.
Tensor adaptive_avg_pool1d(const Tensor& x, const PerDim& output_size);
/// 2-D average pooling to a given size, x [n, c, h, w]. See adaptive_avg_pool1d.
Tensor adaptive_avg_pool2d(const Tensor& x, const PerDim& output_size);
/// 3-D average pooling to a given size, x [n, c, d, h, w]. See adaptive_avg_pool1d.
Tensor adaptive_avg_pool3d(const Tensor& x, const PerDim& output_size);

/// 1-D max pooling to a given size, over the windows of adaptive_avg_pool1d.
///
/// Shapes, Throws as adaptive_avg_pool1d.
/// Numerics as max_pool1d.
Tensor adaptive_max_pool1d(const Tensor& x, const PerDim& output_size);
/// 2-D max pooling to a given size, x [n, c, h, w]. See adaptive_max_pool1d.
Tensor adaptive_max_pool2d(const Tensor& x, const PerDim& output_size);
/// 3-D max pooling to a given size, x [n, c, d, h, w]. See adaptive_max_pool1d.
Tensor adaptive_max_pool3d(const Tensor& x, const PerDim& output_size);
/// adaptive_max_pool1d and where each maximum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& x,
                                                            const PerDim& output_size);
/// adaptive_max_pool2d and where each maximum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& x,
                                                            const PerDim& output_size);
/// adaptive_max_pool3d and where each maximum was. See max_pool1d_with_indices.
std::tuple<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& x,
                                                            const PerDim& output_size);

/// The mean of each channel.
///
/// Shapes   x [n, c, spatial...] with 1 to 3 spatial dimensions -> y [n, c, 1...].
/// Throws   as adaptive_avg_pool1d.
/// Source   ONNX GlobalAveragePool, opset 1.
Tensor global_avg_pool(const Tensor& x);

/// The largest value of each channel.
///
/// Shapes   x [n, c, spatial...] with 1 to 3 spatial dimensions -> y [n, c, 1...].
/// Throws   as adaptive_max_pool1d.
/// Numerics as max_pool1d.
/// Source   ONNX GlobalMaxPool, opset 1.
Tensor global_max_pool(const Tensor& x);

}  // namespace fovea
