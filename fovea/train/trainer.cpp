#include "fovea/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <functional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/optim/clip.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::train {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void Trainer::notify(const std::function<void(TrainObserver&)>& tell) {
  std::exception_ptr first;
  for (TrainObserver* observer : observers_) {
    try {
      tell(*observer);
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

Trainer::Trainer(nn::Module& model, optim::Optimizer& optimizer, TrainerOptions options,
                 optim::Schedule* schedule)
    : model_(model), optimizer_(optimizer), options_(std::move(options)), schedule_(schedule) {
  check<ArgumentError>(options_.epochs >= 1, "Trainer: epochs expected at least 1, got ",
                       options_.epochs);
  check<ArgumentError>(options_.classes >= 1, "Trainer: classes expected at least 1, got ",
                       options_.classes);
  check<ArgumentError>(options_.accumulate >= 1, "Trainer: accumulate expected at least 1, got ",
                       options_.accumulate);
  check<ArgumentError>(options_.clip_grad >= 0, "Trainer: clip_grad expected at least 0, got ",
                       options_.clip_grad);
}

/// Plans the training, and begins or goes on.
void Trainer::begin(data::DataLoader& train, data::DataLoader* val, data::DataLoader* test) {
  check<ArgumentError>(train.size() > 0,
                       "Trainer: batches of training data expected at least 1, got 0");
  plan_ = {.epochs = options_.epochs,
           .steps_per_epoch = (train.size() + options_.accumulate - 1) / options_.accumulate,
           .train_samples = train.samples(),
           .val_samples = val == nullptr ? 0 : val->samples(),
           .test_samples = test == nullptr ? 0 : test->samples()};
  objective_ =
      make_objective(train.dataset().targets(), {.classes = options_.classes,
                                                 .label_smoothing = options_.label_smoothing,
                                                 .class_weights = options_.class_weights});
  position_ = std::exchange(resumed_, {});
  first_step_ = position_.step;
  leave_out_pauses();  // of a training before
  start_ = Clock::now();
  if (position_.epoch == 0) return;
  const std::int64_t steps = plan_.steps_per_epoch;
  check<ArgumentError>(
      position_.epoch <= plan_.epochs && position_.step_in_epoch <= steps &&
          position_.step == (position_.epoch - 1) * steps + position_.step_in_epoch &&
          (position_.judged < position_.epoch || position_.step_in_epoch == steps),
      "Trainer: position to resume from expected one of ", plan_.epochs, " epochs of ", steps,
      " steps, got step ", position_.step_in_epoch, " of epoch ", position_.epoch, " after ",
      position_.step, " steps");
  const bool trained = position_.step_in_epoch == steps;
  train.set_next_epoch(static_cast<std::uint64_t>(trained ? position_.epoch : position_.epoch - 1));
}

void Trainer::begin_epoch() {
  ++position_.epoch;
  position_.step_in_epoch = position_.samples = position_.correct = 0;
  position_.loss_sum = position_.epoch_s = position_.data_wait_s = 0;
}

TrainEnd Trainer::fit(data::DataLoader& train, data::DataLoader* val, data::DataLoader* test) {
  begin(train, val, test);
  notify([&](TrainObserver& observer) { observer.on_train_begin(plan_); });
  TrainEnd end = TrainEnd::kDone;
  for (bool resumed = position_.epoch > position_.judged; resumed || position_.epoch < plan_.epochs;
       resumed = false) {
    if (!resumed) begin_epoch();
    notify([&](TrainObserver& observer) { observer.on_epoch_begin(position_.epoch); });
    const bool trained = position_.step_in_epoch == plan_.steps_per_epoch || train_epoch(train);
    const std::optional<EpochEvent> event = trained ? judge_epoch(val, test) : std::nullopt;
    if (event) {
      position_.judged = event->epoch;
      notify([&](TrainObserver& observer) { observer.on_epoch_end(*event); });
    }
    if (event && options_.enough && options_.enough(*event)) {
      end = TrainEnd::kEnough;
      break;
    }
    // What comes after the last epoch changes nothing.
    if (!event || (is_over() && position_.epoch < plan_.epochs)) {
      end = stopped() ? TrainEnd::kInterrupted : TrainEnd::kTimeUp;
      break;
    }
  }
  notify([&](TrainObserver& observer) { observer.on_train_end(end); });
  return end;
}

/// Tells that the epoch is trained, and what came of it; nothing when it was stopped meanwhile.
std::optional<EpochEvent> Trainer::judge_epoch(data::DataLoader* val, data::DataLoader* test) {
  const TrainPosition now = position();
  EpochEvent event{.epoch = now.epoch,
                   .step = now.step,
                   .time_s = now.time_s,
                   .lr = now.lr,
                   .train = train_score(),
                   .images_per_s = static_cast<double>(now.samples) / now.epoch_s,
                   .data_wait_s = now.data_wait_s};
  notify([&](TrainObserver& observer) { observer.on_epoch_trained(event); });
  if (val != nullptr) {
    event.val = judge(*val, "val", val == test ? &last_test_ : nullptr);
    if (!event.val) return {};
    notify([&](TrainObserver& observer) { observer.on_validated(event); });
  }
  if (test != nullptr) {
    event.test = val == test ? event.val : judge(*test, "test", &last_test_);
    if (!event.test) return {};
  }
  event.time_s = position().time_s;
  return event;
}

TrainPosition Trainer::position() const {
  TrainPosition now = position_;
  now.time_s += seconds_since(start_);
  if (loader_ != nullptr) {
    now.epoch_s += seconds_since(epoch_start_);
    now.data_wait_s += loader_->wait_seconds();
  }
  return now;
}

/// What `read` returns, which takes from the training data. When it throws, observers may keep the
/// steps that are done.
template <class F>
auto Trainer::reading(const F& read) {
  try {
    return read();
  } catch (...) {
    try {
      notify([](TrainObserver& observer) { observer.on_train_end(TrainEnd::kFailed); });
    } catch (...) {
      // See TrainObserver::on_train_end.
    }
    throw;
  }
}

/// Trains what is left of the epoch. Returns false when it was stopped before the end.
bool Trainer::train_epoch(data::DataLoader& loader) {
  model_.train();
  last_test_.reset();
  if (options_.prepare) options_.prepare(position_.epoch);
  epoch_start_ = Clock::now();
  loader_ = &loader;
  const bool done = train_steps(loader);
  const TrainPosition now = position();
  loader_ = nullptr;
  position_.epoch_s = now.epoch_s;
  position_.data_wait_s = now.data_wait_s;
  return done;
}

bool Trainer::train_steps(data::DataLoader& loader) {
  const std::int64_t first_batch =
      std::min(position_.step_in_epoch * options_.accumulate, loader.size());
  data::DataLoaderIterator batch = reading([&] { return loader.begin(first_batch); });
  while (batch != data::DataLoader::end()) {
    train_step(batch, loader);
    const StepEvent event = describe_step();
    notify([&](TrainObserver& observer) { observer.on_step(event); });
    leave_out_pauses();
    if (is_over() && position_.step < total_steps()) return false;
    reading([&] { ++batch; });
  }
  return true;
}

/// Moves the times from which it counts by what observers have held it up for.
void Trainer::leave_out_pauses() {
  double paused_s = 0;
  for (const TrainObserver* observer : observers_) paused_s += observer->paused_s();
  const auto more = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(paused_s - paused_s_));
  paused_s_ = paused_s;
  start_ += more;
  epoch_start_ += more;
}

bool Trainer::stopped() const {
  return options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed);
}

