#include "fovea/train/metrics.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/golden.h"

namespace fovea::train {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

using Labels = std::vector<std::int64_t>;

ConfusionMatrix judged(std::int64_t classes, const Labels& truth, const Labels& answers) {
  ConfusionMatrix confusion(classes);
  confusion.add(truth, answers);
  return confusion;
}

// The chapter's section 9: 90 of 100 samples are one class, and that class is always the answer.
TEST(Metrics, SeeThroughAClassifierThatAlwaysAnswersTheLargestClass) {
  Labels truth(100, 0);
  std::fill(truth.begin() + 90, truth.end(), 1);
  const std::vector<std::string> names = {"healthy", "ill"};
  const Metrics metrics = summarize(judged(2, truth, Labels(100, 0)), names);
  EXPECT_EQ(metrics.samples, 100);
  EXPECT_THAT(metrics.accuracy, DoubleEq(0.9));
  EXPECT_THAT(metrics.error_rate, DoubleEq(0.1));
  EXPECT_THAT(metrics.majority_share, DoubleEq(0.9));
  EXPECT_THAT(metrics.per_class[0].precision, DoubleEq(0.9));
  EXPECT_THAT(metrics.per_class[0].recall, DoubleEq(1));
  EXPECT_THAT(metrics.per_class[0].f1, DoubleEq(1.8 / 1.9));
  EXPECT_EQ(metrics.per_class[0].support, 90);
  EXPECT_EQ(metrics.per_class[1].precision, 0);
  EXPECT_EQ(metrics.per_class[1].recall, 0);
  EXPECT_EQ(metrics.per_class[1].f1, 0);
  EXPECT_EQ(metrics.per_class[1].support, 10);
  EXPECT_THAT(metrics.macro_f1, DoubleEq(0.9 / 1.9));
  EXPECT_THAT(metrics.warnings, ElementsAre("accuracy 90.0 % is close to the share of the largest "
                                            "class, 90.0 %: always answering that "
                                            "class scores about as much",
                                            "class \"ill\" is never predicted (10 samples)"));
}

// By hand: rows are the truth. Precision by column, recall by row.
//   2 1 0
//   1 3 1
//   0 0 2
TEST(Metrics, FollowFromTheMatrixAsWorkedByHand) {
  const ConfusionMatrix confusion =
      judged(3, {0, 0, 0, 1, 1, 1, 1, 1, 2, 2}, {0, 0, 1, 0, 1, 1, 1, 2, 2, 2});
  EXPECT_EQ(confusion.count(1, 2), 1);
  EXPECT_EQ(confusion.support(1), 5);
  EXPECT_EQ(confusion.answered(1), 4);
  EXPECT_EQ(confusion.correct(), 7);
  const Metrics metrics = summarize(confusion);
  EXPECT_THAT(metrics.accuracy, DoubleEq(0.7));
  EXPECT_THAT(metrics.majority_share, DoubleEq(0.5));
  EXPECT_THAT(metrics.per_class[1].precision, DoubleEq(3.0 / 4));
  EXPECT_THAT(metrics.per_class[1].recall, DoubleEq(3.0 / 5));
  EXPECT_THAT(metrics.per_class[1].f1, DoubleEq(2.0 / 3));  // 2 * 3 / (4 + 5)
  EXPECT_THAT(metrics.per_class[0].f1, DoubleEq(2.0 / 3));  // 2 * 2 / (3 + 3)
  EXPECT_THAT(metrics.per_class[2].f1, DoubleEq(0.8));      // 2 * 2 / (3 + 2)
  EXPECT_THAT(metrics.macro_f1, DoubleEq((2.0 / 3 + 2.0 / 3 + 0.8) / 3));
  EXPECT_THAT(metrics.per_class[2].name, "2");
  EXPECT_THAT(metrics.warnings, IsEmpty());
}

// tests/golden/metrics.py
TEST(Metrics, AreThoseOfScikitLearn) {
  const auto golden = test::load_golden_tensors("metrics.safetensors");
  for (int number = 0; number < 4; ++number) {
    const std::string name = "class00" + std::to_string(number) + ".";
    SCOPED_TRACE(name);
    const std::int64_t classes = golden.at(name + "classes").size(0);
    const ConfusionMatrix confusion =
        judged(classes, golden.at(name + "truth").to_vector<std::int64_t>(),
               golden.at(name + "answers").to_vector<std::int64_t>());
    const auto counts = golden.at(name + "confusion").to_vector<std::int64_t>();
    const auto by_class = golden.at(name + "classes").to_vector<double>();
    const auto summary = golden.at(name + "summary").to_vector<double>();
    const Metrics metrics = summarize(confusion);
    EXPECT_THAT(metrics.accuracy, testing::DoubleNear(summary[0], 1e-12));
    EXPECT_THAT(metrics.macro_f1, testing::DoubleNear(summary[1], 1e-12));
    for (std::int64_t i = 0; i < classes; ++i) {
      for (std::int64_t k = 0; k < classes; ++k)
        EXPECT_EQ(confusion.count(i, k), counts.at(static_cast<std::size_t>(i * classes + k)));
      const ClassMetrics& one = metrics.per_class.at(static_cast<std::size_t>(i));
      const std::vector<double> got = {one.precision, one.recall, one.f1};
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_THAT(got[k],
                    testing::DoubleNear(by_class.at(3 * static_cast<std::size_t>(i) + k), 1e-12))
            << i << " " << k;
      }
    }
  }
}

