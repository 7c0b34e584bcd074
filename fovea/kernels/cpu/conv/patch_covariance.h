// Mean and covariance of the patches that a convolution's kernels see.
#pragma once

#include <cstdint>

#include "fovea/kernels/cpu/conv/patches.h"

namespace fovea::kernels::cpu {

/// Moments of the patches in memory of the caller's.
struct PatchMoments {
  double* pivot;       ///< [c]: what is subtracted from every input
  double* mean;        ///< [elements], of the patches less the pivot
  double* covariance;  ///< [elements, elements]

  /// Values in all.
  static std::int64_t size(std::int64_t channels, std::int64_t elements) {
    return channels + elements + elements * elements;
  }
  /// In `memory`, which has room for them.
  PatchMoments(double* memory, const PatchProblem& problem)
      : pivot(memory), mean(pivot + problem.c), covariance(mean + problem.elements) {}
};

/// Takes the moments of x, channels-last, over the whole batch.
///
/// Numerics the pivot, which is near the mean, keeps the sums from cancelling; products are summed
///          in f32 within an image, a vector lane each, and in f64 over images.
void write_patch_covariance(const PatchProblem& problem, const float* x,
                            const PatchMoments& moments);

}  // namespace fovea::kernels::cpu
