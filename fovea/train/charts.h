// The pictures of a run: how it learned, and which classes it confuses.
#pragma once

#include <span>
#include <string_view>

#include "fovea/io/svg.h"
#include "fovea/train/report.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Loss and accuracy over the epochs, of the training data, the validation share and the test data,
/// as far as there are any. `title` is the picture's.
/// Throws   ArgumentError when there is no epoch.
io::SvgCanvas draw_curves(std::span<const EpochEvent> epochs, std::string_view title);

/// The confusion matrix: a row for each true class, a column for each answer, shaded by the share
/// of the row, with the counts written in when they fit, and the recall of each class beside it.
io::SvgCanvas draw_confusion(const Report& report);

}  // namespace fovea::train
