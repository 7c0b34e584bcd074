// The runs of a project folder, from what they have left there: which there are, in which state,
// and what they say; and what may be done with them that has nothing to do with training.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/train/config.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// How a run stands.
enum class RunStatus : std::uint8_t {
  kRunning,  ///< some process trains it right now
  kDone,     ///< it has its report
  kStopped,  ///< it was interrupted, and has saved itself
  kDied,     ///< its process ended without a word; it goes on from its last checkpoint
  kBroken,   ///< its settings cannot be read
};
/// "running", "done", "stopped", "died", "broken".
const char* word_of(RunStatus state);

/// How the run in a directory stands.
RunStatus status_of_run(const std::filesystem::path& run);

/// A run in a list.
struct RunEntry {
  std::string name;                             ///< of its directory
  RunStatus state = RunStatus::kBroken;         ///< how it stands
  TrainConfig config = {};                      ///< its settings; of a broken one the defaults
  std::int64_t epochs_done = 0;                 ///< rows of results.csv
  std::optional<EpochEvent> last = {};          ///< the last of them
  std::optional<double> accuracy = {};          ///< of its report, else of its last epoch
  std::optional<double> loss = {};              ///< likewise
  std::optional<std::int64_t> parameters = {};  ///< values that are trained, by weights/last
  std::filesystem::file_time_type modified =
      std::filesystem::file_time_type::min();  ///< when something of it was written last
  std::uint64_t bytes = 0;                     ///< of all its files
};

/// The runs of a project folder, those that were written last first; none where there is no folder.
/// What is no run (no config.toml) is left out.
std::vector<RunEntry> list_runs(const std::filesystem::path& project);

/// The rows of a run's results.csv; what cannot be read is left out.
std::vector<EpochEvent> run_epochs(const std::filesystem::path& run);

/// Losses of single steps.
struct StepLosses {
  std::vector<std::int64_t> steps = {};  ///< which
  std::vector<double> losses = {};       ///< as many
};
/// The rows of a run's steps.csv; of more than `most` neighbours are joined by their mean.
StepLosses run_steps(const std::filesystem::path& run, std::size_t most = 2000);

/// A checkpoint that a run has.
struct CheckpointEntry {
  std::int64_t step = 0;   ///< after which it was written
  std::int64_t epoch = 0;  ///< of that step; 0: not known
};
/// They, the newest first.
std::vector<CheckpointEntry> run_checkpoints(const std::filesystem::path& run);

/// Whether a run may have this name in a list that people see: a folder's, of at most 100 bytes of
/// UTF-8 without control characters, that begins with no ".", "-" or space and does not end with
/// one.
bool is_run_name(std::string_view name);
/// Gives a run another name. Its settings and its report keep the old one. Throws ArgumentError
/// when that is no such name, or is taken; StateError while it runs; IoError.
void rename_run(const std::filesystem::path& run, const std::string& name);
/// Removes a run and all its files: from the list at once, whole. Throws StateError while it runs;
/// IoError.
void delete_run(const std::filesystem::path& run);
/// Takes a run back to the checkpoint after `step`, from which it then goes on: later ones are
/// removed, the rows of its logs that come after it, and its report. weights/best and weights/last
/// stay what they are: once it has gone on as far as it was before, the same steps have written the
/// same bits into them again. Until then weights/best may be of a later epoch than the run is in.
/// Throws   ArgumentError when there is no such checkpoint; ParseError when it is damaged, and
///          nothing is changed; StateError while it runs; IoError.
void rewind_run(const std::filesystem::path& run, std::int64_t step);

}  // namespace fovea::train
