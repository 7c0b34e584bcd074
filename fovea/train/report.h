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

  /// What the confusion matrix says.
  Metrics metrics() const { return summarize(evaluation.confusion, classes); }
  /// A class's name, or its index where it has none.
  std::string class_name(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return at < classes.size() ? classes[at] : std::to_string(index);
  }
};

/// The document of `eval --json`: model, data, samples, loss, accuracy, error_rate, majority_share,
/// warnings, per_class, macro_f1, confusion_matrix (rows: true class) and, for a run, run_dir; tta
/// unless it is none.
std::string to_json(const Report& report);
/// The confusion matrix as CSV: a first row of class names, then a row for each true class.
std::string confusion_csv(const Report& report);

}  // namespace fovea::train
