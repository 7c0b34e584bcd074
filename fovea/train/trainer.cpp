#include "fovea/train/trainer.h"

#include <chrono>
#include <cmath>
#include <exception>
#include <functional>
#include <numeric>

#include "fovea/core/error.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"

namespace fovea::train {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// How many samples have their largest score at their class. Compared here rather than by
/// operations, which would be three more of a microsecond each.
std::int64_t count_correct(const Tensor& scores, const Tensor& target) {
  const NoGrad no_grad;
  const auto answers = argmax(scores.detach(), 1).to_vector<std::int64_t>();
  const auto classes = target.to_vector<std::int64_t>();
  return std::inner_product(answers.begin(), answers.end(), classes.begin(), std::int64_t{0},
                            std::plus<>(), std::equal_to<>());
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

/// Where a training stands.
struct Trainer::Progress {
  TrainPlan plan;
  Clock::time_point train_start = Clock::now();
  std::int64_t step = 0;  // over all epochs

  // Of the present epoch.
  std::int64_t epoch = 0;
  Clock::time_point epoch_start = Clock::now();
  std::int64_t step_in_epoch = 0;
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  double loss_sum = 0;
  double loss = 0;  // of the last step
  double lr = 0;    // of the last step

  std::int64_t total_steps() const { return plan.epochs * plan.steps_per_epoch; }
  Score train_score() const {
    const auto count = static_cast<double>(samples);
    return {loss_sum / count, static_cast<double>(correct) / count};
  }
  void begin_epoch() {
    ++epoch;
    epoch_start = Clock::now();
    step_in_epoch = samples = correct = 0;
    loss_sum = 0;
  }
};

Trainer::Trainer(nn::Module& model, optim::Optimizer& optimizer, TrainerOptions options,
                 optim::Schedule* schedule)
    : model_(model), optimizer_(optimizer), options_(options), schedule_(schedule) {
  check<ArgumentError>(options_.epochs >= 1, "Trainer: epochs expected at least 1, got ",
                       options_.epochs);
  check<ArgumentError>(options_.classes >= 1, "Trainer: classes expected at least 1, got ",
                       options_.classes);
}

TrainEnd Trainer::fit(data::DataLoader& train, data::DataLoader* val, data::DataLoader* test) {
  check<ArgumentError>(train.size() > 0,
                       "Trainer: batches of training data expected at least 1, got 0");
  Progress progress;
  progress.plan = {.epochs = options_.epochs,
                   .steps_per_epoch = train.size(),
                   .train_samples = train.samples(),
                   .val_samples = val == nullptr ? 0 : val->samples(),
                   .test_samples = test == nullptr ? 0 : test->samples()};
  notify([&](TrainObserver& observer) { observer.on_train_begin(progress.plan); });
  TrainEnd end = TrainEnd::kDone;
  while (progress.epoch < options_.epochs) {
    progress.begin_epoch();
    notify([&](TrainObserver& observer) { observer.on_epoch_begin(progress.epoch); });
    if (!train_epoch(train, progress)) {
      end = TrainEnd::kInterrupted;
      break;
    }
    EpochEvent event{.epoch = progress.epoch,
                     .step = progress.step,
                     .lr = progress.lr,
                     .train = progress.train_score()};
    event.images_per_s =
        static_cast<double>(progress.samples) / seconds_since(progress.epoch_start);
    event.data_wait_s = train.wait_seconds();
    notify([&](TrainObserver& observer) { observer.on_epoch_trained(event); });
    if (val != nullptr) {
      event.val = judge(*val, "val", val == test ? &last_test_ : nullptr);
      notify([&](TrainObserver& observer) { observer.on_validated(event); });
    }
    if (test != nullptr) event.test = val == test ? event.val : judge(*test, "test", &last_test_);
    event.time_s = seconds_since(progress.train_start);
    notify([&](TrainObserver& observer) { observer.on_epoch_end(event); });
    if (interrupted(progress)) {
      end = TrainEnd::kInterrupted;
      break;
    }
  }
  notify([&](TrainObserver& observer) { observer.on_train_end(end); });
  return end;
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

/// Returns false when it was stopped before the epoch's end.
bool Trainer::train_epoch(data::DataLoader& loader, Progress& progress) {
  model_.train();
  for (data::DataLoaderIterator batch = reading([&] { return loader.begin(); });
       batch != data::DataLoader::end(); reading([&] { ++batch; })) {
    train_step(*batch, progress);
    const StepEvent event = describe_step(progress);
    notify([&](TrainObserver& observer) { observer.on_step(event); });
    if (interrupted(progress)) return false;
  }
  return true;
}

/// A stop that comes after the last step changes nothing.
bool Trainer::interrupted(const Progress& progress) const {
  return options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed) &&
         progress.step < progress.total_steps();
}

void Trainer::train_step(data::Batch& batch, Progress& progress) {
  ++progress.step;
  ++progress.step_in_epoch;
  optimizer_.zero_grad();
  const nn::TrainingScores given = nn::training_scores(model_, batch.data);
  const Tensor loss = nn::training_loss(given, [&](const Tensor& scores) {
    return cross_entropy(scores, batch.target, {.label_smoothing = options_.label_smoothing});
  });
  progress.loss = loss.item<double>();
  check<NumericError>(std::isfinite(progress.loss), "train: loss expected finite, got ",
                      std::abs(progress.loss), " (epoch ", progress.epoch, ", step ", progress.step,
                      ")");
  loss.backward();
  progress.lr = optimizer_.lr();
  optimizer_.step();
  // A schedule that ends with the training has no rate for a step after it.
  if (schedule_ != nullptr && progress.step < progress.total_steps()) schedule_->step();

  const std::int64_t count = batch.target.size(0);
  progress.samples += count;
  progress.correct += count_correct(given.scores, batch.target);
  progress.loss_sum += progress.loss * static_cast<double>(count);
}

StepEvent Trainer::describe_step(const Progress& progress) const {
  const Score score = progress.train_score();
  const double pace = seconds_since(progress.train_start) / static_cast<double>(progress.step);
  return {
      .epoch = progress.epoch,
      .step = progress.step,
      .step_in_epoch = progress.step_in_epoch,
      .loss = progress.loss,
      .lr = progress.lr,
      .train_loss = score.loss,
      .train_accuracy = score.accuracy,
      .images_per_s = static_cast<double>(progress.samples) / seconds_since(progress.epoch_start),
      .eta_s = pace * static_cast<double>(progress.total_steps() - progress.step)};
}

/// Evaluates and, if asked, keeps all of it.
Score Trainer::judge(data::DataLoader& loader, const char* name, std::optional<Evaluation>* keep) {
  notify([&](TrainObserver& observer) { observer.on_evaluate(name); });
  Evaluation evaluation = evaluate(model_, loader, options_.classes, options_.views);
  const Score score{evaluation.loss, evaluation.accuracy()};
  if (keep != nullptr) *keep = std::move(evaluation);
  return score;
}

}  // namespace fovea::train
