// What the page of a run says where targets are multi-label: a table of the labels in place of a
// confusion matrix.
#pragma once

#include <string>

#include "fovea/train/report.h"

namespace fovea::train {

/// How many images are told right, and what always answering the commonest set of labels would
/// reach, as HTML. Requires an evaluation of multi-label targets.
std::string labels_sentence(const Metrics& metrics, std::int64_t correct);

/// A row for each class: precision, recall, F1, average precision, and how often it was found,
/// missed and said wrongly.
std::string labels_table(const Metrics& metrics);

}  // namespace fovea::train
