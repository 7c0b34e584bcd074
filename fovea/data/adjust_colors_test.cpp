#include "fovea/data/adjust_colors.h"

#include <gmock/gmock.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::ThrowsMessage;

/// One pixel of three channels, or several grey ones.
Tensor pixel(const std::vector<std::uint8_t>& rgb) { return from_data(rgb, {1, 3, 1, 1}); }
Tensor greys(const std::vector<std::uint8_t>& values) {
  return from_data(values, {1, 1, 1, static_cast<std::int64_t>(values.size())});
}

std::vector<int> changed(const Tensor& batch, ColorSteps steps) {
  return adjust_colors(batch, std::vector<ColorSteps>{std::move(steps)}).to_vector<int>();
}

TEST(AdjustColors, BrightnessBlendsWithBlack) {
  EXPECT_THAT(changed(greys({0, 101, 200}), {{ColorProperty::kBrightness, 0.5}}),
              ElementsAre(0, 50, 100));  // 50.5, rounded down
  EXPECT_THAT(changed(greys({0, 101, 200}), {{ColorProperty::kBrightness, 2}}),
              ElementsAre(0, 202, 255));
}

// The mean of 0, 100, 200 is 100.
TEST(AdjustColors, ContrastBlendsWithTheMean) {
  EXPECT_THAT(changed(greys({0, 100, 200}), {{ColorProperty::kContrast, 0.5}}),
              ElementsAre(50, 100, 150));
  EXPECT_THAT(changed(greys({0, 100, 200}), {{ColorProperty::kContrast, 0}}),
              ElementsAre(100, 100, 100));
}

// The grey of (200, 100, 50) is 59.78 + 58.7 + 5.7 = 124.18, as a byte 124.
TEST(AdjustColors, SaturationBlendsWithTheGrey) {
  EXPECT_THAT(changed(pixel({200, 100, 50}), {{ColorProperty::kSaturation, 0}}),
              ElementsAre(124, 124, 124));
  EXPECT_THAT(changed(pixel({200, 100, 50}), {{ColorProperty::kSaturation, 0.5}}),
              ElementsAre(162, 112, 87));
}

// A third of the circle leads from red to green, half of it to the opposite colour.
TEST(AdjustColors, HueTurnsAroundTheCircle) {
  EXPECT_THAT(changed(pixel({255, 0, 0}), {{ColorProperty::kHue, 0.5}}), ElementsAre(0, 255, 255));
  EXPECT_THAT(changed(pixel({0, 0, 255}), {{ColorProperty::kHue, -0.5}}), ElementsAre(255, 255, 0));
  EXPECT_THAT(changed(pixel({7, 7, 7}), {{ColorProperty::kHue, 0.3}}), ElementsAre(7, 7, 7));
  const Tensor red = from_data(std::vector<double>{1, 0, 0}, {1, 3, 1, 1});
  const Tensor green =
      adjust_colors(red, std::vector<ColorSteps>{{{ColorProperty::kHue, 1.0 / 3}}});
  EXPECT_THAT(green.to_vector(), ElementsAre(FloatNear(0, 1e-6f), 1, FloatNear(0, 1e-6f)));
}

// Every byte, alone and with others, comes back from a turn by nothing.
TEST(AdjustColors, HueOfZeroChangesNothing) {
  std::vector<std::uint8_t> values(std::size_t{3} * 4096);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint8_t>(i * 37 + i / 256);
  const Tensor x = from_data(values, {1, 3, 64, 64});
  EXPECT_TRUE(equal(adjust_colors(x, std::vector<ColorSteps>{{{ColorProperty::kHue, 0}}}), x));
}

TEST(AdjustColors, GreyImagesHaveNoColour) {
  EXPECT_THAT(
      changed(greys({3, 99}), {{ColorProperty::kSaturation, 0.2}, {ColorProperty::kHue, 0.4}}),
      ElementsAre(3, 99));
}

TEST(AdjustColors, StepsOfAnImageAreOneAfterTheOther) {
  const Tensor x = rand({2, 3, 40, 40});  // more than one chunk
  const ColorStep contrast{ColorProperty::kContrast, 0.5}, hue{ColorProperty::kHue, 0.2},
      bright{ColorProperty::kBrightness, 1.4}, more{ColorProperty::kContrast, 1.7};
  const std::vector<ColorSteps> both = {{hue, contrast, bright, more}, {more, hue}};
  const Tensor y = adjust_colors(x, both);
  const auto one_by_one = [&](std::int64_t image) {
    Tensor z = x.narrow(0, image, 1);
    for (const ColorStep& step : both[static_cast<std::size_t>(image)])
      z = adjust_colors(z, std::vector<ColorSteps>{{step}});
    return z;
  };
  EXPECT_TRUE(equal(y.narrow(0, 0, 1), one_by_one(0)));
  EXPECT_TRUE(equal(y.narrow(0, 1, 1), one_by_one(1)));
  EXPECT_TRUE(equal(adjust_colors(x, std::vector<ColorSteps>(2)), x));
}

TEST(AdjustColors, SaysWhatIsWrong) {
  const auto with = [](const Tensor& batch, const ColorSteps& steps) {
    return [=] { adjust_colors(batch, std::vector<ColorSteps>{steps}); };
  };
  const Tensor x = zeros({1, 3, 2, 2});
  EXPECT_THAT(with(zeros({1, 2, 2, 2}), {}),
              ThrowsMessage<ShapeError>("adjust_colors: batch expected [k, 1, h, w] or "
                                        "[k, 3, h, w], got [1, 2, 2, 2]"));
  EXPECT_THAT(with(zeros({1, 3, 2, 2}, {.dtype = i64}), {}),
              ThrowsMessage<DTypeError>("adjust_colors: dtype expected u8, f32 or f64, got i64"));
  EXPECT_THAT(with(zeros({2, 3, 2, 2}), {}),
              ThrowsMessage<ArgumentError>("adjust_colors: steps expected for 2 images, got 1"));
  EXPECT_THAT(
      with(x, {{ColorProperty::kContrast, -1}}),
      ThrowsMessage<ArgumentError>("adjust_colors: factor expected finite and at least 0, got -1"));
  EXPECT_THAT(with(x, {{ColorProperty::kHue, 0.6}}),
              ThrowsMessage<ArgumentError>("adjust_colors: hue expected in [-0.5, 0.5], got 0.6"));
}

}  // namespace
}  // namespace fovea::data
