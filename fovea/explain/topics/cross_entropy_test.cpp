#include "fovea/explain/topics/cross_entropy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/explain/topics/softmax.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<double>;

TEST(WalkSoftmax, MakesProbabilitiesOfScores) {
  // e^0, e^-log(2), e^-log(4): 1, 1/2, 1/4 of 7/4.
  const double two = std::log(2.0);
  const Walk walk = walk_softmax({.scores = tensor({3 + two, 3, 3 - two}, {.dtype = f64}),
                                  .classes = {"Bag", "Coat", "Shirt"}});
  EXPECT_THAT(
      test::numbers(get(walk, "probabilities")),
      ElementsAre(DoubleNear(4. / 7, 1e-12), DoubleNear(2. / 7, 1e-12), DoubleNear(1. / 7, 1e-12)));
  EXPECT_THAT(test::as<double>(get(walk, "sum")), DoubleNear(1.75, 1e-12));
  EXPECT_EQ(test::as<std::string>(get(walk, "answer")), "Bag");
  EXPECT_THAT(test::notes(walk), HasSubstr("\n1 / (1 + 0.5 + 0.25) = 0.5714\n"));
  EXPECT_EQ(test::first<Table>(walk).rows[2][4].english, "0.1429");
  EXPECT_EQ(test::first<Chart>(walk).series[0].y.size(), 3u);
}

TEST(WalkSoftmax, TakesScoresThatWouldOverflow) {
  const Walk walk = walk_softmax({.scores = tensor({1000, 1000})});
  EXPECT_EQ(test::numbers(get(walk, "probabilities")), (Numbers{0.5, 0.5}));
}

TEST(WalkCrossEntropy, GoesFromScoresToTheLossAndBack) {
  const double two = std::log(2.0);
  const Walk walk =
      walk_cross_entropy({.scores = tensor({two, 0, -two}, {.dtype = f64}), .target = 1});
  EXPECT_THAT(test::as<double>(get(walk, "loss")), DoubleNear(-std::log(2. / 7), 1e-12));
  EXPECT_THAT(test::numbers(get(walk, "grad_scores")),
              ElementsAre(DoubleNear(4. / 7, 1e-12), DoubleNear(-5. / 7, 1e-12),
                          DoubleNear(1. / 7, 1e-12)));
  EXPECT_THAT(test::notes(walk), HasSubstr("\n-log(0.2857) = 1.253\n"));
  EXPECT_EQ(test::first<Table>(walk).rows[1][3].english, "1");
  EXPECT_EQ(test::first<Table>(walk).rows[0][3].english, "0");
}

TEST(WalkCrossEntropy, SaysWhatItCannotShow) {
  const auto refusal = [](const CrossEntropyTopic& topic) {
    return message_of<Error>([&] { walk_cross_entropy(topic); });
  };
  EXPECT_EQ(refusal({.target = 3}), "explain cross-entropy: target expected 0 to 2, got 3");
  EXPECT_EQ(refusal({.scores = ones({1, 3})}),
            "explain cross-entropy: scores expected 1 dimension, got 2 (scores [1, 3])");
  EXPECT_EQ(refusal({.scores = ones({1001})}),
            "explain cross-entropy: classes expected at most 1000, got 1001");
  EXPECT_EQ(refusal({.classes = {"Bag"}}),
            "explain cross-entropy: names of classes expected 3, got 1");
}

}  // namespace
}  // namespace fovea::explain
