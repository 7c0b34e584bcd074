#include "fovea/data/sampler.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/core/error.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;

TEST(Permutation, HoldsEachNumberOnce) {
  Indices values = permutation(1000, {test::seed(), 3});
  EXPECT_FALSE(std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (std::int64_t i = 0; i < 1000; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
  EXPECT_THAT(permutation(0, {}), IsEmpty());
  EXPECT_THAT(permutation(1, {}), ElementsAre(0));
  EXPECT_THAT([] { permutation(-1, {}); },
              ThrowsMessage<ArgumentError>("permutation: n expected at least 0, got -1"));
  EXPECT_THAT([] { RandomSampler(-1, 0); },
              ThrowsMessage<ArgumentError>("RandomSampler: size expected at least 0, got -1"));
}

// Each of the 6 orders of 3 has probability 1/6; with 6000 draws a count deviates from 1000 by more
// than 5 standard deviations (29 each) once in a million.
TEST(Permutation, IsFair) {
  std::vector<int> counts(64);
  for (std::uint64_t stream = 0; stream < 6000; ++stream) {
    const Indices order = permutation(3, {test::seed(), stream});
    ++counts[static_cast<std::size_t>(order[0] + 4 * order[1] + 16 * order[2])];
  }
  EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 64 - 6);
  for (const int count : counts) {
    if (count > 0) {
      EXPECT_NEAR(count, 1000, 145);
    }
  }
}

// The order of a run must not change from one version to the next: resumed runs depend on it.
TEST(Permutation, IsFixedForAllTime) {
  EXPECT_THAT(permutation(8, {0, 0}), ElementsAre(7, 1, 0, 3, 6, 2, 4, 5));
  EXPECT_THAT(permutation(8, {0, 1}), ElementsAre(3, 1, 2, 6, 4, 5, 7, 0));
}

TEST(RandomSampler, DependsOnSeedAndEpochAlone) {
  const RandomSampler sampler(100, 7);
  const Indices later = sampler.order(5);
  EXPECT_EQ(sampler.order(0), RandomSampler(100, 7).order(0));
  EXPECT_EQ(sampler.order(5), later);
  EXPECT_NE(sampler.order(0), later);
  EXPECT_NE(sampler.order(0), RandomSampler(100, 8).order(0));
}

TEST(SequentialSampler, Counts) {
  EXPECT_THAT(SequentialSampler(4).order(9), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT([] { SequentialSampler(-1); },
              ThrowsMessage<ArgumentError>("SequentialSampler: size expected at least 0, got -1"));
}

TEST(SubsetSampler, GivesItsSamplesInOrderOrShuffled) {
  EXPECT_THAT(SubsetSampler({5, 2, 9}, Order::kAsGiven).order(1), ElementsAre(5, 2, 9));
  const SubsetSampler shuffled({5, 2, 9, 4, 7, 1, 0}, Order::kShuffled, test::seed());
  EXPECT_NE(shuffled.order(0), shuffled.order(1));
  EXPECT_THAT(shuffled.order(0), testing::UnorderedElementsAre(5, 2, 9, 4, 7, 1, 0));
}

// Two counts of n draws that come up with probability p differ with the deviation
// sqrt(2 n p (1-p)); five of them.
TEST(WeightedRandomSampler, DrawsAsOftenAsPyTorchs) {
  for (const test::GoldenCase& golden : test::load_golden("sampler")) {
    SCOPED_TRACE(golden.name());
    const auto weights = golden.tensor("weights").to_vector<double>();
    const auto expected = golden.tensor("counts").to_vector<std::int64_t>();
    const std::int64_t draws = golden.integer("draws");
    const WeightedRandomSampler sampler(weights, draws, /*seed=*/5);
    EXPECT_EQ(sampler.size(), draws);
    std::vector<std::int64_t> counts(weights.size());
    for (const std::int64_t i : sampler.order(0)) ++counts.at(static_cast<std::size_t>(i));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double p = weights[i] / sum, variance = static_cast<double>(draws) * p * (1 - p);
      EXPECT_NEAR(static_cast<double>(counts[i]), static_cast<double>(expected.at(i)),
                  5 * std::sqrt(2 * variance))
          << i;
    }
  }
}

TEST(WeightedRandomSampler, IsAFunctionOfSeedAndEpoch) {
  const std::vector<double> weights = {1, 2, 3};
  const WeightedRandomSampler sampler(weights, 50, 1);
  EXPECT_EQ(sampler.order(3), WeightedRandomSampler(weights, 50, 1).order(3));
  EXPECT_NE(sampler.order(3), sampler.order(4));
  EXPECT_NE(sampler.order(3), WeightedRandomSampler(weights, 50, 2).order(3));
  EXPECT_TRUE(WeightedRandomSampler(weights, 0).order(0).empty());
}

TEST(WeightedRandomSampler, SaysWhatIsWrong) {
  const auto make = [](const std::vector<double>& weights, std::int64_t samples) {
    return [=] { WeightedRandomSampler(weights, samples); };
  };
  EXPECT_THAT(make({1}, -1), ThrowsMessage<ArgumentError>(
                                 "WeightedRandomSampler: samples expected at least 0, got -1"));
  EXPECT_THAT(make({1, -2}, 1),
              ThrowsMessage<ArgumentError>(
                  "WeightedRandomSampler: weights expected finite and at least 0, got -2"));
  for (const std::vector<double>& none : {std::vector<double>{}, {0, 0}}) {
    EXPECT_THAT(make(none, 1), ThrowsMessage<ArgumentError>(
                                   "WeightedRandomSampler: weights expected one above 0 and a "
                                   "finite sum, got 0"));
  }
}

TEST(BatchSampler, CutsAndKeepsOrDropsTheRest) {
  const auto seven = std::make_shared<SequentialSampler>(7);
  const BatchSampler keep(seven, 3, /*drop_last=*/false);
  const Indices order = keep.order(0);
  EXPECT_EQ(keep.size(), 3);
  EXPECT_EQ(keep.samples(), 7);
  EXPECT_THAT(keep.batch(order, 1), ElementsAre(3, 4, 5));
  EXPECT_THAT(keep.batch(order, 2), ElementsAre(6));

  const BatchSampler drop(seven, 3, /*drop_last=*/true);
  EXPECT_EQ(drop.size(), 2);
  EXPECT_EQ(drop.samples(), 6);
  EXPECT_EQ(BatchSampler(seven, 7, true).size(), 1);
  EXPECT_EQ(BatchSampler(seven, 8, true).size(), 0);
  EXPECT_EQ(BatchSampler(std::make_shared<SequentialSampler>(0), 3, false).size(), 0);
}

TEST(BatchSampler, SaysWhatIsWrong) {
  EXPECT_THAT([] { BatchSampler(std::make_shared<SequentialSampler>(7), 0, false); },
              ThrowsMessage<ArgumentError>("BatchSampler: batch_size expected at least 1, got 0"));
  EXPECT_THAT([] { BatchSampler(nullptr, 1, false); },
              ThrowsMessage<ArgumentError>("BatchSampler: sampler expected one, got null"));
}

}  // namespace
}  // namespace fovea::data