TEST(Metrics, LeaveClassesThatDoNotOccurOutOfTheMean) {
  const Metrics metrics = summarize(judged(4, {0, 1, 0, 1}, {0, 1, 0, 1}));
  EXPECT_THAT(metrics.macro_f1, DoubleEq(1));
  EXPECT_EQ(metrics.per_class[3].f1, 0);
  EXPECT_THAT(metrics.warnings, IsEmpty()) << "a class without samples need not be predicted";
}

TEST(Metrics, WarnOnlyWhenAFifthOfTheErrorsIsNotAvoided) {
  // 10 of 100 in the small class; always answering the large one errs 10 times, and 8 errors are
  // the limit.
  const auto with_errors = [](int errors) {
    Labels truth(100, 0), answers(100, 0);
    std::fill(truth.begin() + 90, truth.end(), 1);
    std::fill(answers.begin() + 90 + errors, answers.end(), 1);
    return summarize(judged(2, truth, answers)).warnings;
  };
  EXPECT_THAT(with_errors(7), IsEmpty());
  EXPECT_THAT(with_errors(9), testing::SizeIs(1));
}

TEST(ConfusionMatrix, TakesTheClassWithTheLargestScore) {
  ConfusionMatrix confusion(3);
  const Tensor scores = tensor({{0, 2, 1}, {5, 5, 1}, {-3, -2, -1}});
  confusion.add_scores(scores, from_data(Labels{1, 1, 0}, {3}));
  EXPECT_EQ(confusion.count(1, 1), 1);
  EXPECT_EQ(confusion.count(1, 0), 1) << "the first of equals";
  EXPECT_EQ(confusion.count(0, 2), 1);
}

TEST(ConfusionMatrix, SaysWhatIsWrongAndCountsNothingThen) {
  ConfusionMatrix confusion(3);
  EXPECT_THAT(
      [&] {
        confusion.add(Labels{0, 3}, Labels{0, 0});
      },
      ThrowsMessage<IndexError>("ConfusionMatrix: label expected in [0, 3), got 3"));
  EXPECT_THAT(
      [&] {
        confusion.add(Labels{0, 1}, Labels{0, -1});
      },
      ThrowsMessage<IndexError>("ConfusionMatrix: answer expected in [0, 3), got -1"));
  EXPECT_THAT([&] { confusion.add(Labels{0}, Labels{}); },
              ThrowsMessage<ArgumentError>("ConfusionMatrix: answers expected 1, got 0"));
  EXPECT_THAT(
      [&] {
        confusion.add_scores(zeros({2, 4}), from_data(Labels{0, 1}, {2}));
      },
      ThrowsMessage<ShapeError>("ConfusionMatrix: scores expected [n, 3], got [2, 4]"));
  EXPECT_THAT(
      [&] {
        confusion.add_scores(zeros({2, 3}), from_data(Labels{0}, {1}));
      },
      ThrowsMessage<ShapeError>("ConfusionMatrix: truth expected [2], got [1]"));
  EXPECT_EQ(confusion.total(), 0);
  EXPECT_THAT([&] { summarize(confusion); },
              ThrowsMessage<ArgumentError>("summarize: samples expected at least 1, got 0"));
  const std::vector<std::string> names(4, "a class");
  EXPECT_THAT([&] { summarize(judged(3, {0}, {0}), names); },
              ThrowsMessage<ArgumentError>("summarize: names expected at most 3, got 4"));
  EXPECT_THAT([] { ConfusionMatrix(0); },
              ThrowsMessage<ArgumentError>("ConfusionMatrix: classes expected at least 1, got 0"));
}

