#include "fovea/models/ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::models {
namespace {

using test::message_of;
using testing::ElementsAre;

TEST(Ground, IsWhatTheOutermostPixelsAre) {
  // A white middle on black, with one white pixel of eight at the edge.
  const Tensor dark = tensor({{0., 0., 255.}, {0., 255., 0.}, {0., 0., 0.}}).to(u8);
  const Tensor light = full({3, 3}, 255, {.dtype = u8});
  const Tensor images = stack({dark, light}, 0).unsqueeze(1);
  EXPECT_THAT(edge_brightness(images), ElementsAre(0.125, 1));
  const Ground ground = ground_of(images);
  EXPECT_DOUBLE_EQ(ground.mean, 0.5625);
  EXPECT_DOUBLE_EQ(ground.std, 0.4375);
}

TEST(Ground, CountsEachPixelOfEveryChannelOnce) {
  // One row, one column, one pixel: all of them are edge.
  const Tensor three = tensor({0., 51., 255.}).to(u8), two = tensor({255., 0.}).to(u8);
  EXPECT_THAT(edge_brightness(three.view({1, 1, 1, 3})), ElementsAre(0.4));
  EXPECT_THAT(edge_brightness(three.view({1, 1, 3, 1})), ElementsAre(0.4));
  EXPECT_THAT(edge_brightness(two.view({1, 2, 1, 1})), ElementsAre(0.5));
  EXPECT_THAT(edge_brightness(zeros({0, 1, 3, 3}, {.dtype = u8})), ElementsAre());
}

/// Samples that cannot be read.
struct Unreadable : data::Dataset {
  std::int64_t size() const override { return 3; }
  data::Batch get_batch(std::span<const std::int64_t>) const override {
    throw ParseError("no picture");
  }
};

TEST(Ground, OfWhatCannotBeReadIsNothing) { EXPECT_EQ(ground_of(Unreadable()), std::nullopt); }

TEST(Ground, OfADataSetIsThatOfSamplesFromAllOfIt) {
  // 128 images of which every second one is light: 0, 2, ... are looked at.
  Tensor images = zeros({128, 1, 2, 2}, {.dtype = u8});
  for (std::int64_t i = 1; i < 128; i += 2) images[i].fill_(255);
  const auto dataset = [&](const Tensor& data) {
    return data::TensorDataset(data, zeros({data.size(0)}).to(i64));
  };
  EXPECT_EQ(ground_of(dataset(images)), (Ground{.mean = 0, .std = 0}));
  EXPECT_EQ(ground_of(dataset(images.narrow(0, 0, 2))), (Ground{.mean = 0.5, .std = 0.5}));
  EXPECT_EQ(ground_of(dataset(images.to(f32))), std::nullopt);
  EXPECT_EQ(ground_of(dataset(zeros({3, 4}, {.dtype = u8}))), std::nullopt);
  EXPECT_EQ(ground_of(dataset(images.narrow(0, 0, 0))), std::nullopt);
}

TEST(Ground, SwappedIsFarAwayAndNearerTheOtherWayRound) {
  const Ground digits{.mean = 0.01, .std = 0.02}, paper{.mean = 0.95, .std = 0.03};
  EXPECT_TRUE(looks_swapped(0.9, digits));
  EXPECT_TRUE(looks_swapped(0.7, digits));    // a grey table
  EXPECT_FALSE(looks_swapped(0.5, digits));   // neither
  EXPECT_FALSE(looks_swapped(0.01, digits));  // the same
  EXPECT_TRUE(looks_swapped(0.1, paper));
  EXPECT_FALSE(looks_swapped(0.9, paper));
  for (const double edge : {0.0, 0.2, 0.8, 1.0}) {
    EXPECT_FALSE(looks_swapped(edge, {.mean = 0.5, .std = 0.01})) << edge;
    EXPECT_FALSE(looks_swapped(edge, {.mean = 0.4, .std = 0.2})) << edge;
  }
}

TEST(Ground, RefusesWhatIsNoImage) {
  EXPECT_EQ(message_of<DTypeError>([] {
              edge_brightness(zeros({1, 1, 2, 2}));
            }),
            "edge_brightness: images expected u8, got f32");
  EXPECT_EQ(message_of<ShapeError>([] {
              edge_brightness(zeros({2, 2}, {.dtype = u8}));
            }),
            "edge_brightness: images expected [n, c, h, w] with pixels, got [2, 2]");
  EXPECT_EQ(message_of<ShapeError>([] {
              ground_of(zeros({0, 1, 2, 2}, {.dtype = u8}));
            }),
            "ground_of: images expected at least 1, got 0");
}

}  // namespace
}  // namespace fovea::models
