#include "fovea/data/shard_sampler.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "fovea/core/error.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::ThrowsMessage;

TEST(ShardSampler, AWindowOfOneShufflesShardsAlone) {
  const ShardSampler sampler({2, 0, 3}, 1, test::seed());
  for (std::uint64_t epoch = 0; epoch < 10; ++epoch) {
    EXPECT_THAT(sampler.order(epoch),
                AnyOf(ElementsAre(0, 1, 2, 3, 4), ElementsAre(2, 3, 4, 0, 1)));
  }
}

TEST(ShardSampler, VisitsEverySampleOnceInAnOrderOfEachEpoch) {
  const ShardSampler sampler({7, 11, 1, 13}, 5, test::seed());
  const auto first = sampler.order(0), second = sampler.order(1);
  EXPECT_NE(first, second);
  EXPECT_EQ(sampler.order(0), first);
  EXPECT_NE(ShardSampler({7, 11, 1, 13}, 5, test::seed() + 1).order(0), first);
  std::vector<std::int64_t> all(32);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_THAT(first, testing::UnorderedElementsAreArray(all));
  EXPECT_THAT(second, testing::UnorderedElementsAreArray(all));
}

// One shard: the sample at place i is one of the first i + window.
TEST(ShardSampler, ReadsNoFurtherAheadThanItsWindow) {
  constexpr std::int64_t kWindow = 20;
  const auto order = ShardSampler({1000}, kWindow, test::seed()).order(0);
  double moved = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    const std::int64_t sample = order[static_cast<std::size_t>(i)];
    EXPECT_LT(sample, i + kWindow);
    moved += static_cast<double>(std::abs(sample - i));
  }
  EXPECT_GT(moved / 1000, 5);  // and they are shuffled
}

TEST(ShardSampler, SaysWhatIsWrong) {
  EXPECT_THAT([] { ShardSampler({1}, 0); },
              ThrowsMessage<ArgumentError>("ShardSampler: window expected at least 1, got 0"));
  EXPECT_THAT(
      [] {
        ShardSampler({1, -1}, 1);
      },
      ThrowsMessage<ArgumentError>("ShardSampler: shard size expected at least 0, got -1"));
}

}  // namespace
}  // namespace fovea::data
