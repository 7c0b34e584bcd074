// Judging a classifier: the confusion matrix and what follows from it.
//
// One number hides which classes fail, and misleads when classes are uneven: a classifier that
// always answers a class with 90 of 100 samples is right 90 % of the time. So the share of the
// largest class stands next to the accuracy, with a warning when they are close.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::train {

/// How often each class was taken for each. Rows are the true class, columns the answer.
class ConfusionMatrix {
 public:
  /// All zero. Throws ArgumentError when classes < 1.
  explicit ConfusionMatrix(std::int64_t classes);

  /// Counts samples. Throws ArgumentError when the lists differ in length, IndexError for a class
  /// outside.
  void add(std::span<const std::int64_t> truth, std::span<const std::int64_t> answers);
  /// Counts a batch: each answer is the class with the largest score, the first of equals.
  /// Shapes   scores [n, classes] f32 or f64, truth [n] i64.
  /// Throws   ShapeError; IndexError for a label outside.
  void add_scores(const Tensor& scores, const Tensor& truth);

  std::int64_t classes() const { return classes_; }  ///< number of classes
  /// Samples of class `truth` for which the answer was `answer`.
  std::int64_t count(std::int64_t truth, std::int64_t answer) const {
    return counts_[static_cast<std::size_t>(truth * classes_ + answer)];
  }
  std::int64_t total() const;                        ///< samples
  std::int64_t correct() const;                      ///< samples answered with their own class
  std::int64_t support(std::int64_t truth) const;    ///< samples of a class
  std::int64_t answered(std::int64_t answer) const;  ///< samples answered with a class

 private:
  std::int64_t classes_;
  std::vector<std::int64_t> counts_;
};

/// How well one class is told from the others. A quotient with a zero divisor is 0.
struct ClassMetrics {
  std::string name;          ///< of the class
  std::int64_t index = 0;    ///< of the class
  double precision = 0;      ///< right answers / answers with this class
  double recall = 0;         ///< right answers / samples of this class
  double f1 = 0;             ///< 2 precision recall / (precision + recall)
  std::int64_t support = 0;  ///< samples of this class
};

/// What a confusion matrix says. Shares are fractions.
struct Metrics {
  std::int64_t samples = 0;   ///< samples judged
  double accuracy = 0;        ///< correct / samples
  double error_rate = 0;      ///< 1 - accuracy
  double majority_share = 0;  ///< samples of the largest class / samples
  double macro_f1 = 0;        ///< mean f1 of the classes that occur, as truth or as answer
  std::vector<ClassMetrics> per_class = {};  ///< by index
  std::vector<std::string> warnings = {};    ///< for people
};

/// Judges a classifier by its confusion matrix. Warns
/// - when always answering the largest class would be nearly as good: when less than a fifth of the
///   errors which that makes are avoided, error_rate > 0.8 (1 - majority_share);
/// - of each class that has samples and is never the answer.
/// `names` are the classes' names; the index serves where there is none.
/// Throws   ArgumentError when there are no samples, or more names than classes.
Metrics summarize(const ConfusionMatrix& confusion, std::span<const std::string> names = {});

}  // namespace fovea::train
