#include "fovea/io/axis.h"

#include <gmock/gmock.h>

namespace fovea::io {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

auto near(double value) { return DoubleNear(value, 1e-12); }

TEST(Axis, EndsAtRoundNumbersAroundTheValues) {
  const Axis axis(0.13, 0.58, 200, 0, 6, Axis::Ends::kRound);
  EXPECT_THAT(axis.ticks(),
              ElementsAre(near(0.1), near(0.2), near(0.3), near(0.4), near(0.5), near(0.6)));
  EXPECT_THAT(axis.at(0.1), near(200));
  EXPECT_THAT(axis.at(0.6), near(0));
  EXPECT_EQ(axis.label(0.3), "0.3");
}

TEST(Axis, PutsTicksAtWholeEpochs) {
  const Axis five(1, 5, 0, 100, 10, Axis::Ends::kExact, 1);
  EXPECT_THAT(five.ticks(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(five.at(5), near(100));
  EXPECT_EQ(five.label(3), "3");
  EXPECT_EQ(Axis(1, 100, 0, 100, 10, Axis::Ends::kExact, 1).ticks().size(),
            10u);  // 10, 20, ..., 100
}

TEST(Axis, StandsASingleValue) {
  const Axis axis(1, 1, 0, 100, 10, Axis::Ends::kExact, 1);
  EXPECT_THAT(axis.ticks(), ElementsAre(1));
  EXPECT_THAT(axis.at(1), near(50));
  EXPECT_FALSE(Axis(0, 0, 0, 100, 5, Axis::Ends::kRound).ticks().empty());
}

TEST(Axis, LabelsTellTicksApart) {
  const Axis axis(0.9012, 0.9048, 0, 100, 5, Axis::Ends::kRound);
  EXPECT_EQ(axis.label(0.902), "0.902");
  const Axis large(0, 12000, 0, 100, 6, Axis::Ends::kRound);
  EXPECT_EQ(large.label(2000), "2000");
}

}  // namespace
}  // namespace fovea::io
