// Recorder: the observer that keeps a training's weights in its run directory.
#pragma once

#include <cstdint>
#include <optional>

#include "fovea/models/model_file.h"
#include "fovea/nn/module.h"
#include "fovea/train/monitor.h"
#include "fovea/train/patient_writer.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Which weights weights/best holds.
struct BestWeights {
  std::int64_t epoch = 0;           ///< after which they were saved; 0: none yet
  std::optional<Score> score = {};  ///< of their validation
};

/// What a Recorder writes, all of which must outlive it.
struct RecorderSources {
  const nn::Module* model = nullptr;        ///< that learns
  const nn::Module* average = nullptr;      ///< of it; null: none is kept
  models::ModelCard card = {};              ///< of both
  Monitor monitor = Monitor::kValAccuracy;  ///< what the best weights are best by
};

/// Writes weights as a training goes on.
///
/// After each epoch weights/last is the model as it is, weights/ema its average where one is kept,
/// and weights/best the one of these that is judged (the average where there is one) after the
/// epoch with the best validation (the first of equals); without validation the last, so that the
/// test data picks nothing. They are on disk before anything else is tried: all (best where no
/// validation will say which that is) before the epoch is judged. Weights that are not finite are
/// not written. A training that ends between two epochs' ends leaves its weights as last, and as
/// best when there is none yet; where its time was up and nothing is validated, as best too.
class Recorder : public TrainObserver {
 public:
  /// `directory` and `writer` must outlive this. A training that goes on has `best` already.
  Recorder(const RunDirectory& directory, const PatientWriter& writer, RecorderSources sources,
           const BestWeights& best = {});

  void on_step(const StepEvent& event) override;
  /// Throws NumericError when weights are not finite.
  void on_epoch_trained(const EpochEvent& event) override;
  void on_validated(const EpochEvent& event) override;
  /// Throws as on_epoch_trained.
  void on_train_end(TrainEnd end) override;

  const BestWeights& best() const { return best_; }  ///< what weights/best holds
  /// True when weights/best holds the weights of the last epoch.
  bool last_is_best() const { return best_.epoch == epoch_; }
  std::int64_t saved_step() const { return saved_step_; }  ///< that weights/last holds; 0: none

 private:
  void save(const std::filesystem::path& path, const nn::Module& model) const;
  void save_last();
  void save_best(std::int64_t epoch);

  const RunDirectory& directory_;
  const PatientWriter& writer_;
  RecorderSources sources_;
  std::int64_t step_ = 0;        // that was done last, from 1
  std::int64_t saved_step_ = 0;  // after which weights/last was written
  std::int64_t epoch_ = 0;       // that was trained last, from 1
  BestWeights best_;
};

/// An update may make weights infinite or NaN without the loss before it showing that. Written over
/// those of the epoch before they would be a loss. Throws NumericError, naming the epoch.
void check_finite(const nn::Module& model, std::int64_t epoch);

}  // namespace fovea::train
