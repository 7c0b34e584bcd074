// The pictures of a run: how it learned, which classes it confuses, and what it was wrong about.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/svg.h"
#include "fovea/train/report.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Loss and accuracy over the epochs, of the training data, the validation share and the test data,
/// as far as there are any. `title` is the picture's.
/// Throws   ArgumentError when there is no epoch.
io::SvgCanvas draw_curves(std::span<const EpochEvent> epochs, std::string_view title);

/// What a curve shows.
enum class Curve : std::uint8_t {
  kLoss,      ///< mean cross entropy
  kAccuracy,  ///< share of right answers
};
/// One of the two panels of draw_curves, without a title, as wide as a telephone.
/// Throws   ArgumentError when there is no epoch.
io::SvgCanvas draw_curve(std::span<const EpochEvent> epochs, Curve curve);

/// The confusion matrix: a row for each true class, a column for each answer, shaded by the share
/// of the row, with the counts written in when they fit, and the recall of each class beside it.
io::SvgCanvas draw_confusion(const Report& report);

/// A picture and what its data set calls it.
struct NamedImage {
  io::Image image;   ///< u8
  std::string name;  ///< "photos/cat/1.jpg", "sample 3"
};
/// The samples that a report's mistakes name, as `dataset` gives them, scaled down to at most 128
/// pixels a side.
/// Throws   IndexError when it has no such sample; what reading throws.
std::vector<NamedImage> mistake_images(const Report& report, const data::Dataset& dataset);
/// The surest mistakes: the images, each with the answer, how sure it was, and its true class.
/// Throws   as mistake_images; DTypeError, ShapeError for images that are not [1 or 3, h, w] u8.
io::SvgCanvas draw_mistakes(const Report& report, const data::Dataset& dataset);

}  // namespace fovea::train
