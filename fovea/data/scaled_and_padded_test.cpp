#include "fovea/data/scaled_and_padded.h"

#include <gtest/gtest.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/resize.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::data {
namespace {

using test::message_of;

TEST(ScaledAndPadded, KeepsProportionsAndAllOfThePicture) {
  const Tensor image = full({1, 1, 2, 6}, 200, {.dtype = u8});
  const auto values = [&](ImageSize size) {
    return scaled_and_padded(size)(image, {}).to_vector<int>();
  };
  // 3 x 1 pixels on the middle of three rows; of an odd rest the larger half is below.
  EXPECT_EQ(values({3, 3}), (std::vector<int>{0, 0, 0, 200, 200, 200, 0, 0, 0}));
  EXPECT_EQ(values({2, 3}), (std::vector<int>{200, 200, 200, 0, 0, 0}));
  EXPECT_EQ(values({2, 9}), (std::vector<int>{0, 200, 200, 200, 200, 200, 200, 0, 0,  //
                                              0, 200, 200, 200, 200, 200, 200, 0, 0}));
  EXPECT_EQ(values({2, 6}), image.to_vector<int>());
  EXPECT_EQ(values({1, 1}), (std::vector<int>{200})) << "a side has at least one pixel";
}

TEST(ScaledAndPadded, HasTheBitsOfResize) {
  Generator generator(3);
  const Tensor picture = (rand({1, 3, 37, 53}, {}, generator) * 255.0).to(u8);
  const Tensor padded = scaled_and_padded(16)(picture, {});
  EXPECT_EQ(padded.sizes(), (Shape{1, 3, 16, 16}));
  EXPECT_EQ(padded.dtype(), u8);
  EXPECT_TRUE(equal(padded.narrow(2, 2, 11), Resize(ImageSize(11, 16))(picture)));
  EXPECT_EQ(padded.narrow(2, 0, 2).sum().item<double>(), 0);
  EXPECT_EQ(padded.narrow(2, 13, 3).sum().item<double>(), 0);
}

TEST(ScaledAndPadded, ChecksWhatItIsGiven) {
  EXPECT_EQ(message_of<ArgumentError>([] {
              scaled_and_padded({0, 3});
            }),
            "scaled_and_padded: size expected at least 1x1, got 0x3");
  EXPECT_EQ(message_of<ShapeError>([] {
              scaled_and_padded(4)(zeros({3, 4, 4}), {});
            }),
            "scaled_and_padded: batch expected [k, c, h, w], got [3, 4, 4]");
}

}  // namespace
}  // namespace fovea::data
