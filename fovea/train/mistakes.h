// Mistakes: which samples a model took for something else, and was sure of. They are worth a look:
// a wrong label in the data, a class that two people would sort in two ways, a picture of nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::train {

/// A sample that was answered with another class than its own; or, where targets are multi-label,
/// with a class that it has not (truth is then -1), or without one that it has (answer is then -1).
struct Mistake {
  std::int64_t sample = 0;  ///< its number
  std::int64_t truth = 0;   ///< its class
  std::int64_t answer = 0;  ///< what it was taken for
  /// That the answer was given: the softmax of the scores; of multi-label answers the sigmoid of
  /// the class's score, or 1 - that where the class was not answered.
  double probability = 0;
  double truth_probability = 0;  ///< that its own class, or the right answer, was given
};

/// How many mistakes keep_surest keeps: four rows of six.
inline constexpr std::size_t kMostMistakes = 24;

/// Adds to `mistakes` those of a batch and keeps the kMostMistakes with the highest probability,
/// the surest first, of equals the sample with the lowest number. The answer is the class with the
/// largest score, the first of equals. Samples are numbered from `first`.
/// Shapes   scores [n, classes], finite, truth [n] i64 in [0, classes).
void keep_surest(std::vector<Mistake>& mistakes, const Tensor& scores, const Tensor& truth,
                 std::int64_t first);

/// The same of multi-label answers, of each sample the label that is wrong most surely, the first
/// of equals. A class is answered where its score is at least 0.
/// Shapes   scores [n, classes], finite, truth [n, classes], each 0 or 1.
void keep_surest_labels(std::vector<Mistake>& mistakes, const Tensor& scores, const Tensor& truth,
                        std::int64_t first);

}  // namespace fovea::train
