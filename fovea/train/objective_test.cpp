#include "fovea/train/objective.h"

#include <gmock/gmock.h>

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/nn/linear.h"
#include "fovea/nn/losses.h"
#include "fovea/optim/sgd.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/train/config.h"
#include "fovea/train/trainer.h"
#include "tests/test_seed.h"

namespace fovea::train {
namespace {

using data::Targets;
using testing::DoubleNear;
using testing::ThrowsMessage;

const Tensor kScores = tensor({{0.5, -1., 2.}, {-0.25, 3., -2.}, {1., 1., 1.}}).to(f32);
const Tensor kShown = tensor({{1., 0., 1.}, {0., 0., 0.}, {1., 1., 1.}}).to(f32);

TEST(Objective, OfOneClassIsCrossEntropy) {
  const Tensor target = from_data(std::vector<std::int64_t>{2, 1, 2}, {3});
  const Tensor weights = tensor({1., 2., 3.}).to(f32);
  const auto objective = make_objective(
      Targets::kSingleLabel, {.classes = 3, .label_smoothing = 0.1, .class_weights = weights});
  EXPECT_EQ(objective->training_loss(kScores, target).item(),
            cross_entropy(kScores, target, {.weight = weights, .label_smoothing = 0.1}).item());
  EXPECT_EQ(objective->loss(kScores, target).item(), cross_entropy(kScores, target).item());
  EXPECT_EQ(objective->count_correct(kScores, target), 2);
  EXPECT_EQ(objective->count_correct(kScores, one_hot(target, 3).to(f32)), 2);
  Evaluation evaluation = objective->begin();
  objective->count(evaluation, kScores, target);
  objective->keep_mistakes(evaluation, kScores, target, 0);
  EXPECT_EQ(evaluation.correct(), 2);
  EXPECT_EQ(evaluation.samples(), 3);
  EXPECT_FALSE(evaluation.labels);
  EXPECT_EQ(evaluation.mistakes.size(), 1u);
}

TEST(Objective, OfManyLabelsIsBinaryCrossEntropy) {
  const Tensor weights = tensor({1., 2., 3.}).to(f32);
  const auto objective =
      make_objective(Targets::kMultiLabel, {.classes = 3, .class_weights = weights});
  Tensor x = kScores.clone(), y = kScores.clone();
  x.set_requires_grad(true);
  y.set_requires_grad(true);
  const Tensor loss = objective->training_loss(x, kShown);
  const Tensor expected = nn::BCEWithLogitsLoss({.pos_weight = weights})(y, kShown);
  EXPECT_EQ(loss.item(), expected.item());
  loss.backward();
  expected.backward();
  EXPECT_EQ(x.grad().to_vector(), y.grad().to_vector());
  EXPECT_EQ(objective->loss(kScores, kShown).item(),
            binary_cross_entropy_with_logits(kScores, kShown).item());
  EXPECT_EQ(objective->count_correct(kScores, kShown), 2);
  EXPECT_EQ(objective->count_correct(kScores, kShown * 0.5), 2) << "of shares those from 1/2 on";
  Evaluation evaluation = objective->begin();
  objective->count(evaluation, kScores, kShown);
  objective->keep_mistakes(evaluation, kScores, kShown, 5);
  EXPECT_EQ(evaluation.correct(), 2);
  EXPECT_EQ(evaluation.samples(), 3);
  EXPECT_EQ(evaluation.confusion.classes(), 0);
  ASSERT_EQ(evaluation.mistakes.size(), 1u);
  EXPECT_EQ(evaluation.mistakes[0].sample, 6);
  EXPECT_DOUBLE_EQ(evaluation.metrics().label_accuracy, 8.0 / 9);
}

TEST(Objective, SaysWhatMakesNoSense) {
  EXPECT_THAT([] { make_objective(Targets::kMultiLabel, {.classes = 0}); },
              ThrowsMessage<ArgumentError>("make_objective: classes expected at least 1, got 0"));
  EXPECT_THAT([] { make_objective(Targets::kMultiLabel, {.classes = 2, .label_smoothing = 0.1}); },
              ThrowsMessage<ArgumentError>(
                  "make_objective: label_smoothing expected 0 for multi-label targets, got 0.1"));
  TrainConfig config;
  config.data = "a.csv";
  EXPECT_NO_THROW(check_objective(config, Targets::kMultiLabel));
  config.label_smoothing = 0.1;
  EXPECT_NO_THROW(check_objective(config, Targets::kSingleLabel));
  EXPECT_THAT([&] { check_objective(config, Targets::kMultiLabel); },
              ThrowsMessage<ArgumentError>(
                  "config: label_smoothing expected 0 for multi-label data, got 0.1 (a.csv)"));
  config.label_smoothing = 0;
  config.sampling = "balanced";
  EXPECT_THAT([&] { check_objective(config, Targets::kMultiLabel); },
              ThrowsMessage<ArgumentError>(
                  "config: sampling expected all for multi-label data, got \"balanced\" (a.csv)"));
}

/// Points whose two coordinates say, each by its sign, which of two labels they have.
data::TensorDataset signs(std::int64_t n) {
  std::vector<float> data, target;
  for (std::int64_t i = 0; i < n; ++i) {
    for (const bool there : {i % 2 == 1, i / 2 % 2 == 1}) {
      data.push_back(there ? 1.0F : -1.0F);
      target.push_back(there ? 1.0F : 0.0F);
    }
  }
  return {from_data(data, {n, 2}), from_data(target, {n, 2}), {"a", "b"}, {}, Targets::kMultiLabel};
}

TEST(Objective, IsWhatATrainerLearnsByTheTargetsOfTheData) {
  const data::TensorDataset dataset = signs(16);
  data::DataLoader train(dataset, {.batch_size = 4, .shuffle = true, .seed = test::seed()});
  data::DataLoader judged(dataset, {.batch_size = 5});
  manual_seed(test::seed());
  nn::Linear model(2, 2);
  nn::Linear twin(2, 2);
  twin.load_state_dict(model.state_dict());
  optim::SGD optimizer(model.parameters(), {.lr = 0.5}), other(twin.parameters(), {.lr = 0.5});
  Trainer trainer(model, optimizer, {.epochs = 8, .classes = 2});
  trainer.fit(train, nullptr, &judged);
  const Evaluation& last = trainer.last_test().value();
  EXPECT_EQ(last.accuracy(), 1);
  EXPECT_LT(last.loss, 0.3);
  EXPECT_EQ(last.metrics().mean_average_precision, 1);
  EXPECT_EQ(trainer.position().correct, 16);

  // The loop written out.
  data::DataLoader again(dataset, {.batch_size = 4, .shuffle = true, .seed = test::seed()});
  nn::BCEWithLogitsLoss criterion;
  for (int epoch = 0; epoch < 8; ++epoch) {
    for (auto& [points, labels] : again) {
      const Tensor loss = criterion(twin(points), labels);
      other.zero_grad();
      loss.backward();
      other.step();
    }
  }
  EXPECT_EQ(model.parameters()[0].to_vector(), twin.parameters()[0].to_vector());
  double loss = criterion(twin(dataset.data()), dataset.target()).item();
  EXPECT_THAT(last.loss, DoubleNear(loss, 1e-6)) << "a mean over samples, in whatever batches";
}

}  // namespace
}  // namespace fovea::train