bool Trainer::is_over() const {
  return stopped() || (options_.seconds > 0 && seconds_since(start_) >= options_.seconds);
}

/// A step on `batch` and as many behind it as are accumulated; the last stays the iterator's.
void Trainer::train_step(data::DataLoaderIterator& batch, const data::DataLoader& loader) {
  const std::int64_t size = loader.options().batch_size;
  const std::int64_t first = position_.step_in_epoch * options_.accumulate;
  const std::int64_t batches = std::min(options_.accumulate, loader.size() - first);
  const std::int64_t samples = std::min(batches * size, loader.samples() - first * size);
  ++position_.step;
  ++position_.step_in_epoch;
  loss_ = 0;
  optimizer_.zero_grad();
  for (std::int64_t i = 0; i < batches; ++i) {
    if (i > 0) reading([&] { ++batch; });
    const auto count = static_cast<double>((*batch).target.size(0));
    backpropagate(*batch, batches == 1 ? 1 : count / static_cast<double>(samples));
  }
  if (options_.clip_grad > 0)
    optim::clip_grad_norm_(optimizer_.parameters(), options_.clip_grad, 2,
                           optim::NonFinite::kThrow);
  position_.lr = optimizer_.lr();
  optimizer_.step();
  // A schedule that ends with the training has no rate for a step after it.
  if (schedule_ != nullptr && position_.step < total_steps()) schedule_->step();
}

/// Adds the gradients of a batch, which is `share` of its step.
void Trainer::backpropagate(const data::Batch& batch, double share) {
  const nn::TrainingScores given = nn::training_scores(model_, batch.data);
  const Tensor loss = nn::training_loss(
      given, [&](const Tensor& scores) { return objective_->training_loss(scores, batch.target); });
  const auto value = loss.item<double>();
  check<NumericError>(std::isfinite(value), "train: loss expected finite, got ", std::abs(value),
                      " (epoch ", position_.epoch, ", step ", position_.step, ")");
  (share == 1 ? loss : loss * share).backward();
  loss_ += share * value;
  const std::int64_t count = batch.target.size(0);
  position_.samples += count;
  position_.correct += objective_->count_correct(given.scores, batch.target);
  position_.loss_sum += value * static_cast<double>(count);
}

Score Trainer::train_score() const {
  const auto count = static_cast<double>(position_.samples);
  return {position_.loss_sum / count, static_cast<double>(position_.correct) / count};
}

StepEvent Trainer::describe_step() const {
  const TrainPosition now = position();
  const Score score = train_score();
  const double pace = seconds_since(start_) / static_cast<double>(now.step - first_step_);
  return {.epoch = now.epoch,
          .step = now.step,
          .step_in_epoch = now.step_in_epoch,
          .loss = loss_,
          .lr = now.lr,
          .train_loss = score.loss,
          .train_accuracy = score.accuracy,
          .images_per_s = static_cast<double>(now.samples) / now.epoch_s,
          .eta_s = pace * static_cast<double>(total_steps() - now.step)};
}

/// Evaluates and, if asked, keeps all of it. Nothing when it was stopped meanwhile.
std::optional<Score> Trainer::judge(data::DataLoader& loader, const char* name,
                                    std::optional<Evaluation>* keep) {
  notify([&](TrainObserver& observer) { observer.on_evaluate(name); });
  std::optional<Evaluation> evaluation =
      evaluate_until(options_.stop, options_.judged == nullptr ? model_ : *options_.judged, loader,
                     options_.classes, options_.views);
  if (!evaluation) return {};
  notify([&](TrainObserver& observer) {
    observer.on_evaluated(name, *evaluation, loader.dataset().classes());
  });
  const Score score{evaluation->loss, evaluation->accuracy(), evaluation->metrics().macro_f1};
  if (keep != nullptr) *keep = std::move(evaluation);
  return score;
}

}  // namespace fovea::train
