#include "fovea/data/color_jitter.h"

#include <gmock/gmock.h>

#include <map>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/counted.h"
#include "tests/support/drawn_by_sample.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;
using test::counted;

// Over 6000 images: factors fill their ranges evenly, and each of the 24 orders comes 250 times
// (the standard deviation is 15.5).
TEST(ColorJitter, DrawsFactorsAndTheirOrder) {
  const ColorJitter jitter(
      {.brightness = 0.4, .contrast = Range{0.2, 0.8}, .saturation = 1.5, .hue = 0.1});
  const std::map<ColorProperty, Range> ranges = {{ColorProperty::kBrightness, {0.6, 1.4}},
                                                 {ColorProperty::kContrast, {0.2, 0.8}},
                                                 {ColorProperty::kSaturation, {0, 2.5}},
                                                 {ColorProperty::kHue, {-0.1, 0.1}}};
  const Indices indices = counted(6000);
  std::map<std::vector<ColorProperty>, int> orders;
  std::map<ColorProperty, double> sums;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::vector<ColorProperty> order;
    for (const ColorStep& step : jitter.steps({test::seed(), 2, indices}, i)) {
      const Range& range = ranges.at(step.property);
      EXPECT_GE(step.factor, range.low);
      EXPECT_LE(step.factor, range.high);
      sums[step.property] += (step.factor - range.low) / (range.high - range.low);
      order.push_back(step.property);
    }
    ++orders[order];
  }
  EXPECT_EQ(orders.size(), 24u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, 250, 80);
  for (const auto& [property, sum] : sums) EXPECT_NEAR(sum / 6000, 0.5, 0.02);
}

TEST(ColorJitter, LeavesOutWhatDoesNotChange) {
  const Indices indices = counted(1);
  const SampleKeys keys{test::seed(), 0, indices};
  EXPECT_TRUE(ColorJitter(ColorJitterOptions{}).steps(keys, 0).empty());
  EXPECT_TRUE(ColorJitter({.contrast = Range{1, 1}}).steps(keys, 0).empty());
  EXPECT_EQ(ColorJitter({.hue = Range{0.5, 0.5}}).steps(keys, 0),
            (ColorSteps{{ColorProperty::kHue, 0.5}}));
}

TEST(ColorJitter, TreatsASampleTheSameInAnyBatch) {
  const ColorJitter jitter({.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1});
  const Tensor x = rand({20, 3, 6, 6});
  test::expect_drawn_by_sample(jitter, x);
}

TEST(ColorJitter, SaysWhatIsWrong) {
  EXPECT_THAT(
      [] { ColorJitter({.brightness = -0.1}); },
      ThrowsMessage<ArgumentError>("ColorJitter: brightness expected at least 0, got -0.1"));
  EXPECT_THAT([] { ColorJitter({.hue = 0.6}); },
              ThrowsMessage<ArgumentError>("ColorJitter: hue expected a range within [-0.5, 0.5], "
                                           "got [-0.6, 0.6]"));
  EXPECT_THAT(
      [] {
        ColorJitter({.contrast = Range{2, 1}});
      },
      ThrowsMessage<ArgumentError>("ColorJitter: contrast expected a range within "
                                   "[0, inf), got [2, 1]"));
  EXPECT_THAT(
      [] {
        ColorJitter({.hue = 0.1})(zeros({2, 3, 1, 1}), {});
      },
      ThrowsMessage<ArgumentError>("ColorJitter: keys expected for [2, 3, 1, 1], got 0"));
}

}  // namespace
}  // namespace fovea::data