// tests/golden/metrics.py
TEST(LabelScores, AreJudgedAsByScikitLearn) {
  const auto golden = test::load_golden_tensors("metrics.safetensors");
  for (int number = 0; number < 4; ++number) {
    const std::string name = "case00" + std::to_string(number) + ".";
    SCOPED_TRACE(name);
    const Tensor scores = golden.at(name + "scores"), truth = golden.at(name + "truth").to(f32);
    const std::int64_t samples = scores.size(0), half = samples / 2;
    LabelScores labels(scores.size(1));
    labels.add(scores.slice(0, 0, half), truth.slice(0, 0, half));
    labels.add(scores.slice(0, half, samples), truth.slice(0, half, samples));
    const Metrics metrics = summarize(labels);
    const auto summary = golden.at(name + "summary").to_vector<double>();
    EXPECT_EQ(metrics.samples, samples);
    EXPECT_THAT(metrics.accuracy, testing::DoubleNear(summary[0], 1e-12));
    EXPECT_THAT(metrics.error_rate, testing::DoubleNear(1 - summary[0], 1e-12));
    EXPECT_THAT(metrics.label_accuracy, testing::DoubleNear(summary[1], 1e-12));
    EXPECT_THAT(metrics.macro_f1, testing::DoubleNear(summary[2], 1e-12));
    EXPECT_THAT(metrics.mean_average_precision, testing::DoubleNear(summary[3], 1e-12));
    const auto classes = golden.at(name + "classes").to_vector<double>();
    const auto counts = golden.at(name + "counts").to_vector<std::int64_t>();
    ASSERT_EQ(metrics.per_class.size() * 4, classes.size());
    for (std::size_t i = 0; i < metrics.per_class.size(); ++i) {
      const ClassMetrics& one = metrics.per_class[i];
      const std::vector<double> got = {one.precision, one.recall, one.f1, one.average_precision};
      for (std::size_t k = 0; k < 4; ++k)
        EXPECT_THAT(got[k], testing::DoubleNear(classes[4 * i + k], 1e-12)) << i << " " << k;
      EXPECT_EQ(one.hits, counts[4 * i + 3]);
      EXPECT_EQ(one.answered, counts[4 * i + 3] + counts[4 * i + 1]);
      EXPECT_EQ(one.support, counts[4 * i + 3] + counts[4 * i + 2]);
    }
  }
}

// By hand: sample 2 is right in all labels, 0 and 1 in one; two of four have no label.
TEST(LabelScores, FollowAsWorkedByHand) {
  LabelScores labels(2);
  labels.add(tensor({{0., 1.}, {-1., -3.}, {-1., 2.}, {-5., 0.5}}),
             tensor({{1., 0.}, {1., 0.}, {0., 1.}, {0., 0.}}));
  EXPECT_EQ(labels.correct(), 1);
  EXPECT_EQ(labels.most_of_a_set(), 2) << "label 0 alone";
  const std::vector<std::string> names = {"cat", "dog"};
  const Metrics metrics = summarize(labels, names);
  EXPECT_THAT(metrics.accuracy, DoubleEq(0.25));
  EXPECT_THAT(metrics.majority_share, DoubleEq(0.5));
  EXPECT_THAT(metrics.label_accuracy, DoubleEq(5.0 / 8));
  EXPECT_THAT(metrics.per_class[0].precision, DoubleEq(1));
  EXPECT_THAT(metrics.per_class[0].recall, DoubleEq(0.5));
  EXPECT_THAT(metrics.per_class[1].precision, DoubleEq(1.0 / 3));
  // 0 (there), then the tie of 1 (there) and 2: 1/2 1 + 1/2 2/3.
  EXPECT_THAT(metrics.per_class[0].average_precision, DoubleEq(0.5 + 1.0 / 3));
  EXPECT_THAT(metrics.per_class[1].average_precision, DoubleEq(1));
  EXPECT_THAT(metrics.warnings,
              ElementsAre("accuracy 25.0 % is close to the share of the commonest set of labels, "
                          "50.0 %: always answering that set scores about as much"));
}

TEST(LabelScores, TellNoEqualScoresApart) {
  LabelScores labels(2);
  labels.add(tensor({{1., 0.}, {1., 0.}, {1., 0.}, {0., 0.}}),
             tensor({{1., 0.}, {1., 1.}, {0., 0.}, {1., 0.}}));
  // Label 0: two of three at 1, then three of four at 0.
  EXPECT_THAT(labels.average_precision(0), DoubleEq(2.0 / 3 * 2 / 3 + 1.0 / 3 * 3 / 4));
  EXPECT_THAT(labels.average_precision(1), DoubleEq(0.25));
  EXPECT_EQ(labels.most_of_a_set(), 2) << "label 0 alone, and not all with label 0";
}

TEST(LabelScores, SayWhatIsWrong) {
  LabelScores labels(3);
  EXPECT_THAT(
      [&] {
        labels.add(zeros({2, 4}), zeros({2, 4}));
      },
      ThrowsMessage<ShapeError>("LabelScores: scores expected [n, 3], got [2, 4]"));
  EXPECT_THAT(
      [&] {
        labels.add(zeros({2, 3}), zeros({3}));
      },
      ThrowsMessage<ShapeError>("LabelScores: truth expected [2, 3], got [3]"));
  EXPECT_EQ(labels.total(), 0);
  EXPECT_THAT([&] { summarize(labels); },
              ThrowsMessage<ArgumentError>("summarize: samples expected at least 1, got 0"));
  EXPECT_THAT([] { LabelScores(0); },
              ThrowsMessage<ArgumentError>("LabelScores: classes expected at least 1, got 0"));
  labels.add(full({1, 3}, -1.0), zeros({1, 3}));
  EXPECT_EQ(summarize(labels).macro_f1, 0) << "of no class";
  EXPECT_EQ(summarize(labels).mean_average_precision, 0);
}

}  // namespace
}  // namespace fovea::train
