#include "fovea/train/first_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

using testing::ElementsAre;

/// A linear layer with three filters of 2x2 weights.
nn::Linear small_layer() {
  nn::Linear model(4, 3);
  model.load_state_dict(
      {{"weight", tensor({{1, -1, 0, 0.5}, {0, 0, 0, 0}, {0.2, 0, 0, 0}})}, {"bias", zeros({3})}});
  return model;
}

std::vector<int> pixel(const io::Image& image, std::int64_t y, std::int64_t x) {
  std::vector<int> channels;
  for (std::int64_t c = 0; c < 3; ++c) channels.push_back(image.at({c, y, x}).item<int>());
  return channels;
}

TEST(FirstLayerPictures, AreBlueBelowZeroAndOrangeAbove) {
  const nn::Linear model = small_layer();
  const std::vector<io::Image> pictures = first_layer_pictures(model, {1, 2, 2});
  ASSERT_EQ(pictures.size(), 3u);
  EXPECT_THAT(pixel(pictures[0], 0, 0), ElementsAre(200, 75, 0));
  EXPECT_THAT(pixel(pictures[0], 0, 1), ElementsAre(0, 95, 170));
  EXPECT_THAT(pixel(pictures[0], 1, 0), ElementsAre(255, 255, 255));
  EXPECT_THAT(pixel(pictures[0], 1, 1), ElementsAre(228, 165, 128));
  EXPECT_THAT(pixel(pictures[1], 0, 0), ElementsAre(255, 255, 255)) << "all zero";
  EXPECT_THAT(pixel(pictures[2], 0, 0), ElementsAre(200, 75, 0)) << "its own largest";
}

TEST(FirstLayerPictures, OfThreeChannelsAreInTheirColours) {
  nn::Linear model(6, 1);
  model.load_state_dict({{"weight", tensor({{1, 0, 0, 0, -1, 0.5}})}, {"bias", zeros({1})}});
  const std::vector<io::Image> pictures = first_layer_pictures(model, {3, 1, 2});
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_THAT(pixel(pictures[0], 0, 0), ElementsAre(255, 128, 0));
  EXPECT_THAT(pixel(pictures[0], 0, 1), ElementsAre(128, 128, 191));
}

TEST(DrawFirstLayer, LaysFiltersOutInAGrid) {
  const nn::Linear model = small_layer();
  const auto image = draw_first_layer(model, {1, 2, 2});
  ASSERT_TRUE(image.has_value());
  // Two rows of two filters of 2x2 values, 20 pixels each, with 2 pixels between.
  EXPECT_EQ(image->sizes(), (Shape{3, 82, 82}));
  EXPECT_THAT(pixel(*image, 0, 0), ElementsAre(200, 75, 0));
  EXPECT_THAT(pixel(*image, 19, 20), ElementsAre(0, 95, 170));
  EXPECT_THAT(pixel(*image, 39, 39), ElementsAre(228, 165, 128));
  EXPECT_THAT(pixel(*image, 0, 41), ElementsAre(255, 255, 255)) << "paper between filters";
  EXPECT_THAT(pixel(*image, 42, 0), ElementsAre(200, 75, 0)) << "the third";
  EXPECT_THAT(pixel(*image, 81, 81), ElementsAre(255, 255, 255)) << "no fourth";
}

TEST(DrawFirstLayer, DrawsWhatCanBeSeen) {
  const nn::Conv2d colour({.in_channels = 3, .out_channels = 100, .kernel_size = 3});
  // 8x8 filters of 3x3 values, 14 pixels each.
  EXPECT_EQ(draw_first_layer(colour, {3, 8, 8})->sizes(), (Shape{3, 350, 350}));
  const nn::Conv2d two({.in_channels = 2, .out_channels = 4, .kernel_size = 3});
  EXPECT_FALSE(draw_first_layer(two, {2, 8, 8}).has_value());
  EXPECT_FALSE(draw_first_layer(nn::Linear(5, 2), {1, 2, 2}).has_value());
  EXPECT_FALSE(draw_first_layer(nn::ReLU(), {1, 2, 2}).has_value());
}

}  // namespace
}  // namespace fovea::train
