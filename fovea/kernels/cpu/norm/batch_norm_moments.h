// Means and variances of the columns of f32 matrices, gathered by parts: centred before they are
// squared, and merged in f64.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/kernels/cpu/norm/batch_norm_rows.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::cpu {

/// Floats that add_moments needs.
constexpr std::int64_t moments_floats(std::int64_t columns) { return 3 * columns; }
/// Adds the rows of a dense matrix [rows, columns] to `total`, with memory for what it needs.
void add_moments(const float* x, std::int64_t rows, std::int64_t columns, float* memory,
                 NormMoments& total);
/// Merges `part` into channel after channel of `total`.
void merge_moments(const NormMoments& part, std::int64_t channels, NormMoments& total);
/// The mean, and the variance that divides by the count.
void write_statistics(const NormMoments& moments, std::int64_t channels, View mean, View var);

/// Moments of rows that come in parts. Parts may be added to at once; the result is merged in their
/// order.
class PartMoments {
 public:
  PartMoments(int parts, std::int64_t channels);
  /// Adds rows of a dense matrix [rows, channels].
  void add(int part, const float* x, std::int64_t rows);
  void write(View mean, View var);  ///< see write_statistics

 private:
  std::int64_t channels_;
  std::vector<double> values_;
  std::vector<NormMoments> parts_;
  PartScratch<> blocks_;
};

}  // namespace fovea::kernels::cpu
