// Mistakes: which samples a model took for something else, and was sure of. They are worth a look:
// a wrong label in the data, a class that two people would sort in two ways, a picture of nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::train {

/// A sample that was answered with another class than its own.
struct Mistake {
  std::int64_t sample = 0;       ///< its number
  std::int64_t truth = 0;        ///< its class
  std::int64_t answer = 0;       ///< what it was taken for
  double probability = 0;        ///< that the answer was given, the softmax of the scores
  double truth_probability = 0;  ///< that its own class was given
};

/// How many mistakes keep_surest keeps: four rows of six.
inline constexpr std::size_t kMostMistakes = 24;

/// Adds to `mistakes` those of a batch and keeps the kMostMistakes with the highest probability,
/// the surest first, of equals the sample with the lowest number. The answer is the class with the
/// largest score, the first of equals. Samples are numbered from `first`.
/// Shapes   scores [n, classes], finite, truth [n] i64 in [0, classes).
void keep_surest(std::vector<Mistake>& mistakes, const Tensor& scores, const Tensor& truth,
                 std::int64_t first);

}  // namespace fovea::train
