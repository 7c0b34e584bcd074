#include "fovea/train/resumable.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <type_traits>

#include "fovea/core/error.h"
#include "fovea/io/read_file.h"
#include "fovea/train/environment.h"
#include "fovea/train/monitor.h"

namespace fovea::train {

namespace {

/// The settings that a run may be resumed with others of: they change no number.
constexpr std::string_view kFreeSettings[] = {"epochs",     "minutes",          "patience",
                                              "data_root",  "log_every",        "tensorboard",
                                              "save_every", "keep_checkpoints", "on_full"};

}  // namespace

bool is_enough(const TrainConfig& config, const std::vector<EpochEvent>& epochs) {
  return config.patience > 0 &&
         epochs_without_better(epochs, monitor_of(config.monitor)) >= config.patience;
}

bool is_finished(const TrainConfig& config, const Checkpoint& checkpoint) {
  return checkpoint.position.step >= config.epochs * checkpoint.plan.steps_per_epoch ||
         is_enough(config, checkpoint.epochs);
}

void check_resumable(const TrainConfig& before, const TrainConfig& now) {
  const auto free = [](std::string_view key) {
    return std::find(std::begin(kFreeSettings), std::end(kFreeSettings), key) !=
           std::end(kFreeSettings);
  };
  check<ArgumentError>(now.epochs >= before.epochs, "config: epochs expected at least the run's ",
                       before.epochs, ", got ", now.epochs);
  check<ArgumentError>(before.model_options == now.model_options,
                       "config: model_options expected as in the run that goes on, got others");
  visit_settings(before, [&](std::string_view key, const auto& old) {
    visit_settings(now, [&](std::string_view other, const auto& value) {
      if constexpr (std::is_same_v<decltype(old), decltype(value)>) {
        check<ArgumentError>(key != other || free(key) || old == value, "config: ", key,
                             " expected as in the run that goes on, got another");
      }
    });
  });
}

void check_environment(const std::filesystem::path& run, const std::string& now,
                       const std::function<void(const std::string&)>& on_note) {
  const std::filesystem::path file = run / "env.json";
  std::string others;
  for (const std::string& change : environment_changes(io::read_text(file), now, file.native())) {
    check<ParseError>(!change.starts_with("data "), "train: ", change,
                      " expected as the run began with it, got another (", file.native(), ")");
    if (change == "version" || change == "commit" || change == "cpu")
      others += (others.empty() ? "" : ", ") + change;
  }
  if (!others.empty() && on_note)
    on_note("train: the run began with another " + others +
            ": its results may differ in their last bits from then on");
}

void note_saved(const RunDirectory& directory, std::int64_t saved_step,
                const std::function<void(const std::string&)>& on_note) {
  if (!on_note) return;
  if (saved_step != 0)
    on_note(str("train: the weights after step ", saved_step, " are in ",
                directory.last_weights().native()));
  const std::vector<std::filesystem::path> checkpoints =
      CheckpointFolder(directory.state()).files();
  if (!checkpoints.empty())
    on_note(str("train: the last checkpoint is ", checkpoints.front().native(),
                "; to go on: fovea train --resume ", directory.path().native()));
}

}  // namespace fovea::train
