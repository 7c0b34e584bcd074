#include "fovea/explain/topics/batch_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using testing::DoubleNear;
using testing::HasSubstr;
using testing::Pointwise;
using Numbers = std::vector<double>;

auto near(const Numbers& expected, double within) {
  return Pointwise(testing::DoubleNear(within), expected);
}

TEST(WalkBatchNorm, IsWorkedByHand) {
  // Mean 5; squares 9 1 1 1 0 0 4 16: 32 / 8 = 4, and 32 / 7 for the running variance.
  const Walk walk = walk_batch_norm({.eps = 0});
  EXPECT_EQ(test::as<double>(get(walk, "mean")), 5);
  EXPECT_EQ(test::as<double>(get(walk, "variance")), 4);
  const Numbers normalized{-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2};
  EXPECT_THAT(test::numbers(get(walk, "normalized")), near(normalized, 1e-12));
  EXPECT_THAT(test::numbers(get(walk, "output")),
              near({1.25, 1.75, 1.75, 1.75, 2, 2, 2.5, 3}, 1e-12));
  const double mean = 0.5, var = 0.9 + 0.1 * 32 / 7;
  const auto& running_mean = test::as<Fields>(get(walk, "running_mean"));
  const auto& running_var = test::as<Fields>(get(walk, "running_var"));
  EXPECT_EQ(test::as<double>(get(running_mean, "before")), 0);
  EXPECT_THAT(test::as<double>(get(running_mean, "after")), DoubleNear(mean, 1e-12));
  EXPECT_THAT(test::as<double>(get(running_var, "after")), DoubleNear(var, 1e-12));
  Numbers evaluated;
  for (const double x : {2, 4, 4, 4, 5, 5, 7, 9})
    evaluated.push_back(0.5 * (x - mean) / std::sqrt(var) + 2);
  EXPECT_THAT(test::numbers(get(walk, "evaluation")), near(evaluated, 1e-12));
  EXPECT_THAT(test::notes(walk), HasSubstr("\nmean = (2 + 4 + 4 + 4 + 5 + 5 + 7 + 9) / 8 = 5\n"));
  EXPECT_THAT(test::notes(walk), HasSubstr("\nrunning_mean = (0.9x0) + (0.1x5) = 0.5\n"));
  EXPECT_THAT(test::notes(walk, Language::kKorean), HasSubstr("\n분산 = (x - 5)^2의 평균 = 4\n"));
}

TEST(WalkBatchNorm, CountsEveryValueInItsDistributions) {
  const Walk walk = walk_batch_norm();
  int charts = 0;
  for (const Block& block : walk.blocks) {
    const auto* const chart = std::get_if<Chart>(&block);
    if (chart == nullptr) continue;
    const Chart::Series& series = chart->series.at(0);
    double count = 0;
    for (const double y : series.y) count += y;
    EXPECT_EQ(count, 8) << chart->title.english;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (charts == 0 && series.x[i] == 4) {
        EXPECT_EQ(series.y[i], 3);
      }
      if (charts == 1 && series.x[i] == -0.5) {
        EXPECT_EQ(series.y[i], 3);
      }
    }
    ++charts;
  }
  EXPECT_EQ(charts, 3);
}

TEST(WalkBatchNorm, SaysWhatItCannotShow) {
  const auto refusal = [](const BatchNormTopic& topic) {
    return message_of<Error>([&] { walk_batch_norm(topic); });
  };
  EXPECT_EQ(refusal({.values = ones({1})}),
            "explain batchnorm: values expected 2 to 10000 numbers in 1 dimension, got [1]");
  EXPECT_EQ(refusal({.running_var = -1}),
            "explain batchnorm: running_var expected at least 0, got -1");
  EXPECT_EQ(refusal({.momentum = 2}), "explain batchnorm: momentum expected in [0, 1], got 2");
  EXPECT_EQ(refusal({.eps = -1}), "explain batchnorm: eps expected at least 0, got -1");
}

}  // namespace
}  // namespace fovea::explain
