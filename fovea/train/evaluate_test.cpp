#include "fovea/train/evaluate.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/core/error.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"
#include "fovea/train/answers.h"
#include "tests/support/two_classes.h"

namespace fovea::train {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::ThrowsMessage;

struct Fixture {
  data::TensorDataset dataset = test::points(10);
  data::DataLoader test{dataset, {.batch_size = 10}};
  nn::Linear model{2, 2};
};

TEST(Evaluate, IsTheMeanOverSamplesAndLeavesTheModelsMode) {
  Fixture f;
  data::DataLoader uneven(f.dataset, {.batch_size = 3});
  const Evaluation in_parts = evaluate(f.model, uneven, 2);
  const Evaluation at_once = evaluate(f.model, f.test, 2);
  EXPECT_THAT(in_parts.loss, DoubleNear(at_once.loss, 1e-6));
  EXPECT_EQ(in_parts.accuracy(), at_once.accuracy());
  EXPECT_TRUE(f.model.is_training());
  f.model.eval();
  evaluate(f.model, f.test, 2);
  EXPECT_FALSE(f.model.is_training());
  EXPECT_FALSE(f.model.parameters()[0].grad().defined());
}

/// Scores by the light of an image's left and right half.
struct Halves : nn::Module {
  Tensor forward(const Tensor& x) override {
    const std::int64_t half = x.size(3) / 2;
    const Tensor left = x.narrow(3, 0, half).sum({1, 2, 3}),
                 right = x.narrow(3, half, half).sum({1, 2, 3});
    return stack({left, right}, 1);
  }
};

TEST(Evaluate, TellsOfEachBatch) {
  Fixture f;
  data::DataLoader uneven(f.dataset, {.batch_size = 3});
  std::vector<std::int64_t> samples;
  std::vector<SampleAnswer> answers;
  const std::optional<Evaluation> evaluation = evaluate_until(
      nullptr, f.model, uneven, 2, {}, [&](const Tensor& scores, const Tensor& labels) {
        samples.push_back(labels.size(0));
        add_answers(scores, labels, answers);
      });
  EXPECT_THAT(samples, ElementsAre(3, 3, 3, 1));
  EXPECT_EQ(std::ranges::count_if(answers, &SampleAnswer::right), evaluation->correct());
}

TEST(Evaluate, TakesTheMeanScoreOfMirroredViews) {
  // [[4, 0], [1, 0]]: scores (5, 0), mirrored (0, 5); their mean leaves both classes equal.
  const data::TensorDataset dataset(tensor({4, 0, 1, 0}).reshape({1, 1, 2, 2}),
                                    zeros({1}, {.dtype = i64}));
  data::DataLoader loader(dataset, {.batch_size = 1});
  Halves model;
  EXPECT_NEAR(evaluate(model, loader, 2).loss, std::log(1 + std::exp(-5.0)), 1e-6);
  EXPECT_NEAR(evaluate(model, loader, 2, {.flip = true}).loss, std::log(2.0), 1e-6);
}

TEST(Evaluate, TakesTheMeanScoreOfMovedViews) {
  // [[4, 0], [1, 0]]: scores (5, 0); moved up (4, 0) has gone: (1, 0); down (4, 0); left, where 4
  // and 1 go: (0, 0); right (0, 5). The means are (2, 1), and with each of them mirrored (1.5,
  // 1.5).
  const data::TensorDataset dataset(tensor({4, 0, 1, 0}).reshape({1, 1, 2, 2}),
                                    zeros({1}, {.dtype = i64}));
  data::DataLoader loader(dataset, {.batch_size = 1});
  Halves model;
  EXPECT_NEAR(evaluate(model, loader, 2, {.shift = 1}).loss, std::log(1 + std::exp(-1.0)), 1e-6);
  EXPECT_NEAR(evaluate(model, loader, 2, {.flip = true, .shift = 1}).loss, std::log(2.0), 1e-6);
  EXPECT_NEAR(evaluate(model, loader, 2, {.shift = 2}).loss, std::log(1 + std::exp(-1.0)), 1e-6);
}

TEST(Evaluate, SaysWhatIsWrong) {
  Fixture f;
  data::DataLoader empty(f.dataset, {.batch_size = 11, .drop_last = true});
  EXPECT_THAT([&] { evaluate(f.model, empty, 2); },
              ThrowsMessage<ArgumentError>("evaluate: samples expected at least 1, got 0"));
  const data::TensorDataset broken(full({4, 2}, std::numeric_limits<double>::infinity()),
                                   zeros({4}, {.dtype = i64}));
  data::DataLoader loader(broken, {.batch_size = 4});
  EXPECT_THAT([&] { evaluate(f.model, loader, 2); },
              ThrowsMessage<NumericError>("evaluate: loss expected finite, got nan (batch 0)"));
  EXPECT_THAT(
      [&] { evaluate(f.model, f.test, 2, {.flip = true}); },
      ThrowsMessage<ShapeError>("evaluate: images expected [n, c, h, w] for views, got [10, 2]"));
}

}  // namespace
}  // namespace fovea::train
