// The inner loops of batch normalisation over f32 matrices [rows, channels], compiled once for each
// instruction set and chosen at run time.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// Rows that are summed in f32 before their sum is added in double: rounding errors stay near 16
/// eps, since four sums run side by side.
inline constexpr std::int64_t kNormBlock = 64;

/// Count, mean and sum of squared distances from the mean, a channel.
struct NormMoments {
  double count = 0;  ///< of rows
  double* mean;      ///< [channels]
  double* squares;   ///< [channels]
};

/// Memory for what a block of rows holds, a channel.
struct NormBlock {
  float* mean;      ///< [channels], rounded to f32
  float* distance;  ///< [channels], sum of the values' distances from it
  float* squares;   ///< [channels], sum of their squares
};

/// Merges at most kNormBlock rows into `total`, as Chan, Golub and LeVeque (1979) do.
void norm_add_moments(const float* x, std::int64_t rows, std::int64_t channels,
                      const NormBlock& block, NormMoments& total);
/// Adds the sums of at most kNormBlock rows: of dy to sums[0, channels), of dy (x - mean) to
/// sums[channels, 2 channels). `block` is memory for 2 * channels.
void norm_add_sums(const float* dy, const float* x, const float* mean, std::int64_t rows,
                   std::int64_t channels, float* block, double* sums);
/// y = (x - mean) scale + shift; y may be x.
void norm_apply_rows(const float* x, const float* mean, const float* scale, const float* shift,
                     std::int64_t rows, std::int64_t channels, float* y);
/// dx = scale (dy - shift - (x - mean) slope); dx may be dy or x.
void norm_backward_rows(const float* dy, const float* x, const float* mean, const float* scale,
                        const float* shift, const float* slope, std::int64_t rows,
                        std::int64_t channels, float* dx);

}  // namespace fovea::kernels::cpu
