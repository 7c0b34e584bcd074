#include "fovea/vision/weight_pictures.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "tests/support/close.h"

namespace fovea::vision {
namespace {

using testing::ElementsAre;

TEST(WeightPictures, OfOneChannelAreOrangeAboveZeroAndBlueBelow) {
  const auto pictures = weight_pictures(tensor({{2, 0, -2}}).view({1, 1, 1, 3}));
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(pictures[0].sizes(), (Shape{3, 1, 3}));
  EXPECT_THAT(pictures[0].to_vector<std::int64_t>(),
              ElementsAre(200, 255, 0, 75, 255, 95, 0, 255, 170));
}

TEST(WeightPictures, OfThreeChannelsAreTheirColours) {
  const auto pictures = weight_pictures(tensor({1, 0, -1, 0, 0, 0}).view({2, 3, 1, 1}));
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_THAT(pictures[0].to_vector<std::int64_t>(), ElementsAre(255, 128, 0));
  EXPECT_THAT(pictures[1].to_vector<std::int64_t>(), ElementsAre(128, 128, 128));
}

TEST(WeightPictures, OtherShapesAreRefused) {
  EXPECT_EQ(test::message_of<ShapeError>([] {
              weight_pictures(zeros({4, 2, 3, 3}));
            }),
            "weight_pictures: filters expected [k, 1, h, w] or [k, 3, h, w], got [4, 2, 3, 3]");
}

}  // namespace
}  // namespace fovea::vision
