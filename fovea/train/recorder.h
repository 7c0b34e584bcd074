// Recorder: the observer that keeps a training in its run directory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fovea/models/model_file.h"
#include "fovea/nn/module.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Writes rows, curves and weights as a training goes on.
///
/// After each epoch weights/last is the model as it is, and weights/best the one with the highest
/// validation accuracy (the first of equals); without validation the last, so that the test data
/// picks nothing. They are on disk before anything else is tried: weights/last (and best, where no
/// validation will say which that is) before the epoch is judged. Weights that are not finite are
/// not written. A training that is interrupted, or has no data for its next step, leaves its
/// weights as last, and as best when there is none yet.
class Recorder : public TrainObserver {
 public:
  /// `directory` and `model` must outlive this. A row of steps.csv every `log_every` steps; 0:
  /// none.
  Recorder(RunDirectory& directory, const nn::Module& model, models::ModelCard card,
           std::int64_t log_every);

  void on_step(const StepEvent& event) override;
  /// Throws NumericError when weights are not finite.
  void on_epoch_trained(const EpochEvent& event) override;
  void on_validated(const EpochEvent& event) override;
  void on_epoch_end(const EpochEvent& event) override;
  /// Throws as on_epoch_trained.
  void on_train_end(TrainEnd end) override;

  /// True when weights/best holds the weights of the last epoch.
  bool last_is_best() const { return best_ == epoch_; }
  std::int64_t saved_step() const { return saved_step_; }  ///< that weights/last holds; 0: none
  const std::vector<EpochEvent>& epochs() const { return epochs_; }  ///< those that are done

 private:
  void save_last();
  void save_best(std::int64_t epoch);

  RunDirectory& directory_;
  const nn::Module& model_;
  models::ModelCard card_;
  std::int64_t log_every_;
  std::vector<EpochEvent> epochs_;
  std::int64_t step_ = 0;            // that was done last, from 1
  std::int64_t saved_step_ = 0;      // after which weights/last was written
  std::int64_t epoch_ = 0;           // that was trained last, from 1
  std::int64_t best_ = 0;            // whose weights are weights/best; 0: none
  std::optional<Score> best_score_;  // of its validation
};

}  // namespace fovea::train
