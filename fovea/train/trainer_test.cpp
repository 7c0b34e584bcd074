#include "fovea/train/trainer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <new>
#include <string>

#include "fovea/core/error.h"
#include "fovea/nn/linear.h"
#include "fovea/optim/sgd.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"
#include "tests/support/two_classes.h"
#include "tests/test_seed.h"

namespace fovea::train {
namespace {

using test::points;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::ThrowsMessage;

/// Writes down what it is told.
struct Log : TrainObserver {
  void on_train_begin(const TrainPlan& given) override {
    plan = given;
    lines.push_back("begin");
  }
  void on_epoch_begin(std::int64_t epoch) override {
    lines.push_back("epoch " + std::to_string(epoch));
  }
  void on_step(const StepEvent& event) override {
    lines.push_back("step " + std::to_string(event.step));
    steps.push_back(event);
    if (stop != nullptr && event.step == stop_at) *stop = true;
  }
  void on_epoch_trained(const EpochEvent& event) override {
    EXPECT_FALSE(event.val || event.test);
    lines.push_back("trained " + std::to_string(event.epoch));
  }
  void on_validated(const EpochEvent& event) override {
    EXPECT_TRUE(event.val && !event.test);
    lines.push_back("validated " + std::to_string(event.epoch));
  }
  void on_evaluate(std::string_view data) override {
    lines.push_back("evaluate " + std::string(data));
  }
  void on_evaluated(std::string_view data, const Evaluation& evaluation,
                    const std::vector<std::string>& classes) override {
    lines.push_back("evaluated " + std::string(data) + " " + std::to_string(evaluation.samples()));
    EXPECT_EQ(classes, std::vector<std::string>({"left", "right"}));
  }
  void on_epoch_end(const EpochEvent& event) override {
    lines.push_back("end " + std::to_string(event.epoch));
    epochs.push_back(event);
    if (stop != nullptr && event.step == stop_at_epoch_end) *stop = true;
  }
  void on_train_end(TrainEnd end) override {
    lines.push_back(end == TrainEnd::kDone          ? "done"
                    : end == TrainEnd::kInterrupted ? "interrupted"
                                                    : "failed");
  }

  TrainPlan plan;
  std::vector<std::string> lines;
  std::vector<StepEvent> steps;
  std::vector<EpochEvent> epochs;
  std::atomic<bool>* stop = nullptr;
  std::int64_t stop_at = -1, stop_at_epoch_end = -1;
};

/// A linear model on the points, trained by plain gradient descent.
struct Fixture {
  explicit Fixture(const TrainerOptions& options)
      : model((manual_seed(test::seed()), nn::Linear(2, 2))), trainer(model, optimizer, options) {
    trainer.add_observer(log);
  }

