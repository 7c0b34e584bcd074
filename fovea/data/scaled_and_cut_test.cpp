#include "fovea/data/scaled_and_cut.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/transforms.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::data {
namespace {

using test::message_of;

TEST(ScaledAndCut, KeepsProportionsAndTheMiddle) {
  // 2 x 6 pixels of which the middle ones are bright; scaled by 2 they are columns 4 to 7 of 12.
  const Tensor image = from_data(
      std::vector<std::uint8_t>{0, 0, 200, 200, 0, 0, 0, 0, 200, 200, 0, 0}, {1, 1, 2, 6});
  const Tensor square = scaled_and_cut(4)(image, {});
  EXPECT_EQ(square.sizes(), (Shape{1, 1, 4, 4}));
  EXPECT_EQ(square.at({0, 0, 1, 1}).item<int>(), 200);
  EXPECT_EQ(scaled_and_cut(2)(image, {}).to_vector<int>(), (std::vector<int>{200, 200, 200, 200}));
  EXPECT_EQ(scaled_and_cut({2, 6})(image, {}).to_vector<int>(), image.to_vector<int>());
  EXPECT_EQ(scaled_and_cut({3, 2})(image, {}).sizes(), (Shape{1, 1, 3, 2}));
  EXPECT_EQ(scaled_and_cut({1, 5})(image, {}).sizes(), (Shape{1, 1, 1, 5}));
  EXPECT_EQ(message_of<ArgumentError>([] { scaled_and_cut(0); }),
            "CenterCrop: size expected at least 1x1, got 0x0");
}

TEST(ScaledAndCut, HasTheBitsOfResizeAndCenterCrop) {
  const SampleKeys none;
  for (const auto& [height, width] : {std::pair{37, 53}, {53, 37}, {8, 90}, {91, 7}, {16, 16}}) {
    const Tensor picture = randint(0, 256, {1, 3, height, width}, {.dtype = i64}).to(u8);
    for (const std::int64_t side : {1, 7, 16, 40}) {
      const Tensor whole = Resize::short_side(side)(picture);
      EXPECT_TRUE(equal(scaled_and_cut(side)(picture, none), CenterCrop(side)(whole)))
          << height << 'x' << width << " to " << side;
    }
  }
}

TEST(ScaledAndCut, TakesBatchesAlone) {
  EXPECT_EQ(message_of<ShapeError>([] {
              scaled_and_cut(4)(zeros({3, 4, 4}), {});
            }),
            "scaled_and_cut: batch expected [k, c, h, w], got [3, 4, 4]");
}

}  // namespace
}  // namespace fovea::data
