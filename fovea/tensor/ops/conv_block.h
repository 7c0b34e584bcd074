// A convolution and what follows it as one operation.
#pragma once

#include <optional>

#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/norm.h"

namespace fovea {

/// Options of conv_block.
struct ConvBlockOptions {
  Conv2dOptions conv = {};                    ///< how the kernel moves
  std::optional<BatchNormOptions> norm = {};  ///< none: no batch normalisation
  BlockEpilogue epilogue = {};                ///< what follows
};

/// 2-D convolution, then batch normalisation, relu and max pooling, each but the first optional:
/// what `max_pool2d(relu(batch_norm(conv2d(x, ...), ...)))` gives, within rounding, with the fewest
/// passes over memory that the device knows.
///
/// Shapes   x [n, c, h, w], weight [k, c / groups, kernel_h, kernel_w], bias [k] or undefined,
///          `norm` as for batch_norm with c = k
///          -> y [n, k, floor(h_out / pool_height), floor(w_out / pool_width)], channels-last.
/// Throws   what conv2d, batch_norm and max_pool2d throw.
/// Numerics those of conv2d and batch_norm_relu_pool. Where a convolution sees few values (3x3
///          kernels over one channel) in training, the statistics of its result are computed from
///          the mean and covariance of its input's patches, in f64: exact up to rounding, and the
///          result is never stored; the gradient of `bias` is then exactly 0.
/// Memory   what conv2d keeps.
/// Source   Jung et al. 2018, "Restructuring Batch Normalization to Accelerate CNN Training".
Tensor conv_block(const Tensor& x, const Tensor& weight, const Tensor& bias,
                  const NormTensors& norm, const ConvBlockOptions& options);

}  // namespace fovea
