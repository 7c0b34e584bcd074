// When a run may go on, and whether it has anything left to do. Library internal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fovea/train/checkpoint.h"
#include "fovea/train/config.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Whether there were as many epochs without a better one as the configuration has patience for.
bool is_enough(const TrainConfig& config, const std::vector<EpochEvent>& epochs);

/// Whether a run that is left at `checkpoint` has nothing more to do than was asked for.
bool is_finished(const TrainConfig& config, const Checkpoint& checkpoint);

/// Checks that a run with the settings `before` may go on with those of `now`.
/// Throws   ArgumentError naming a setting that would change the numbers.
void check_resumable(const TrainConfig& before, const TrainConfig& now);

/// Checks that the run in the directory `run` goes on with the data that it began with: `now` is
/// the env.json that it would have today. Where the last bits may become others, for another Fovea
/// or processor, `on_note` (which may be empty) is told.
/// Throws   IoError; ParseError naming the data that are others.
void check_environment(const std::filesystem::path& run, const std::string& now,
                       const std::function<void(const std::string&)>& on_note);

/// Tells `on_note`, which may be empty, what a training that fails leaves behind: its weights,
/// unless `saved_step` is 0, and its last checkpoint. Throws IoError.
void note_saved(const RunDirectory& directory, std::int64_t saved_step,
                const std::function<void(const std::string&)>& on_note);

}  // namespace fovea::train
