// Checkpoints: a training as it stands after a step, from which it goes on to the same bits.
//
// A checkpoint is a safetensors file. Everything in it is a tensor:
//
//   model.NAME        the model's state dict
//   optimizer.NAME    the optimiser's
//   position.NAME     TrainPosition, number by number
//   plan.NAME         TrainPlan: on other data it would be another training
//   average.NAME      the average of the model, where one is kept
//   epochs            [n, 15] f64: the rows of results.csv, scores with their macro F1; NaN where
//                     there is none
//   best.epoch, best.score    the epoch that weights/best holds, and [loss, accuracy, macro F1] of
//                     its validation
//   log.FILE          how many bytes of results.csv, steps.csv and the event file were written
//   generator         [seed, position] i64 of the thread's generator
//
// and its metadata are fovea.checkpoint, the version of what stands here (1), and fovea.sha256, the
// SHA-256 of names, dtypes, sizes and elements of all tensors: a file that was damaged is known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fovea/core/rng.h"
#include "fovea/tensor/state_dict.h"
#include "fovea/train/run_log.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// A training as it stands after a step.
struct Checkpoint {
  TrainPosition position = {};           ///< where it stands
  TrainPlan plan = {};                   ///< what it was going to do
  std::vector<EpochEvent> epochs = {};   ///< those that are judged
  std::int64_t best_epoch = 0;           ///< whose weights are weights/best; 0: none yet
  std::optional<Score> best_score = {};  ///< of its validation
  std::uint64_t seed = 0;                ///< of the thread's generator
  std::uint64_t generator_position = 0;  ///< streams that it has given
  StateDict model = {};                  ///< parameters and buffers
  StateDict optimizer = {};              ///< moments, steps and rates
  StateDict average = {};                ///< of the model; empty: none is kept
  FileLengths logs = {};                 ///< how much of them was written by then
};

/// Writes a checkpoint, whole or not at all. Throws IoError.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
/// Reads one. Throws IoError; ParseError when it is damaged, none, or of a later version.
Checkpoint load_checkpoint(const std::filesystem::path& path);

/// The step that a file in such a folder is of; nothing for another file.
std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& file);

/// The checkpoints of a run: the newest, in files called step-STEP.safetensors.
class CheckpointFolder {
 public:
  /// As many as are kept at least: where the newest is damaged, there is the one before it.
  static constexpr std::int64_t kFewest = 2;

  /// Those in `folder`, which is made when the first one is saved, and of which `keep` are kept.
  explicit CheckpointFolder(std::filesystem::path folder, std::int64_t keep = kFewest)
      : folder_(std::move(folder)), keep_(keep) {}

  /// Writes one and then removes those that are older than the `keep` newest, it among them, and
  /// those of later steps. Throws IoError, and all that were there still are.
  void save(const Checkpoint& checkpoint) const;
  /// The files that are there, the newest first. Throws IoError.
  std::vector<std::filesystem::path> files() const;
  /// The newest that is whole. `on_damaged` is told of newer ones that are not, in a line each.
  /// Throws   IoError when there is none, ParseError when none is whole.
  Checkpoint load_newest(const std::function<void(const std::string&)>& on_damaged) const;
  /// Removes all. Throws IoError.
  void clear() const;

 private:
  std::filesystem::path folder_;
  std::int64_t keep_;
};

}  // namespace fovea::train
