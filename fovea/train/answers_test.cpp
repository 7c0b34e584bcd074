#include "fovea/train/answers.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fovea/core/error.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

/// Scores are the samples themselves.
class Same final : public nn::Module {
 public:
  Tensor forward(const Tensor& x) override { return x; }
};

TEST(Answers, AreTheLargestScoresWithTheirProbabilities) {
  const data::TensorDataset dataset(tensor({{2.0F, 0.0F}, {0.0F, 1.0F}, {3.0F, 3.0F}}),
                                    tensor({0, 0, 1}));
  data::DataLoader loader(dataset, {.batch_size = 2});
  Same model;
  std::vector<std::int64_t> told;
  const auto answers = *answer_all(model, loader, nullptr, [&](auto done, auto total) {
    EXPECT_EQ(total, 3);
    told.push_back(done);
  });
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_TRUE(answers[0].right());
  EXPECT_FLOAT_EQ(answers[0].probability, static_cast<float>(1 / (1 + std::exp(-2.0))));
  EXPECT_EQ(answers[0].truth_probability, answers[0].probability);
  EXPECT_EQ(answers[1].answer, 1);
  EXPECT_EQ(answers[1].truth, 0);
  EXPECT_FLOAT_EQ(answers[1].truth_probability, static_cast<float>(1 / (1 + std::exp(1.0))));
  EXPECT_EQ(answers[2].answer, 0);  // the first of equals
  EXPECT_THAT(told, ElementsAre(2, 3));
  EXPECT_TRUE(model.is_training());
  const std::atomic<bool> stop{true};
  EXPECT_FALSE(answer_all(model, loader, &stop));
}

TEST(Answers, OfSeveralLabelsAreRefused) {
  const data::TensorDataset dataset(zeros({2, 2}), zeros({2, 2}), {}, {},
                                    data::Targets::kMultiLabel);
  data::DataLoader loader(dataset, {.batch_size = 2});
  Same model;
  EXPECT_THAT(
      [&] { answer_all(model, loader); },
      ThrowsMessage<ShapeError>("answers: targets expected one class a sample, got several"));
}

TEST(Answers, ThatCannotBeAreNamed) {
  Same model;
  const data::TensorDataset beyond(zeros({2, 2}), tensor({1, 2}));
  data::DataLoader loader(beyond, {.batch_size = 1});
  EXPECT_THAT([&] { answer_all(model, loader); },
              ThrowsMessage<IndexError>("answers: class expected in [0, 2), got 2 (sample 1)"));
  const data::TensorDataset broken(full({1, 2}, std::numeric_limits<double>::quiet_NaN()),
                                   tensor({1}));
  data::DataLoader nothing(broken, {.batch_size = 1});
  EXPECT_THAT(
      [&] { answer_all(model, nothing); },
      ThrowsMessage<NumericError>("answers: probability expected finite, got nan (sample 0)"));
}

TEST(Answers, TellWhatIsConfused) {
  const std::vector<SampleAnswer> answers = {{.truth = 0, .answer = 0, .probability = 1},
                                             {.truth = 0, .answer = 1, .probability = 0.5F},
                                             {.truth = 0, .answer = 1, .probability = 0.9F},
                                             {.truth = 1, .answer = 0, .probability = 0.6F},
                                             {.truth = 2, .answer = 0, .probability = 0.9F},
                                             {.truth = 2, .answer = 0, .probability = 0.4F},
                                             {.truth = 1, .answer = 1, .probability = 0.7F}};
  const std::vector<Confusion> pairs = most_confused(answers, 2);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].truth, 0);
  EXPECT_EQ(pairs[0].answer, 1);
  EXPECT_EQ(pairs[0].count, 2);
  EXPECT_EQ(pairs[1].truth, 2);
  EXPECT_THAT(samples_of_cell(answers, 0, 1), ElementsAre(2, 1));
  EXPECT_THAT(samples_of_cell(answers, 1, 1), ElementsAre(6));
  EXPECT_THAT(surest_mistakes(answers, 3), ElementsAre(2, 4, 3));
}

}  // namespace
}  // namespace fovea::train
