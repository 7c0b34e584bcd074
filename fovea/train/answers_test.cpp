#include "fovea/train/answers.h"

#include <gmock/gmock.h>

#include <cmath>
#include <utility>

#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/train/calibration.h"
#include "fovea/train/comparison.h"

namespace fovea::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
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
  EXPECT_EQ(answers[1].answer, 1);
  EXPECT_EQ(answers[1].truth, 0);
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

TEST(Answers, TellWhatIsConfused) {
  const std::vector<SampleAnswer> answers = {{0, 0, 1},    {0, 1, 0.5F}, {0, 1, 0.9F}, {1, 0, 0.6F},
                                             {2, 0, 0.9F}, {2, 0, 0.4F}, {1, 1, 0.7F}};
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

TEST(Calibration, IsTheMeanDistanceOfConfidenceAndAccuracy) {
  // Two bins: of 0.2 and 0.4 none is right, of 0.9, 0.9 and 0.6 two are.
  const std::vector<SampleAnswer> answers = {
      {0, 1, 0.2F}, {0, 1, 0.4F}, {0, 0, 0.9F}, {1, 1, 0.9F}, {0, 1, 0.6F}};
  const Calibration calibration = calibrate(answers, 2);
  ASSERT_EQ(calibration.bins.size(), 2U);
  EXPECT_EQ(calibration.bins[0].count, 2);
  EXPECT_EQ(calibration.bins[0].accuracy, 0);
  EXPECT_NEAR(calibration.bins[0].confidence, 0.3, 1e-7);
  EXPECT_NEAR(calibration.bins[1].accuracy, 2.0 / 3, 1e-12);
  EXPECT_NEAR(calibration.bins[1].confidence, 0.8, 1e-7);
  EXPECT_NEAR(calibration.ece, 0.4 * 0.3 + 0.6 * (0.8 - 2.0 / 3), 1e-7);
  EXPECT_THAT([] { calibrate({}); },
              ThrowsMessage<ArgumentError>("calibration: answers expected at least 1, got 0"));
  EXPECT_THAT([&] { calibrate(answers, 0); },
              ThrowsMessage<ArgumentError>("calibration: bins expected at least 1, got 0"));
}

TEST(Calibration, ABinEndsWithItsUpperEdge) {
  const Calibration calibration = calibrate({{0, 0, 0.5F}, {0, 0, 0}, {0, 0, 1}}, 2);
  EXPECT_EQ(calibration.bins[0].count, 2);
  EXPECT_EQ(calibration.bins[1].count, 1);
}

/// Answers of two models to samples of which one alone answers `a` and `b` right.
std::pair<std::vector<SampleAnswer>, std::vector<SampleAnswer>> answers_of(std::int64_t only_a,
                                                                           std::int64_t only_b) {
  std::pair<std::vector<SampleAnswer>, std::vector<SampleAnswer>> both;
  const auto add = [&](std::int64_t count, std::int64_t a, std::int64_t b) {
    both.first.insert(both.first.end(), static_cast<std::size_t>(count), {0, a, 0.5F});
    both.second.insert(both.second.end(), static_cast<std::size_t>(count), {0, b, 0.5F});
  };
  add(7, 0, 0);
  add(only_a, 0, 1);
  add(only_b, 1, 0);
  add(3, 1, 1);
  return both;
}

Comparison comparison_of(std::int64_t only_a, std::int64_t only_b) {
  const auto [a, b] = answers_of(only_a, only_b);
  return compare(a, b);
}

TEST(Comparison, IsMcNemarsTest) {
  // By whole numbers of binomials, and by Simpson's rule over the density.
  EXPECT_NEAR(comparison_of(3, 12).p, 0.03515625, 1e-12);
  EXPECT_NEAR(comparison_of(0, 5).p, 0.0625, 1e-12);
  EXPECT_EQ(comparison_of(0, 0).p, 1);
  EXPECT_EQ(comparison_of(10, 10).p, 1);
  EXPECT_TRUE(comparison_of(12, 12).exact);
  const Comparison many = comparison_of(86, 150);
  EXPECT_FALSE(many.exact);
  EXPECT_NEAR(many.p, 4.11456228134e-05, 1e-15);
  EXPECT_EQ(many.both_right, 7);
  EXPECT_EQ(many.only_a, 86);
  EXPECT_EQ(many.only_b, 150);
  EXPECT_EQ(many.both_wrong, 3);
  EXPECT_NEAR(comparison_of(15, 10).p, 0.4237107971668, 1e-12);
  EXPECT_EQ(comparison_of(30, 30).p, 1);
}

TEST(Comparison, SaysWhatThatMeans) {
  const Text better = comparison_of(86, 150).verdict("dnn", "cnn");
  EXPECT_THAT(better.english, testing::StartsWith("cnn is better than dnn by more than chance"));
  EXPECT_THAT(better.english, HasSubstr("86 : 150"));
  EXPECT_THAT(better.korean, HasSubstr("cnn이(가) dnn보다"));
  EXPECT_THAT(comparison_of(3, 2).verdict("a", "b").english,
              testing::StartsWith("No difference can be told between a and b"));
}

TEST(Comparison, NeedsTheSameSamples) {
  EXPECT_THAT(
      [] {
        compare({{0, 0, 1}}, {});
      },
      ThrowsMessage<ArgumentError>(
          "comparison: answers expected to the same samples, got 1 and 0"));
  EXPECT_THAT(
      [] {
        compare({{0, 0, 1}}, {{1, 0, 1}});
      },
      ThrowsMessage<ArgumentError>("comparison: samples expected to be the same, got "
                                   "classes 0 and 1 (sample 0)"));
}

}  // namespace
}  // namespace fovea::train