  data::TensorDataset dataset = points(10);
  data::DataLoader train{dataset, {.batch_size = 4, .shuffle = true, .seed = test::seed()}};
  data::DataLoader test{dataset, {.batch_size = 10}};
  nn::Linear model;
  optim::SGD optimizer{model.parameters(), {.lr = 0.5}};
  Log log;
  Trainer trainer;
};

TEST(Trainer, TellsWhatHappensInOrder) {
  Fixture f({.epochs = 2, .classes = 2});
  EXPECT_EQ(f.trainer.fit(f.train, nullptr, &f.test), TrainEnd::kDone);
  EXPECT_THAT(f.log.lines, ElementsAre("begin", "epoch 1", "step 1", "step 2", "step 3",
                                       "trained 1", "evaluate test", "evaluated test 10", "end 1",
                                       "epoch 2", "step 4", "step 5", "step 6", "trained 2",
                                       "evaluate test", "evaluated test 10", "end 2", "done"));
  EXPECT_EQ(f.log.plan.epochs, 2);
  EXPECT_EQ(f.log.plan.steps_per_epoch, 3);
  EXPECT_EQ(f.log.plan.train_samples, 10);
  EXPECT_EQ(f.log.plan.val_samples, 0);
  EXPECT_EQ(f.log.plan.test_samples, 10);
  EXPECT_EQ(f.log.steps[4].epoch, 2);
  EXPECT_EQ(f.log.steps[4].step_in_epoch, 2);
  EXPECT_EQ(f.log.steps[4].lr, 0.5);
  EXPECT_EQ(f.log.steps[5].eta_s, 0);
  EXPECT_TRUE(f.model.is_training());
}

TEST(Trainer, EvaluatesOneLoaderOnce) {
  Fixture f({.epochs = 1, .classes = 2});
  f.trainer.fit(f.train, &f.test, &f.test);
  EXPECT_THAT(f.log.lines,
              ElementsAre("begin", "epoch 1", "step 1", "step 2", "step 3", "trained 1",
                          "evaluate val", "evaluated val 10", "validated 1", "end 1", "done"));
  EXPECT_EQ(f.log.epochs[0].val->loss, f.log.epochs[0].test->loss);
  EXPECT_TRUE(f.trainer.last_test());
}

TEST(Trainer, Learns) {
  Fixture f({.epochs = 10, .classes = 2});
  f.trainer.fit(f.train, &f.test, &f.test);
  EXPECT_EQ(f.log.epochs.back().test->accuracy, 1);
  EXPECT_LT(f.log.epochs.back().test->loss, 0.1);
  EXPECT_EQ(f.log.epochs.back().val->loss, f.log.epochs.back().test->loss);
  EXPECT_EQ(f.trainer.last_test()->confusion.correct(), 10);
}

TEST(Trainer, RunsMeansOverTheEpochBySamples) {
  Fixture f({.epochs = 1, .classes = 2});
  f.trainer.fit(f.train);
  const auto& steps = f.log.steps;
  // Batches of 4, 4 and 2.
  const double mean = (4 * steps[0].loss + 4 * steps[1].loss + 2 * steps[2].loss) / 10;
  EXPECT_THAT(f.log.epochs[0].train.loss, DoubleNear(mean, 1e-12));
  EXPECT_EQ(steps[2].train_loss, f.log.epochs[0].train.loss);
  EXPECT_EQ(steps[0].train_loss, steps[0].loss);
  EXPECT_FALSE(f.log.epochs[0].test.has_value());
  EXPECT_GT(f.log.epochs[0].images_per_s, 0);
  EXPECT_GE(f.log.epochs[0].time_s, f.log.epochs[0].data_wait_s);
}

TEST(Trainer, TakesTheStepOfTheOptimiser) {
  Fixture f({.epochs = 1, .classes = 2});
  nn::Linear twin(2, 2);
  twin.load_state_dict(f.model.state_dict());
  f.trainer.fit(f.train);

  data::DataLoader again(f.dataset, {.batch_size = 4, .shuffle = true, .seed = test::seed()});
  optim::SGD optimizer(twin.parameters(), {.lr = 0.5});
  for (auto& [x, labels] : again) {
    optimizer.zero_grad();
    cross_entropy(twin(x), labels).backward();
    optimizer.step();
  }
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_TRUE(equal(twin.parameters()[i], f.model.parameters()[i]));
}

// A sample is right whose largest score is that of its largest share.
TEST(Trainer, LearnsFromMixedTargets) {
  Fixture f({.epochs = 1, .classes = 2});
  nn::Linear twin(2, 2);
  twin.load_state_dict(f.model.state_dict());
  const data::TensorDataset odd = points(11);  // of which no half is right
  data::DataLoader train(odd, {.batch_size = 4,
                               .shuffle = true,
                               .seed = test::seed(),
                               .batch_transform = data::MixUp(2, 0.8)});
  f.trainer.fit(train);

  train.set_next_epoch(0);
  optim::SGD optimizer(twin.parameters(), {.lr = 0.5});
  std::int64_t correct = 0;
  for (auto& [x, target] : train) {
    optimizer.zero_grad();
    const Tensor scores = twin(x);
    cross_entropy(scores, target).backward();
    optimizer.step();
    correct += eq(argmax(scores, 1), argmax(target, 1)).to(i64).sum().item<std::int64_t>();
  }
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_TRUE(equal(twin.parameters()[i], f.model.parameters()[i]));
  EXPECT_EQ(f.log.epochs[0].train.accuracy, static_cast<double>(correct) / 11);
}

TEST(Trainer, StepsTheScheduleAfterEachUpdateButTheLast) {
  Fixture f({.epochs = 2, .classes = 2});
  optim::OneCycleLR schedule(f.optimizer, {.max_lr = 0.5, .total_steps = 6});
  Trainer trainer(f.model, f.optimizer, {.epochs = 2, .classes = 2}, &schedule);
  trainer.add_observer(f.log);
  trainer.fit(f.train);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(f.log.steps[i].lr, schedule.lr_at(static_cast<std::int64_t>(i))) << i;
  }
}

TEST(Trainer, StopsAfterTheStepInWhichItWasAsked) {
  std::atomic<bool> stop = false;
  Fixture f({.epochs = 2, .classes = 2, .stop = &stop});
  f.log.stop = &stop;
  f.log.stop_at = 2;
  EXPECT_EQ(f.trainer.fit(f.train, nullptr, &f.test), TrainEnd::kInterrupted);
  EXPECT_THAT(f.log.lines, ElementsAre("begin", "epoch 1", "step 1", "step 2", "interrupted"));
}

TEST(Trainer, StopsBetweenEpochsAndNotAfterTheLast) {
  for (const std::int64_t at : {3, 6}) {
    std::atomic<bool> stop = false;
    Fixture f({.epochs = 2, .classes = 2, .stop = &stop});
    f.log.stop = &stop;
    f.log.stop_at_epoch_end = at;
    EXPECT_EQ(f.trainer.fit(f.train), at == 3 ? TrainEnd::kInterrupted : TrainEnd::kDone);
    EXPECT_EQ(f.log.epochs.size(), at == 3 ? 1u : 2u);
  }
}

// What a second trainer is told is what the first would have been told from there on.
TEST(Trainer, GoesOnFromAPosition) {
  Fixture whole({.epochs = 2, .classes = 2});
  whole.trainer.fit(whole.train, nullptr, &whole.test);
  for (const std::int64_t at : {1, 3, 4, 5}) {
    std::atomic<bool> stop = false;
    Fixture f({.epochs = 2, .classes = 2, .stop = &stop});
    f.log.stop = &stop;
    f.log.stop_at = at;
    EXPECT_EQ(f.trainer.fit(f.train, nullptr, &f.test), TrainEnd::kInterrupted);
    const TrainPosition position = f.trainer.position();
    EXPECT_EQ(position.step, at);

    data::DataLoader train(f.dataset, {.batch_size = 4, .shuffle = true, .seed = test::seed()});
    Trainer other(f.model, f.optimizer, {.epochs = 2, .classes = 2});
    Log log;
    other.add_observer(log);
    other.resume(position);
    EXPECT_EQ(other.fit(train, nullptr, &f.test), TrainEnd::kDone);
    for (std::size_t i = 0; i < log.steps.size(); ++i) {
      const StepEvent& now = log.steps[i];
      const StepEvent& meant = whole.log.steps[static_cast<std::size_t>(at) + i];
      EXPECT_EQ(now.step, meant.step);
      EXPECT_EQ(now.epoch, meant.epoch);
      EXPECT_EQ(now.loss, meant.loss) << "step " << now.step << " after " << at;
      EXPECT_EQ(now.train_loss, meant.train_loss);
      EXPECT_EQ(now.train_accuracy, meant.train_accuracy);
    }
    EXPECT_EQ(log.steps.size(), 6u - static_cast<std::size_t>(at));
    ASSERT_EQ(log.epochs.size(), at <= 3 ? 2u : 1u) << "an epoch that is trained is judged first";
    EXPECT_EQ(log.epochs.back().train.loss, whole.log.epochs.back().train.loss);
    EXPECT_EQ(log.epochs.back().test->loss, whole.log.epochs.back().test->loss);
  }
}

TEST(Trainer, RefusesOptionsThatCannotBe) {
  EXPECT_THAT([] { Fixture({.accumulate = 0}); },
              ThrowsMessage<ArgumentError>("Trainer: accumulate expected at least 1, got 0"));
  EXPECT_THAT([] { Fixture({.clip_grad = -1}); },
              ThrowsMessage<ArgumentError>("Trainer: clip_grad expected at least 0, got -1"));
}

// Two batches of 3 and one of 4 make the steps that one of 6 and one of 4 make.
TEST(Trainer, AccumulatesWhatALargerBatchWouldGive) {
  Fixture large({.epochs = 1, .classes = 2}), small({.epochs = 1, .classes = 2, .accumulate = 2});
  data::DataLoader six(large.dataset, {.batch_size = 6}), three(small.dataset, {.batch_size = 3});
  large.trainer.fit(six);
  small.trainer.fit(three);
  ASSERT_EQ(small.log.steps.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(small.log.steps[i].loss, large.log.steps[i].loss, 1e-6);
    EXPECT_EQ(small.log.steps[i].train_accuracy, large.log.steps[i].train_accuracy);
  }
  EXPECT_TRUE(allclose(small.model.state_dict()[0].second, large.model.state_dict()[0].second));
}

// The largest step that a norm of 0.01 at a rate of 0.5 makes.
TEST(Trainer, ClipsGradients) {
  Fixture f({.epochs = 1, .classes = 2, .clip_grad = 0.01});
  data::DataLoader one(f.dataset, {.batch_size = 10});
  const Tensor weight = f.model.parameters()[0].detach().clone();
  const Tensor bias = f.model.parameters()[1].detach().clone();
  f.trainer.fit(one);
  const NoGrad no_grad;
  const Tensor by_weight = f.model.parameters()[0] - weight,
               by_bias = f.model.parameters()[1] - bias;
  const double moved = std::sqrt((by_weight * by_weight).sum().item<double>() +
                                 (by_bias * by_bias).sum().item<double>());
  EXPECT_NEAR(moved, 0.5 * 0.01, 1e-5);
}

TEST(Trainer, WeighsClasses) {
  const Tensor weights = tensor({1, 0});
  Fixture f({.epochs = 1, .classes = 2, .class_weights = weights});
  data::DataLoader one(f.dataset, {.batch_size = 10});
  const data::Batch all = *one.begin();
  const Tensor loss = cross_entropy(f.model(all.data), all.target, {.weight = weights});
  f.trainer.fit(one);
  EXPECT_NEAR(f.log.steps.at(0).loss, loss.item<double>(), 1e-6);
}

TEST(Trainer, EndsWhenItIsEnoughOrTheTimeIsUp) {
  Fixture enough({.epochs = 5, .classes = 2, .enough = [](const EpochEvent& event) {
                    return event.epoch == 2;
                  }});
  EXPECT_EQ(enough.trainer.fit(enough.train), TrainEnd::kEnough);
  EXPECT_EQ(enough.log.epochs.size(), 2u);
  Fixture up({.epochs = 5, .classes = 2, .seconds = 1e-9});
  EXPECT_EQ(up.trainer.fit(up.train), TrainEnd::kTimeUp);
  EXPECT_EQ(up.log.steps.size(), 1u);
}

// Another model is judged than the one that learns.
TEST(Trainer, JudgesWhatItIsTold) {
  nn::Linear other(2, 2);
  Fixture f({.epochs = 1, .classes = 2, .judged = &other});
  f.trainer.fit(f.train, nullptr, &f.test);
  EXPECT_EQ(f.log.epochs.at(0).test->loss, evaluate(other, f.test, 2).loss);
}

TEST(Trainer, RefusesAPositionThatItDoesNotHave) {
  Fixture f({.epochs = 2, .classes = 2});
  const auto refused = [&](const TrainPosition& position, const char* got) {
    f.trainer.resume(position);
    EXPECT_THAT(
        [&] { f.trainer.fit(f.train); },
        ThrowsMessage<ArgumentError>(
            str("Trainer: position to resume from expected one of 2 epochs of 3 steps, got step ",
                got)));
  };
  refused({.epoch = 3, .step = 6}, "0 of epoch 3 after 6 steps");
  refused({.epoch = 1, .step = 4, .step_in_epoch = 4}, "4 of epoch 1 after 4 steps");
  refused({.epoch = 2, .step = 2, .step_in_epoch = 1}, "1 of epoch 2 after 2 steps");
  refused({.epoch = 1, .step = 1, .step_in_epoch = 1, .judged = 1}, "1 of epoch 1 after 1 steps");
}

// Judging takes as long as an epoch where the data set is large: a stop is heard there too.
TEST(Trainer, StopsWhileItJudges) {
  std::atomic<bool> stop = false;
  Fixture f({.epochs = 1, .classes = 2, .stop = &stop});
  data::DataLoader slow(f.dataset, {.batch_size = 1});
  f.log.stop = &stop;
  f.log.stop_at = 3;
  EXPECT_EQ(f.trainer.fit(f.train, nullptr, &slow), TrainEnd::kInterrupted);
  EXPECT_EQ(f.trainer.position().step_in_epoch, 3);
  EXPECT_EQ(f.log.lines.back(), "interrupted");
  EXPECT_TRUE(f.log.epochs.empty());
}

/// Throws when it is told how the training ended, and in step `step`.
template <class Thrown>
struct Throwing : TrainObserver {
  explicit Throwing(Thrown given, std::int64_t at = 0) : error(std::move(given)), step(at) {}
  void on_step(const StepEvent& event) override {
    if (event.step == step) throw error;
  }
  void on_train_end(TrainEnd) override { throw error; }

