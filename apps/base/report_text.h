// The judgement of a model as tables for people.
#pragma once

#include <string>

#include "apps/base/terminal.h"
#include "fovea/train/report.h"

namespace fovea::cli {

/// Accuracy, loss, a row for each class with the worst ones marked, and the warnings.
std::string metrics_text(const train::Report& report, const Terminal& terminal);
/// The confusion matrix: rows are the true classes.
std::string confusion_text(const train::Report& report, const Terminal& terminal);

}  // namespace fovea::cli
