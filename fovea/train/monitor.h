// What tells one epoch's weights from another's as better.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/train/trainer.h"

namespace fovea::train {

/// A number of a validation.
enum class Monitor : std::uint8_t {
  kValAccuracy,  ///< the higher the better
  kValLoss,      ///< the lower the better
  kMacroF1,      ///< the higher the better
};

std::vector<std::string> monitor_words();  ///< val_accuracy, val_loss, macro_f1
/// The monitor that a word names. Throws ArgumentError, listing the words.
Monitor monitor_of(std::string_view word);
/// Whether `now` is better than `best`; of equals the first is.
bool is_better(Monitor monitor, const Score& now, const Score& best);
/// How many of the last epochs were no better than the best before them; 0 without validation.
std::int64_t epochs_without_better(const std::vector<EpochEvent>& epochs, Monitor monitor);

}  // namespace fovea::train
