#include "fovea/train/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

using testing::DoubleNear;

Tensor classes(const std::vector<std::int64_t>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return from_data(values, {count});
}

TEST(KeepSurest, SaysWhatWasTakenForWhatAndHowSurely) {
  std::vector<Mistake> mistakes;
  const double three = std::log(3.0);
  // Right, wrong with 3 of 5, wrong with 3 of 4, a tie that goes to the first class.
  const Tensor scores =
      tensor({{5., 0., 0.}, {0., three, 0.}, {-INFINITY, 0., three}, {1., 1., -20.}});
  keep_surest(mistakes, scores, classes({0, 0, 1, 1}), 100);
  ASSERT_EQ(mistakes.size(), 3u);
  EXPECT_EQ(mistakes[0].sample, 102);
  EXPECT_EQ(mistakes[0].truth, 1);
  EXPECT_EQ(mistakes[0].answer, 2);
  EXPECT_THAT(mistakes[0].probability, DoubleNear(0.75, 1e-6));
  EXPECT_THAT(mistakes[0].truth_probability, DoubleNear(0.25, 1e-6));
  EXPECT_EQ(mistakes[1].sample, 101);
  EXPECT_THAT(mistakes[1].probability, DoubleNear(0.6, 1e-6));
  EXPECT_THAT(mistakes[1].truth_probability, DoubleNear(0.2, 1e-6));
  EXPECT_EQ(mistakes[2].sample, 103);
  EXPECT_EQ(mistakes[2].answer, 0);
}

TEST(KeepSurest, KeepsAFewOverAllBatches) {
  std::vector<Mistake> mistakes;
  // Sample i is wrong with a score that rises to the middle and falls again: samples 50 and 51,
  // 49 and 52, ... are equally sure.
  for (std::int64_t first = 0; first < 102; first += 17) {
    const Tensor height = -abs(arange(0, 17).to(f32) + (static_cast<double>(first) - 50.5));
    keep_surest(mistakes, stack({height * 0.01, zeros({17}) - 1.0}, 1), ones({17}).to(i64), first);
  }
  ASSERT_EQ(mistakes.size(), kMostMistakes);
  for (std::size_t i = 0; i < kMostMistakes; ++i) {
    const auto half = static_cast<std::int64_t>(i / 2);
    EXPECT_EQ(mistakes[i].sample, i % 2 == 0 ? 50 - half : 51 + half) << i;
  }
}

TEST(KeepSurest, TakesTheSurestWrongLabelOfEachSample) {
  std::vector<Mistake> mistakes;
  const double three = std::log(3.0);
  // Right; wrongly there with 3 of 4, and one missed less surely; missed with 3 of 4, less surely
  // there; 0 counts as there.
  keep_surest_labels(mistakes, tensor({{5., -5.}, {three, -0.5}, {-three, 0.25}, {-9., 0.}}),
                     tensor({{1., 0.}, {0., 1.}, {1., 0.}, {0., 0.}}), 10);
  ASSERT_EQ(mistakes.size(), 3u);
  EXPECT_EQ(mistakes[0].sample, 11);
  EXPECT_EQ(mistakes[0].answer, 0);
  EXPECT_EQ(mistakes[0].truth, -1);
  EXPECT_THAT(mistakes[0].probability, DoubleNear(0.75, 1e-6));
  EXPECT_THAT(mistakes[0].truth_probability, DoubleNear(0.25, 1e-6));
  EXPECT_EQ(mistakes[1].sample, 12);
  EXPECT_EQ(mistakes[1].answer, -1);
  EXPECT_EQ(mistakes[1].truth, 0);
  EXPECT_THAT(mistakes[1].probability, DoubleNear(0.75, 1e-6));
  EXPECT_EQ(mistakes[2].sample, 13);
  EXPECT_EQ(mistakes[2].answer, 1);
  EXPECT_EQ(mistakes[2].probability, 0.5);
}

}  // namespace
}  // namespace fovea::train
