// Vector loops of the fused block over one row of outputs (all its columns and channels), compiled
// once for each instruction set.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// Geometry of a row: `columns` windows side by side, `channels` values a pixel.
struct WindowRow {
  std::int64_t columns = 0;               ///< windows in the row
  std::int64_t channels = 0;              ///< values of a pixel
  std::int64_t step = 0;                  ///< elements from one window to the next
  std::int64_t window = 1;                ///< elements of a window
  const std::int64_t* offsets = nullptr;  ///< of a window's elements from its first, [window]
  bool relu = true;                       ///< whether an activation follows
};

/// y = max over the window of x * scale + shift, cut at 0 with relu; positions (may be null) of the
/// maxima.
void norm_pool_forward_row(const WindowRow& row, const float* x, const float* scale,
                           const float* shift, float* y, std::uint8_t* positions);
/// Adds sum dz and sum dz * (x - mean) of the row to the channels' totals.
void norm_pool_sums_row(const WindowRow& row, const float* dy, const float* y,
                        const std::uint8_t* positions, const float* x, const float* mean,
                        double* sum_dz, double* sum_dz_centred);
/// dx = by_dz * dz + by_x * x + constant for all elements of the row's windows, dz being 0 where
/// not the maximum. Where x is null, by_x and constant count as 0.
void norm_pool_input_row(const WindowRow& row, const float* dy, const float* y,
                         const std::uint8_t* positions, const float* x, const float* by_dz,
                         const float* by_x, const float* constant, float* dx);
/// dx = by_x * x + constant for `pixels` pixels: what no window covers. x may be null, as above.
void norm_pool_uncovered(std::int64_t pixels, std::int64_t channels, const float* x,
                         const float* by_x, const float* constant, float* dx);

}  // namespace fovea::kernels::cpu
