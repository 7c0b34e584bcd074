#include "fovea/io/pixels.h"

#include <gmock/gmock.h>

#include <vector>

namespace fovea::io {
namespace {

using testing::ElementsAre;
using Bytes = std::vector<std::uint8_t>;

/// What becomes of two pixels, side by side, whose channels lie side by side.
std::vector<int> interleaved(const Bytes& values, std::int64_t channels, Channels wanted) {
  return to_image({.values = values.data(),
                   .height = 1,
                   .width = 2,
                   .channels = channels,
                   .next_pixel = channels,
                   .next_channel = 1},
                  wanted)
      .to_vector<int>();
}

TEST(Pixels, OfColourBecomePlanesOrGrey) {
  const Bytes rgb = {255, 0, 0, 10, 20, 30};
  EXPECT_THAT(interleaved(rgb, 3, Channels::kRgb), ElementsAre(255, 10, 0, 20, 0, 30));
  EXPECT_THAT(interleaved(rgb, 3, Channels::kAsStored), ElementsAre(255, 10, 0, 20, 0, 30));
  // (19595 * 255) / 65536 = 76.2 and (195950 + 769400 + 224130) / 65536 = 18.2.
  EXPECT_THAT(interleaved(rgb, 3, Channels::kGrey), ElementsAre(76, 18));
  // 38470 / 65536 = 0.59 and 19595 / 65536 = 0.30: to the nearest.
  EXPECT_THAT(interleaved({0, 1, 0, 1, 0, 0}, 3, Channels::kGrey), ElementsAre(1, 0));
}

TEST(Pixels, OfGreyFillOneChannelOrThree) {
  EXPECT_THAT(interleaved({7, 9}, 1, Channels::kAsStored), ElementsAre(7, 9));
  EXPECT_THAT(interleaved({7, 9}, 1, Channels::kGrey), ElementsAre(7, 9));
  EXPECT_THAT(interleaved({7, 9}, 1, Channels::kRgb), ElementsAre(7, 9, 7, 9, 7, 9));
}

// 100 of opacity 128 is (100 * 128 + 255 * 127 + 127) / 255 = 177, rounded down.
TEST(Pixels, LieOverWhite) {
  EXPECT_THAT(interleaved({100, 128, 100, 0}, 2, Channels::kAsStored), ElementsAre(177, 255));
  const Bytes rgba = {100, 0, 255, 128, 1, 2, 3, 255};
  EXPECT_THAT(interleaved(rgba, 4, Channels::kAsStored), ElementsAre(177, 1, 127, 2, 255, 3));
  // Grey is made of what is seen: (19595 * 177 + 38470 * 127 + 7471 * 255 + 32768) / 65536.
  EXPECT_THAT(interleaved(rgba, 4, Channels::kGrey), ElementsAre(157, 2));
}

TEST(Pixels, MayLieInPlanes) {
  const Bytes planes = {255, 10, 0, 20, 0, 30};
  const PixelView pixels{.values = planes.data(),
                         .height = 2,
                         .width = 1,
                         .channels = 3,
                         .next_pixel = 1,
                         .next_channel = 2};
  EXPECT_EQ(to_image(pixels, Channels::kRgb).sizes(), (Shape{3, 2, 1}));
  EXPECT_THAT(to_image(pixels, Channels::kRgb).to_vector<int>(),
              ElementsAre(255, 10, 0, 20, 0, 30));
  EXPECT_THAT(to_image(pixels, Channels::kGrey).to_vector<int>(), ElementsAre(76, 18));
}

}  // namespace
}  // namespace fovea::io
