// What follows a convolution, over rows of its result while they are in cache.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// Bias, residual and limits of consecutive rows of a result [rows, channels].
struct EpilogueRows {
  const float* bias;      ///< [channels], or null
  const float* residual;  ///< of the first row and channel, or null; rows as far apart as y's
  float low, high;        ///< limits

  /// None of a result's bias, which has been added, if it has one; residual and limits of the rows
  /// from element `offset` on.
  EpilogueRows(const ConvEpilogue& epilogue, ConstView residual_view, std::int64_t offset)
      : bias(nullptr),
        residual(residual_view.data ? residual_view.as<float>() + offset : nullptr),
        low(static_cast<float>(epilogue.low)),
        high(static_cast<float>(epilogue.high)) {}
};

/// y[i][j] = clamp(from[i][j] + bias[j] + residual[i][j]) for i < rows, j < columns; NaN stays NaN.
/// Rows of `from` are from_stride apart, those of y and residual y_stride. `from` may be y.
void conv_epilogue(std::int64_t rows, std::int64_t columns, const float* from,
                   std::int64_t from_stride, const EpilogueRows& epilogue, float* y,
                   std::int64_t y_stride);

/// The same in place for a whole result whose bias has been added, in parallel.
void conv_epilogue(const ConvEpilogue& epilogue, ConstView residual, View y);

}  // namespace fovea::kernels::cpu
