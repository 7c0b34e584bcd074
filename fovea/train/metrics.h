// Judging a classifier: the confusion matrix and what follows from it; or, where a sample has any
// number of labels, what was said of each of them.
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
  /// Of no classes, so that nothing can be counted.
  ConfusionMatrix() = default;
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
  std::int64_t classes_ = 0;
  std::vector<std::int64_t> counts_;
};

/// What a model said of samples that have any number of classes each. A class is answered where the
/// sigmoid of its score is at least 1/2, the score at least 0. Keeps all scores: 5 bytes a sample
/// and class.
class LabelScores {
 public:
  /// Of no sample. Throws ArgumentError when classes < 1.
  explicit LabelScores(std::int64_t classes);

  /// Adds a batch.
  /// Shapes   scores [n, classes] f32 or f64, truth [n, classes] f32: 1 for each class that a
  ///          sample has, else 0; at least 1/2 counts as 1.
  /// Throws   ShapeError.
  void add(const Tensor& scores, const Tensor& truth);

  std::int64_t classes() const { return classes_; }  ///< number of classes
  std::int64_t total() const {
    return static_cast<std::int64_t>(truth_.size()) / classes_;
  }  ///< samples
  /// Samples of which every label is told right.
  std::int64_t correct() const;
  /// Samples with the set of labels that most have.
  std::int64_t most_of_a_set() const;
  /// Samples that have class `index`, for which it was answered, and both.
  struct Counts {
    std::int64_t support = 0;   ///< samples that have it
    std::int64_t answered = 0;  ///< samples that it was answered for
    std::int64_t hits = 0;      ///< both
  };
  Counts counts(std::int64_t index) const;  ///< of a class
  /// Average precision of a class: the mean precision over its samples, taken in the order of their
  /// scores. 0 for a class without samples.
  /// Formula  sum over thresholds of (R_n - R_(n-1)) P_n.
  /// Source   average_precision_score of scikit-learn.
  double average_precision(std::int64_t index) const;

 private:
  std::size_t at(std::int64_t sample, std::int64_t index) const {
    return static_cast<std::size_t>(sample * classes_ + index);
  }
  bool answers(std::int64_t sample, std::int64_t index) const {
    return scores_[at(sample, index)] >= 0;
  }

  std::int64_t classes_;
  std::vector<float> scores_;
  std::vector<char> truth_;  // 0 or 1
};

/// How well one class is told from the others. A quotient with a zero divisor is 0.
struct ClassMetrics {
  std::string name;              ///< of the class
  std::int64_t index = 0;        ///< of the class
  double precision = 0;          ///< right answers / answers with this class
  double recall = 0;             ///< right answers / samples of this class
  double f1 = 0;                 ///< 2 precision recall / (precision + recall)
  std::int64_t support = 0;      ///< samples of this class
  std::int64_t answered = 0;     ///< answers with this class
  std::int64_t hits = 0;         ///< those of them that are right
  double average_precision = 0;  ///< of multi-label targets: LabelScores::average_precision
};

/// What a confusion matrix or label scores say. Shares are fractions.
struct Metrics {
  std::int64_t samples = 0;  ///< samples judged
  /// correct / samples. Of multi-label targets those are correct of which every label is told
  /// right, as in accuracy_score of scikit-learn.
  double accuracy = 0;
  double error_rate = 0;      ///< 1 - accuracy
  double majority_share = 0;  ///< samples of the largest class (of the commonest set) / samples
  double macro_f1 = 0;        ///< mean f1 of the classes that occur, as truth or as answer
  // Of multi-label targets.
  double label_accuracy = 0;                 ///< labels told right / (samples * classes)
  double mean_average_precision = 0;         ///< of the classes that have samples; 0 where none has
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
/// Judges answers with any number of labels, likewise; the largest class is then the commonest set
/// of labels.
/// Source   accuracy_score, precision_recall_fscore_support, hamming_loss and
///          average_precision_score of scikit-learn, with 0 for 0/0.
Metrics summarize(const LabelScores& labels, std::span<const std::string> names = {});

}  // namespace fovea::train