  Thrown error;
  std::int64_t step;
};

TEST(Trainer, TellsEveryObserverAndThrowsTheFirstError) {
  Fixture f({.epochs = 1, .classes = 2});
  Throwing first(IoError("first"), 2);
  Throwing second(ArgumentError("second"), 2);
  Log last;
  f.trainer.add_observer(first);
  f.trainer.add_observer(second);
  f.trainer.add_observer(last);
  EXPECT_THAT([&] { f.trainer.fit(f.train); }, ThrowsMessage<IoError>("first"));
  EXPECT_THAT(last.lines, ElementsAre("begin", "epoch 1", "step 1", "step 2"));

  first.step = second.step = 0;
  last.lines.clear();
  EXPECT_THAT([&] { f.trainer.fit(f.train); }, ThrowsMessage<IoError>("first"));
  EXPECT_EQ(last.lines.back(), "done");
}

/// Has no samples from the fifth on.
struct Torn : data::Dataset {
  std::int64_t size() const override { return 8; }
  data::Batch get_batch(std::span<const std::int64_t> indices) const override {
    check<ParseError>(indices.back() < 4, "torn");
    return whole.get_batch(indices);
  }
  data::TensorDataset whole = points(8);
};

// Whatever else goes wrong while the steps that are done are saved.
TEST(Trainer, SaysFirstThatThereIsNoData) {
  const Torn torn;
  data::DataLoader loader(torn, {.batch_size = 4});
  const auto expect_first = [&](auto error) {
    Fixture f({.epochs = 1, .classes = 2});
    Throwing saving(error);
    Log last;
    f.trainer.add_observer(saving);
    f.trainer.add_observer(last);
    EXPECT_THAT([&] { f.trainer.fit(loader); }, ThrowsMessage<ParseError>("torn"));
    EXPECT_THAT(last.lines, ElementsAre("begin", "epoch 1", "step 1", "failed"));
  };
  expect_first(IoError("no room"));
  expect_first(std::bad_alloc());
  expect_first(std::filesystem::filesystem_error("no room", std::error_code()));
}

/// Holds a training up at its first step, and says so; by a clock that is ahead by `lie_s`.
struct Pausing : TrainObserver {
  explicit Pausing(double lie) : lie_s(lie) {}
  void on_step(const StepEvent& event) override {
    if (event.step == 1) seconds += lie_s;
    events.push_back(event);
  }
  double paused_s() const override { return seconds; }
  void on_epoch_end(const EpochEvent& event) override { epochs.push_back(event); }
  double lie_s, seconds = 0;
  std::vector<StepEvent> events;
  std::vector<EpochEvent> epochs;
};

// What was a pause is in no time that is told or kept to.
TEST(Trainer, LeavesPausesOut) {
  Pausing pausing(-1000);  // as if the training had run for so long beside it
  Fixture f({.epochs = 1, .classes = 2});
  f.trainer.add_observer(pausing);
  f.trainer.fit(f.train);
  ASSERT_EQ(pausing.epochs.size(), 1U);
  EXPECT_THAT(pausing.epochs[0].time_s, testing::AllOf(testing::Ge(1000), testing::Lt(1100)));
  EXPECT_LT(pausing.epochs[0].images_per_s, 1);
  EXPECT_LT(pausing.events[0].eta_s, 100);
  EXPECT_GT(pausing.events[1].eta_s, 100);
  EXPECT_GE(f.trainer.position().time_s, 1000);

  Pausing limited(-1000);
  Fixture g({.epochs = 1, .classes = 2, .seconds = 500});
  g.trainer.add_observer(limited);
  EXPECT_EQ(g.trainer.fit(g.train), TrainEnd::kTimeUp);
  EXPECT_EQ(limited.events.size(), 1U);
}

TEST(Trainer, RefusesALossThatIsNotANumberBeforeItReachesTheWeights) {
  Fixture f({.epochs = 1, .classes = 2});
  const data::TensorDataset broken(full({4, 2}, std::numeric_limits<double>::quiet_NaN()),
                                   zeros({4}, {.dtype = i64}));
  data::DataLoader loader(broken, {.batch_size = 4});
  EXPECT_THAT(
      [&] { f.trainer.fit(loader); },
      ThrowsMessage<NumericError>("train: loss expected finite, got nan (epoch 1, step 1)"));
  for (const Tensor& parameter : f.model.parameters())
    EXPECT_TRUE(all(isfinite(parameter.detach())).item<bool>());
}

TEST(Trainer, SaysWhatIsWrong) {
  Fixture f({.epochs = 1, .classes = 2});
  EXPECT_THAT([&] { Trainer(f.model, f.optimizer, {.epochs = 0}); },
              ThrowsMessage<ArgumentError>("Trainer: epochs expected at least 1, got 0"));
  EXPECT_THAT([&] { Trainer(f.model, f.optimizer, {.classes = 0}); },
              ThrowsMessage<ArgumentError>("Trainer: classes expected at least 1, got 0"));
  data::DataLoader empty(f.dataset, {.batch_size = 11, .drop_last = true});
  EXPECT_THAT(
      [&] { f.trainer.fit(empty); },
      ThrowsMessage<ArgumentError>("Trainer: batches of training data expected at least 1, got 0"));
}

}  // namespace
}  // namespace fovea::train
