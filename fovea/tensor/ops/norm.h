// Normalisation: batch normalisation and local response normalisation.
#pragma once

#include <cstdint>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// Options of batch_norm.
struct BatchNormOptions {
  bool training = false;  ///< normalise by the batch's statistics, and move the running ones
  double momentum = 0.1;  ///< share of the batch in the running statistics
  double eps = 1e-5;      ///< added to the variance
};

/// Batch normalisation: per channel mean 0 and variance 1, then scale and shift.
///
/// Formula  y = (x - mean) / sqrt(var + eps) * weight + bias. In training mean and var are the
///          batch's (var divides by the count m), and running = (1 - momentum) running + momentum
///          batch, with var m / (m - 1) as batch.
/// Shapes   x [n, c], or [n, c, spatial...] with 1 to 3 spatial dimensions; all else [c]. weight
///          and bias may be undefined; so may the running statistics in training. y as x,
///          channels-last.
/// Throws   ShapeError for other shapes and, in training, for fewer than 2 values a channel;
///          DTypeError unless all are f32 or all f64; DeviceError; ArgumentError when eps is
///          negative or NaN, or momentum is outside [0, 1], or there are no running statistics in
///          evaluation; StateError when running statistics require grad.
/// Numerics statistics are centred before they are squared, and summed in double: accurate to f32's
///          rounding of the mean and variance themselves, whatever the mean; the same bits for any
///          number of threads.
/// Source   Ioffe and Szegedy 2015; ONNX BatchNormalization, opset 15.
Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight = {}, const Tensor& bias = {},
                  const BatchNormOptions& options = {});

/// The tensors of a batch normalisation, as batch_norm takes them.
struct NormTensors {
  Tensor running_mean;  ///< moved in training; may be undefined there
  Tensor running_var;   ///< like running_mean
  Tensor weight;        ///< scale; may be undefined
  Tensor bias;          ///< shift; may be undefined
};

/// What follows in the same pass over memory: an activation, then max pooling.
struct BlockEpilogue {
  bool relu = true;  ///< max(., 0)
  /// Height of max pooling's windows, which do not overlap; 1 and 1: no pooling.
  std::int64_t pool_height = 1;
  std::int64_t pool_width = 1;  ///< width of the windows; at most 256 elements a window
};

/// Batch normalisation, then relu, then max pooling, as one operation: what
/// `max_pool2d(relu(batch_norm(x, ...)))` gives, within rounding, reading x once for the statistics
/// and once for the result.
///
/// Shapes   x [n, c, h, w] -> y [n, c, floor(h / pool_height), floor(w / pool_width)],
///          channels-last.
/// Throws   what batch_norm and max_pool2d throw.
/// Numerics computed as x * scale + shift with scale = weight / sqrt(var + eps), rounded once each:
///          the error is a few eps of |x * scale| + |shift|.
/// Source   Jung et al. 2018, "Restructuring Batch Normalization to Accelerate CNN Training".
Tensor batch_norm_relu_pool(const Tensor& x, const NormTensors& norm,
                            const BatchNormOptions& options, const BlockEpilogue& epilogue);

/// Options of local_response_norm.
struct LocalResponseNormOptions {
  std::int64_t size = 5;  ///< channels in a window
  double alpha = 1e-4;    ///< weight of the mean square
  double beta = 0.75;     ///< exponent
  double k = 1;           ///< added constant
};

/// Local response normalisation across neighbouring channels.
///
/// Formula  y_c = x_c / (k + alpha / size * sum_j x_j^2)^beta, j from c - floor(size / 2) to
///          c + floor((size - 1) / 2), cut to the channels there are.
/// Shapes   x [n, c, spatial...] with 1 to 3 spatial dimensions -> y likewise.
/// Throws   ShapeError for other shapes; ArgumentError when size is below 1; DTypeError unless f32
///          or f64.
/// Source   Krizhevsky et al. 2012, section 3.3, as PyTorch defines it; ONNX LRN, opset 13.
Tensor local_response_norm(const Tensor& x, const LocalResponseNormOptions& options = {});

}  // namespace fovea
