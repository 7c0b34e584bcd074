// What all operations that normalise by batch statistics share. For operations, not for programs.
#pragma once

#include <cstdint>

#include "fovea/kernels/specs.h"
#include "fovea/tensor/ops/norm.h"

namespace fovea {

/// Throws what batch_norm throws, for an input of `sizes` with x's dtype and device.
void check_batch_norm(const Tensor& x, const Shape& sizes, const NormTensors& norm,
                      const BatchNormOptions& options);

/// What follows as kernels take it, for the values [n, c, h, w] of `sizes`.
/// Throws   ArgumentError for a window that is not of 1 to 256 elements, ShapeError for one that
///          does not fit into the values.
kernels::BlockSpec check_epilogue(const char* operation, const Shape& sizes,
                                  const BlockEpilogue& epilogue);

/// What follows, as operations of its own.
Tensor relu_pool(const Tensor& x, const BlockEpilogue& epilogue);

/// Moves the running statistics, if there are any, by a batch's of `count` values a channel.
void move_running_statistics(const NormTensors& norm, const Tensor& mean, const Tensor& var,
                             std::int64_t count, double momentum);

}  // namespace fovea
