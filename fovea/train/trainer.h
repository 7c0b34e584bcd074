// Trainer: the loop over epochs and steps. It computes and says what happens; it neither prints nor
// writes files: observers do (a progress bar, a run directory).
//
//     Trainer trainer(model, optimizer, {.epochs = 5, .classes = 10});
//     trainer.add_observer(progress);
//     trainer.fit(train_loader, nullptr, &test_loader);
//
// Threads: everything happens on the thread that calls fit; the stop flag may be set from anywhere.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "fovea/data/data_loader.h"
#include "fovea/nn/module.h"
#include "fovea/optim/optimizer.h"
#include "fovea/optim/schedule.h"
#include "fovea/train/evaluate.h"

namespace fovea::train {

/// What a training is going to do.
struct TrainPlan {
  std::int64_t epochs = 0;           ///< passes over the training data
  std::int64_t steps_per_epoch = 0;  ///< batches a pass
  std::int64_t train_samples = 0;    ///< samples a pass
  std::int64_t val_samples = 0;      ///< held back for validation; 0: none
  std::int64_t test_samples = 0;     ///< of the test data; 0: none
};

/// A step that is done.
struct StepEvent {
  std::int64_t epoch = 0;          ///< from 1
  std::int64_t step = 0;           ///< from 1, over all epochs
  std::int64_t step_in_epoch = 0;  ///< from 1
  double loss = 0;                 ///< mean over the batch, before the update
  double lr = 0;                   ///< learning rate of the update
  double train_loss = 0;           ///< running mean over the epoch
  double train_accuracy = 0;       ///< running share over the epoch
  double images_per_s = 0;         ///< in this epoch so far
  double eta_s = 0;                ///< seconds left, by the pace so far
};

/// Loss and accuracy on a data set.
struct Score {
  double loss = 0;      ///< mean cross entropy
  double accuracy = 0;  ///< fraction
};

/// An epoch that is done: a row of results.csv.
struct EpochEvent {
  std::int64_t epoch = 0;          ///< from 1
  std::int64_t step = 0;           ///< steps so far, over all epochs
  double time_s = 0;               ///< seconds since the training began, everything counted
  double lr = 0;                   ///< learning rate of the epoch's last update
  Score train;                     ///< running means over the epoch, in training mode
  std::optional<Score> val = {};   ///< on the validation share, if any
  std::optional<Score> test = {};  ///< on the test data, if any
  /// Training samples over the wall time of steps and data wait, without evaluation.
  double images_per_s = 0;
  double data_wait_s = 0;  ///< seconds that steps waited for their batches
};

/// How a training ended.
enum class TrainEnd : std::uint8_t {
  kDone,         ///< all epochs
  kInterrupted,  ///< somebody requested a stop
  kFailed,       ///< a batch of the training data could not be read
};

/// Is told what happens in a training. It may throw, which ends the training as soon as the others
/// have been told the same; of several errors the first is thrown.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_train_begin(const TrainPlan& /*plan*/) {}  ///< before the first epoch
  virtual void on_epoch_begin(std::int64_t /*epoch*/) {}     ///< epoch from 1
  virtual void on_step(const StepEvent& /*event*/) {}        ///< after each update
  /// After an epoch's last update, before anything is evaluated: `event` has no val and no test
  /// yet.
  virtual void on_epoch_trained(const EpochEvent& /*event*/) {}
  virtual void on_validated(const EpochEvent& /*event*/) {}  ///< after "val" is, before "test"
  virtual void on_evaluate(std::string_view /*data*/) {}  ///< before "val" or "test" is evaluated
  virtual void on_epoch_end(const EpochEvent& /*event*/) {}  ///< after the evaluations
  /// After the last step, also when there is no batch for the next one; not when anything else
  /// threw. What it throws after kFailed is lost: why there is no batch is the first thing to say.
  virtual void on_train_end(TrainEnd /*end*/) {}
};

/// How a Trainer trains.
struct TrainerOptions {
  std::int64_t epochs = 5;     ///< passes over the training data
  std::int64_t classes = 10;   ///< scores that the model gives
  double label_smoothing = 0;  ///< of the training loss
  Views views = {};            ///< of each image in evaluations
  /// Ends the training after the present step once it is true; may be set by a signal handler or
  /// another thread.
  const std::atomic<bool>* stop = nullptr;
};

/// Trains a classifier. See the head of this file. The loss of a model with auxiliary classifiers
/// is nn::training_loss, with theirs in it; accuracy is that of its own scores.
class Trainer {
 public:
  /// Model, optimiser and schedule (which may be null, and is stepped after each update) must
  /// outlive the trainer.
  /// Throws   ArgumentError when epochs < 1 or classes < 1.
  Trainer(nn::Module& model, optim::Optimizer& optimizer, TrainerOptions options,
          optim::Schedule* schedule = nullptr);

  /// Tells `observer`, which must outlive the training, what happens. Observers are told in the
  /// order they were added.
  void add_observer(TrainObserver& observer) { observers_.push_back(&observer); }

  /// Trains. `val` and `test` may be null, or one loader, which is then evaluated once an epoch.
  /// Leaves the model in training mode.
  /// Throws   ArgumentError when `train` has no batch; NumericError, naming epoch and step, when a
  ///          loss becomes NaN or infinite (before it reaches the weights); what data, model and
  ///          observers throw.
  TrainEnd fit(data::DataLoader& train, data::DataLoader* val = nullptr,
               data::DataLoader* test = nullptr);

  /// The evaluation of the last epoch's test data; nothing before.
  const std::optional<Evaluation>& last_test() const { return last_test_; }

 private:
  struct Progress;
  bool train_epoch(data::DataLoader& loader, Progress& progress);
  template <class F>
  auto reading(const F& read);
  void train_step(data::Batch& batch, Progress& progress);
  StepEvent describe_step(const Progress& progress) const;
  Score judge(data::DataLoader& loader, const char* name, std::optional<Evaluation>* keep);
  bool interrupted(const Progress& progress) const;
  void notify(const std::function<void(TrainObserver&)>& tell);

  nn::Module& model_;
  optim::Optimizer& optimizer_;
  TrainerOptions options_;
  optim::Schedule* schedule_;
  std::vector<TrainObserver*> observers_;
  std::optional<Evaluation> last_test_;
};

}  // namespace fovea::train
