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
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/data/data_loader.h"
#include "fovea/nn/module.h"
#include "fovea/optim/optimizer.h"
#include "fovea/optim/schedule.h"
#include "fovea/train/evaluate.h"
#include "fovea/train/objective.h"

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

/// Where a training stands after a step: with the tensors that it changes, all that it takes to go
/// on.
struct TrainPosition {
  std::int64_t epoch = 0;          ///< from 1: the one that is trained; 0: none has begun
  std::int64_t step = 0;           ///< steps done, over all epochs
  std::int64_t step_in_epoch = 0;  ///< steps done of `epoch`
  std::int64_t samples = 0;        ///< of those steps
  std::int64_t correct = 0;        ///< answers that were right among them
  double loss_sum = 0;             ///< of their losses, sample by sample
  double lr = 0;                   ///< learning rate of the last update
  double time_s = 0;               ///< seconds trained, of all sittings
  double epoch_s = 0;              ///< of them in `epoch`
  double data_wait_s = 0;          ///< of them waiting for batches
  std::int64_t judged = 0;         ///< epochs that are judged: `epoch`, or one less
};

/// What an evaluation came to.
struct Score {
  double loss = 0;      ///< mean loss, see Objective
  double accuracy = 0;  ///< fraction
  double macro_f1 = 0;  ///< Metrics::macro_f1; of running means 0: it is not counted
};

/// An epoch that is done: a row of results.csv.
struct EpochEvent {
  std::int64_t epoch = 0;          ///< from 1
  std::int64_t step = 0;           ///< steps so far, over all epochs
  double time_s = 0;               ///< seconds since the training began, all but pauses counted
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
  kEnough,       ///< TrainerOptions::enough said so
  kTimeUp,       ///< TrainerOptions::seconds are over
  kInterrupted,  ///< somebody requested a stop
  kFailed,       ///< a batch of the training data could not be read
};

/// Whether it ended between two steps that it was going to do: it could go on from there.
constexpr bool is_cut_short(TrainEnd end) { return end >= TrainEnd::kTimeUp; }

/// Is told what happens in a training. It may throw, which ends the training as soon as the others
/// have been told the same; of several errors the first is thrown.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_train_begin(const TrainPlan& /*plan*/) {}  ///< before the first epoch
  /// Epoch from 1; also when a training goes on within one.
  virtual void on_epoch_begin(std::int64_t /*epoch*/) {}
  virtual void on_step(const StepEvent& /*event*/) {}  ///< after each update
  /// After an epoch's last update, before anything is evaluated: `event` has no val and no test
  /// yet.
  virtual void on_epoch_trained(const EpochEvent& /*event*/) {}
  virtual void on_validated(const EpochEvent& /*event*/) {}  ///< after "val" is, before "test"
  virtual void on_evaluate(std::string_view /*data*/) {}  ///< before "val" or "test" is evaluated
  /// After that, with what it came to and the classes' names; data to validate and to test with
  /// that are the same are "val".
  virtual void on_evaluated(std::string_view /*data*/, const Evaluation& /*evaluation*/,
                            const std::vector<std::string>& /*classes*/) {}
  virtual void on_epoch_end(const EpochEvent& /*event*/) {}  ///< after the evaluations
  /// Seconds, all together, for which this has held the training up in on_step because somebody
  /// wanted a pause. They are in no time that the trainer tells or keeps to.
  virtual double paused_s() const { return 0; }
  /// After the last step, also when there is no batch for the next one; not when anything else
  /// threw. What it throws after kFailed is lost: why there is no batch is the first thing to say.
  virtual void on_train_end(TrainEnd /*end*/) {}
};

/// How a Trainer trains.
struct TrainerOptions {
  std::int64_t epochs = 5;     ///< passes over the training data
  std::int64_t classes = 10;   ///< scores that the model gives
  double label_smoothing = 0;  ///< see ObjectiveOptions
  Tensor class_weights = {};   ///< see ObjectiveOptions
  /// Batches a step: their gradients are added up, each with the share that its samples have, and
  /// are that of one batch as large as all of them, but for statistics (batch norm, class weights)
  /// that each batch has of its own. An epoch's last step may have fewer.
  std::int64_t accumulate = 1;
  /// Gradients are scaled so that their norm is at most this; 0: they are left alone. See
  /// optim::clip_grad_norm_.
  double clip_grad = 0;
  /// Ends after the first step at which fit has run so long, without pauses; 0: never.
  double seconds = 0;
  /// Asked after each epoch; true ends the training. May be empty.
  std::function<bool(const EpochEvent&)> enough = {};
  /// The model that is evaluated, which may be another one than that which learns: an average of
  /// it. Null: the same.
  nn::Module* judged = nullptr;
  /// Called with each epoch's number (from 1) once the model is in training mode, before the first
  /// step or that from which the epoch goes on. May be empty.
  std::function<void(std::int64_t)> prepare = {};
  Views views = {};  ///< of each image in evaluations
  /// Ends the training after the present step, or batch that is judged, once it is true; may be set
  /// by a signal handler or another thread.
  const std::atomic<bool>* stop = nullptr;
};

