// Random kernels of the CPU. Contracts: KernelTable; which element gets which number:
// reference/random.h.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void random(Queue&, Distribution, double a, double b, RngKey, View y);  ///< see KernelTable
void dropout(Queue&, RngKey, double p, ConstView x, View y);            ///< see KernelTable

/// A dropout of dense f32 arrays that is done piece by piece.
struct DropoutRange {
  /// Drops with probability p; with relu_before negative elements become 0 as well.
  DropoutRange(const RngKey& key_of_stream, double p, bool relu_before);

  RngKey key;              ///< the stream
  std::int32_t threshold;  ///< elements whose number is below fall
  float scale;             ///< what the others are multiplied by
  bool relu;               ///< max(., 0) first, NaN stays NaN
};

/// Elements [begin, end) of y, the dropout of x, on this thread: the same values as in one go. x
/// may be y.
void dropout_range(const DropoutRange& range, std::int64_t begin, std::int64_t end, const float* x,
                   float* y);

}  // namespace fovea::kernels::cpu
