// The judgement of a trained model: what `fovea eval` prints and a run directory keeps as
// report.json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/train/evaluate.h"
#include "fovea/train/metrics.h"

namespace fovea::train {

/// A model judged on a data set.
struct Report {
  std::string model;                 ///< the model's name
  std::string data;                  ///< the data set's name
  std::string run_dir;               ///< of the training; empty outside a run
  std::string tta = "none";          ///< views of an image, see parse_views
  std::vector<std::string> classes;  ///< names by index
  Evaluation evaluation;             ///< on the data set

  /// How good it is, class by class.
  Metrics metrics() const { return evaluation.metrics(classes); }
  /// A class's name, or its index where it has none.
  std::string class_name(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return at < classes.size() ? classes[at] : std::to_string(index);
  }
  /// What a mistake says: the class's name, or "not NAME" of multi-label targets.
  std::string answer_of(const Mistake& mistake) const {
    return mistake.answer >= 0 ? class_name(mistake.answer) : "not " + class_name(mistake.truth);
  }
  /// What is true instead, likewise.
  std::string truth_of(const Mistake& mistake) const {
    return mistake.truth >= 0 ? class_name(mistake.truth) : "not " + class_name(mistake.answer);
  }
};

/// How often a label was there and said to be, or not: what stands for a confusion matrix where
/// targets are multi-label. As multilabel_confusion_matrix of scikit-learn.
struct LabelCounts {
  std::int64_t true_positives = 0;   ///< there, and said to be
  std::int64_t false_positives = 0;  ///< said to be, and not there
  std::int64_t false_negatives = 0;  ///< there, and not said to be
  std::int64_t true_negatives = 0;   ///< neither
};
/// Those of a class among `samples` samples.
LabelCounts label_counts(const ClassMetrics& of_class, std::int64_t samples);

/// The document of `eval --json`: model, data, samples, loss, accuracy, error_rate, majority_share,
/// warnings, per_class, macro_f1, confusion_matrix (rows: true class) and, for a run, run_dir; tta
/// unless it is none. Of multi-label targets label_accuracy and mean_average_precision in place of
/// the matrix, targets, and for each class average_precision and its counts.
std::string to_json(const Report& report);
/// The confusion matrix as CSV: a first row of class names, then a row for each true class.
std::string confusion_csv(const Report& report);
/// What was said of each label as CSV, for multi-label targets: a row for each class with the
/// samples that have it and are said to, are said to and have it not, have it and are not said to,
/// and neither.
std::string label_counts_csv(const Report& report);

}  // namespace fovea::train
