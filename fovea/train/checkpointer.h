// Checkpointer: the observer that keeps a training so that it can go on.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "fovea/nn/module.h"
#include "fovea/optim/optimizer.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/patient_writer.h"
#include "fovea/train/recorder.h"
#include "fovea/train/run_log.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// How often checkpoints are written; 0: not for that reason.
struct SaveEvery {
  std::int64_t steps = 0;   ///< so many steps
  std::int64_t epochs = 0;  ///< so many epochs
  double seconds = 0;       ///< so much time since the last one, as the trainer counts it
};

/// SaveEvery of a setting: "100" steps, "30s" (or m, h), "1epoch" (or "2epochs"); of epochs, every
/// 5 minutes inside one too. Throws ArgumentError.
SaveEvery parse_save_every(std::string_view text);

/// What a Checkpointer looks at, all of which must outlive it.
struct CheckpointSources {
  const Trainer* trainer = nullptr;                 ///< where the training stands
  const nn::Module* model = nullptr;                ///< its parameters and buffers
  const nn::Module* average = nullptr;              ///< of the model; null: none is kept
  const optim::Optimizer* optimizer = nullptr;      ///< its moments
  const Recorder* recorder = nullptr;               ///< which weights are the best
  const std::vector<EpochEvent>* epochs = nullptr;  ///< that are judged
  std::function<FileLengths()> sync_logs;           ///< has logs on disk
};

/// Writes checkpoints as a training goes on: as often as it is told, when an epoch's training ends
/// that is the last, and when the training is interrupted. It must be told after those that write
/// logs and weights.
class Checkpointer : public TrainObserver {
 public:
  /// `writer` must outlive this.
  Checkpointer(CheckpointFolder folder, const PatientWriter& writer, CheckpointSources sources,
               const SaveEvery& every);

  void on_train_begin(const TrainPlan& plan) override;
  /// Throws NumericError when weights are not finite, as all of these.
  void on_step(const StepEvent& event) override;
  void on_epoch_trained(const EpochEvent& event) override;
  void on_train_end(TrainEnd end) override;

 private:
  void save();

  CheckpointFolder folder_;
  const PatientWriter& writer_;
  CheckpointSources sources_;
  SaveEvery every_;
  TrainPlan plan_;
  std::int64_t saved_step_ = 0;
  std::size_t saved_epochs_ = 0;  // that were judged by then
  double saved_at_s_ = 0;         // TrainPosition::time_s then
};

}  // namespace fovea::train
