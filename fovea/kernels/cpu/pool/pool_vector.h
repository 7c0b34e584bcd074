// The inner loops of pooling over f32, compiled once for each instruction set and chosen at run
// time.
#pragma once

#include <cstdint>

#include "fovea/kernels/specs.h"

namespace fovea::kernels::cpu {

/// Windows that take the same sources but for a shift, and where their values go. Offsets count
/// elements.
struct TapRow {
  const float* x = nullptr;                 ///< first source of the first window
  const std::int64_t* offsets = nullptr;    ///< of each tap from there
  const std::int32_t* positions = nullptr;  ///< spatial distance of each tap from there
  const float* weights = nullptr;           ///< of each tap
  std::int64_t taps = 0;                    ///< sources a window
  std::int64_t windows = 0;                 ///< windows
  std::int64_t channels = 0;                ///< channels of them
  std::int64_t x_step = 0;                  ///< from one window to the next, in x
  std::int64_t y_step = 0;                  ///< from one window to the next, in y
  bool dense = false;  ///< lanes: lane i reads element i, so lane_offset is not needed
  /// When given, windows and channels are one row of lanes in x and y.
  const std::int32_t* lane_window = nullptr;
  const std::int32_t* lane_offset = nullptr;  ///< source element of each lane
};

/// y = the extreme of each window, which is not empty; indices, unless null, = where it was,
/// counted from `position` for the first window and `stride` more for each next one.
void extreme_row(Extreme which, const TapRow& row, std::int32_t position, std::int32_t stride,
                 float* y, std::int64_t* indices);
/// y = the sum of each window / divisor.
/// Numerics sums run in blocks of 32 and 1024: relative to the sum of magnitudes the error is below
///          (64 + taps / 1024) eps.
void mean_row(const TapRow& row, float divisor, float* y);
/// y = the weighted sum of each window.
void weighted_row(const TapRow& row, float* y);

}  // namespace fovea::kernels::cpu
