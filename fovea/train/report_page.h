// The page of a run, report.html: what a learner opens first. One file that needs no other, no
// script and no network, light or dark as the reader's system is, for desks and telephones, in
// English and Korean.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fovea/core/language.h"
#include "fovea/io/pictures/image.h"
#include "fovea/train/charts.h"
#include "fovea/train/config.h"
#include "fovea/train/report.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Where a training stands.
enum class RunState : std::uint8_t {
  kTraining,  ///< it goes on: the page loads itself anew
  kStopped,   ///< it was interrupted, and could go on
  kDone,      ///< it is finished
};

/// What a page tells.
struct RunPage {
  std::string directory;                   ///< of the run, as it is to be typed
  const TrainConfig& config;               ///< every setting in force
  std::span<const EpochEvent> epochs;      ///< those that are done
  const Report& report;                    ///< the model judged
  std::vector<NamedImage> mistakes = {};   ///< mistake_images of the report
  std::vector<io::Image> filters = {};     ///< first_layer_pictures of the model
  RunState state = RunState::kDone;        ///< where the training stands
  Language language = Language::kEnglish;  ///< that is shown first; a click shows the other
};

/// The page as HTML. The same run always gives the same bytes.
/// Throws   DTypeError, ShapeError for images that are not [1 or 3, h, w] u8.
std::string report_page(const RunPage& page);

/// `word` as a shell takes it back: between apostrophes where it holds more than letters, digits
/// and what file names usually have.
std::string shell_word(const std::string& word);

}  // namespace fovea::train