/// Trains a classifier. See the head of this file. What it learns, the targets of the training data
/// say (make_objective). The loss of a model with auxiliary classifiers
/// is nn::training_loss, with theirs in it; accuracy is that of its own scores.
class Trainer {
 public:
  /// Model, optimiser and schedule (which may be null, and is stepped after each update) must
  /// outlive the trainer.
  /// Throws   ArgumentError when epochs, classes or accumulate < 1, or clip_grad < 0.
  Trainer(nn::Module& model, optim::Optimizer& optimizer, TrainerOptions options,
          optim::Schedule* schedule = nullptr);

  /// Tells `observer`, which must outlive the training, what happens. Observers are told in the
  /// order they were added.
  void add_observer(TrainObserver& observer) { observers_.push_back(&observer); }

  /// Makes the next fit go on from `position`, where another training was left: model, optimiser,
  /// schedule and the thread's generator must be as they were there. With all steps of its epoch
  /// done, that is judged first, unless it is.
  void resume(const TrainPosition& position) { resumed_ = position; }

  /// Trains. `val` and `test` may be null, or one loader, which is then evaluated once an epoch.
  /// Leaves the model in training mode.
  /// Throws   as make_objective; ArgumentError when `train` has no batch, or not as many as the
  ///          position to resume from says; NumericError, naming epoch and step, when a loss
  ///          becomes NaN or infinite (before it reaches the weights); what data, model and
  ///          observers throw.
  TrainEnd fit(data::DataLoader& train, data::DataLoader* val = nullptr,
               data::DataLoader* test = nullptr);

  /// Where it stands, at whatever an observer is told.
  TrainPosition position() const;
  /// The evaluation on the test data of the model as it is; nothing when none was made, or steps
  /// were done since.
  const std::optional<Evaluation>& last_test() const { return last_test_; }

 private:
  using Clock = std::chrono::steady_clock;

  void begin(data::DataLoader& train, data::DataLoader* val, data::DataLoader* test);
  void begin_epoch();
  bool train_epoch(data::DataLoader& loader);
  bool train_steps(data::DataLoader& loader);
  template <class F>
  auto reading(const F& read);
  void train_step(data::DataLoaderIterator& batch, const data::DataLoader& loader);
  void backpropagate(const data::Batch& batch, double share);
  StepEvent describe_step() const;
  void leave_out_pauses();
  std::optional<EpochEvent> judge_epoch(data::DataLoader* val, data::DataLoader* test);
  std::optional<Score> judge(data::DataLoader& loader, const char* name,
                             std::optional<Evaluation>* keep);
  Score train_score() const;
  std::int64_t total_steps() const { return plan_.epochs * plan_.steps_per_epoch; }
  bool stopped() const;
  bool is_over() const;
  void notify(const std::function<void(TrainObserver&)>& tell);

  nn::Module& model_;
  optim::Optimizer& optimizer_;
  TrainerOptions options_;
  optim::Schedule* schedule_;
  std::vector<TrainObserver*> observers_;
  std::optional<Evaluation> last_test_;

  TrainPosition resumed_;  // what the next fit begins with
  // Of the present fit.
  TrainPlan plan_;
  std::unique_ptr<const Objective> objective_;
  TrainPosition position_;  // its times are without those since start_ and epoch_start_
  double loss_ = 0;         // of the last step
  Clock::time_point start_, epoch_start_;     // later by all pauses since
  double paused_s_ = 0;                       // that observers have told
  std::int64_t first_step_ = 0;               // done before this fit
  const data::DataLoader* loader_ = nullptr;  // while an epoch is trained: whose batches these are
};

}  // namespace fovea::train
