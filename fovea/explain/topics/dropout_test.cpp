#include "fovea/explain/topics/dropout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops/dropout.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using testing::HasSubstr;
using Numbers = std::vector<double>;

TEST(WalkDropout, IsTheOperationWithItsSeed) {
  for (const std::uint64_t seed : {0, 1, 2}) {
    const Walk walk = walk_dropout({.p = 0.25, .seed = seed});
    const Numbers before = test::numbers(get(walk, "input"));
    const Numbers after = test::numbers(get(walk, "output"));
    Generator generator(seed);
    const Tensor x = arange(1, 25, 1, {.dtype = f64, .device = cpu}).view({4, 6});
    EXPECT_EQ(after, dropout(x, 0.25, true, generator).to_vector<double>());
    std::int64_t fell = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      fell += after[i] == 0;
      if (after[i] != 0) {
        EXPECT_NEAR(after[i], before[i] / 0.75, 1e-12);
      }
    }
    EXPECT_EQ(test::as<std::int64_t>(get(walk, "dropped")), fell);
    EXPECT_EQ(test::numbers(get(walk, "evaluation")), before);
    EXPECT_NEAR(test::as<double>(get(walk, "scale")), 4. / 3, 1e-12);
  }
  EXPECT_THAT(test::notes(walk_dropout()), HasSubstr("\n1 / (1 - 0.5) = 2\n"));
}

TEST(WalkDropout, CountsWhatFellWhereZerosWere) {
  const Walk walk = walk_dropout({.x = zeros({4, 6})});
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "dropped")),
            test::as<std::int64_t>(get(walk_dropout(), "dropped")));
}

TEST(WalkDropout, DropsWholeChannels) {
  for (const std::uint64_t seed : {0, 1, 2, 3}) {
    const Walk walk = walk_dropout({.seed = seed});
    const auto& channels = test::as<Fields>(get(walk, "channels"));
    const std::vector<std::int64_t> fell = test::whole(get(channels, "dropped"));
    const Tensor& output = test::as<Tensor>(get(channels, "output"));
    for (std::int64_t c = 0; c < 4; ++c) {
      const bool gone = std::find(fell.begin(), fell.end(), c) != fell.end();
      const double expected = gone ? 0 : 2. * static_cast<double>(c + 1);
      EXPECT_EQ(output[c].to_vector<double>(), Numbers(9, expected)) << seed << " " << c;
    }
  }
}

TEST(WalkDropout, DropsAllForOne) {
  const Walk walk = walk_dropout({.p = 1});
  EXPECT_EQ(test::numbers(get(walk, "output")), Numbers(24, 0));
  EXPECT_FALSE(test::has(test::as<Fields>(walk.document), "scale"));
}

TEST(WalkDropout, SaysWhatItCannotShow) {
  const auto refusal = [](const DropoutTopic& topic) {
    return message_of<Error>([&] { walk_dropout(topic); });
  };
  EXPECT_EQ(refusal({.p = 1.5}), "explain dropout: p expected in [0, 1], got 1.5");
  EXPECT_EQ(refusal({.x = ones({3})}), "explain dropout: x expected 2 dimensions, got 1 (x [3])");
  EXPECT_EQ(refusal({.channels = ones({3, 3})}),
            "explain dropout: channels expected 3 dimensions, got 2 (channels [3, 3])");
}

}  // namespace
}  // namespace fovea::explain
