#include "fovea/io/colors.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::io {
namespace {

using testing::ElementsAre;

TEST(HeatColor, GoesFromPaleToDeep) {
  EXPECT_EQ(hex_of(heat_color(0)), "#f7fbff");
  EXPECT_EQ(hex_of(heat_color(0.5)), "#6baed6");
  EXPECT_EQ(hex_of(heat_color(1)), "#08306b");
  EXPECT_EQ(heat_color(-1), heat_color(0));
  EXPECT_EQ(heat_color(2), heat_color(1));
  EXPECT_EQ(heat_color(std::nan("")), heat_color(0));
}

TEST(SignedColor, IsWhiteAtZero) {
  EXPECT_THAT(signed_color(-1), ElementsAre(0, 95, 170));
  EXPECT_THAT(signed_color(0), ElementsAre(255, 255, 255));
  EXPECT_THAT(signed_color(0.5), ElementsAre(228, 165, 128));
  EXPECT_THAT(signed_color(1), ElementsAre(200, 75, 0));
  EXPECT_EQ(signed_color(-3), signed_color(-1));
  EXPECT_EQ(signed_color(3), signed_color(1));
  EXPECT_EQ(signed_color(std::nan("")), signed_color(0));
}

TEST(InkOn, IsLegible) {
  EXPECT_EQ(ink_on({255, 255, 255}), "#1f2328");
  EXPECT_EQ(ink_on({0, 0, 0}), "#ffffff");
  EXPECT_EQ(ink_on(heat_color(1)), "#ffffff");
}

}  // namespace
}  // namespace fovea::io
