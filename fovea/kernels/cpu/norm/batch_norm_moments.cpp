#include "fovea/kernels/cpu/norm/batch_norm_moments.h"

#include <algorithm>

namespace fovea::kernels::cpu {

void add_moments(const float* x, std::int64_t rows, std::int64_t columns, float* memory,
                 NormMoments& total) {
  const NormBlock block{memory, memory + columns, memory + 2 * columns};
  for (std::int64_t row = 0; row < rows; row += kNormBlock)
    norm_add_moments(x + row * columns, std::min(kNormBlock, rows - row), columns, block, total);
}

void merge_moments(const NormMoments& part, std::int64_t channels, NormMoments& total) {
  if (part.count == 0) return;
  const double count = total.count + part.count;
  for (std::int64_t c = 0; c < channels; ++c) {
    const double delta = part.mean[c] - total.mean[c];
    total.mean[c] += delta * (part.count / count);
    total.squares[c] += part.squares[c] + delta * delta * (total.count * part.count / count);
  }
  total.count = count;
}

void write_statistics(const NormMoments& moments, std::int64_t channels, View mean, View var) {
  for (std::int64_t c = 0; c < channels; ++c) {
    mean.as<float>()[c] = static_cast<float>(moments.mean[c]);
    var.as<float>()[c] = static_cast<float>(std::max(moments.squares[c], 0.0) / moments.count);
  }
}

PartMoments::PartMoments(int parts, std::int64_t channels)
    : channels_(channels),
      values_(static_cast<std::size_t>(2 * parts * channels)),
      blocks_(parts, moments_floats(channels)) {
  for (double* at = values_.data(); parts > 0; --parts, at += 2 * channels)
    parts_.push_back({0, at, at + channels});
}

void PartMoments::add(int part, const float* x, std::int64_t rows) {
  add_moments(x, rows, channels_, blocks_.of(part), parts_[static_cast<std::size_t>(part)]);
}

void PartMoments::write(View mean, View var) {
  for (std::size_t part = 1; part < parts_.size(); ++part)
    merge_moments(parts_[part], channels_, parts_[0]);
  write_statistics(parts_[0], channels_, mean, var);
}

}  // namespace fovea::kernels::cpu
