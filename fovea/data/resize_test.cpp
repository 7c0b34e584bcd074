#include "fovea/data/resize.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;
using test::counted;
using test::counted_images;

TEST(Resize, NearestTakesThePixelUnderTheCentre) {
  const Tensor x = counted_images(1, 1, 2, 2);
  EXPECT_THAT(Resize({2, 4}, Interpolation::kNearest)(x).to_vector<std::int64_t>(),
              ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  EXPECT_THAT(
      Resize({1, 1}, Interpolation::kNearest)(counted_images(1, 1, 3, 3)).to_vector<std::int64_t>(),
      ElementsAre(4));
}

// By hand: growing 2 pixels to 4, the new centres lie at 0.25, 0.75, 1.25, 1.75; the old ones at
// 0.5 and 1.5.
TEST(Resize, BilinearGrowsAsWorkedByHand) {
  const Tensor x = from_data(std::vector<float>{0, 100}, {1, 1, 1, 2});
  EXPECT_THAT(Resize({1, 4})(x).to_vector(),
              ElementsAre(FloatEq(0), FloatEq(25), FloatEq(75), FloatEq(100)));
  EXPECT_TRUE(equal(Resize({1, 2})(x), x));
}

// By hand: shrinking 4 pixels to 2, the triangle is 4 wide. For the new pixel at 1.0 the old
// centres 0.5, 1.5, 2.5 have weights 0.75, 0.75, 0.25 (divided by 1.75).
TEST(Resize, BilinearShrinksWithAntialias) {
  const Tensor x = from_data(std::vector<float>{7, 14, 21, 28}, {1, 1, 1, 4});
  EXPECT_THAT(Resize({1, 2})(x).to_vector(), ElementsAre(FloatEq(12), FloatEq(23)));
}

// Pillow 13.0: Image.fromarray(x).resize((4, 3), Image.BILINEAR) of the 7x5 image (i * 37 + 11) %
// 256. Pillow rounds twice, so 1 off is allowed.
TEST(Resize, AgreesWithPillow) {
  std::vector<std::uint8_t> pixels(35);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * 37 + 11);
  }
  const Tensor y = Resize({3, 4})(from_data(pixels, {1, 1, 7, 5}));
  EXPECT_EQ(y.dtype(), u8);
  const std::vector<int> pillow = {124, 122, 101, 103, 123, 115, 141, 133, 154, 155, 134, 132};
  const std::vector<std::int64_t> got = y.to_vector<std::int64_t>();
  ASSERT_EQ(got.size(), pillow.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(static_cast<double>(got[i]), pillow[i], 1) << i;
}

TEST(Resize, KeepsAConstantImage) {
  const Tensor x = full({2, 3, 5, 9}, 42).to(u8);
  EXPECT_TRUE(equal(Resize(28)(x), full({2, 3, 28, 28}, 42).to(u8)));
}

TEST(Resize, SaysWhatIsWrong) {
  EXPECT_THAT(
      [] {
        Resize({3, -1});
      },
      ThrowsMessage<ArgumentError>("Resize: size expected at least 1x1, got 3x-1"));
  EXPECT_THAT(
      [] {
        Resize(3)(zeros({2, 2}));
      },
      ThrowsMessage<ShapeError>("Resize: batch expected [k, c, h, w], got [2, 2]"));
  EXPECT_THAT(
      [] {
        Resize(3)(zeros({1, 1, 2, 2}, {.dtype = i64}));
      },
      ThrowsMessage<DTypeError>("Resize: dtype expected u8, f32 or f64, got i64"));
}

// An infinite pixel spoils only those that it is part of.
TEST(Resize, LeavesPixelsOutsideTheFilterAlone) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor x = from_data(std::vector<float>{1, 2, infinity, 4}, {1, 1, 1, 4});
  EXPECT_THAT(Resize({2, 4})(x).select(2, 1).to_vector(), ElementsAre(1, 2, infinity, 4));
}

TEST(Resize, OfTheShortSideKeepsProportions) {
  EXPECT_EQ(Resize::short_side(3).result({6, 9}), ImageSize(3, 4));  // 4.5, rounded down
  EXPECT_EQ(Resize::short_side(10).result({9, 6}), ImageSize(15, 10));
  EXPECT_EQ(Resize::short_side(256).result({375, 500}), ImageSize(256, 341));
  EXPECT_THAT(
      [] {
        (void)Resize(4).result({0, 3});
      },
      ThrowsMessage<ShapeError>("Resize: image expected at least 1x1, got 0x3"));
  EXPECT_EQ(Resize::short_side(4)(counted_images(2, 3, 8, 10)).sizes(), (Shape{2, 3, 4, 5}));
  EXPECT_THAT([] { Resize::short_side(0); },
              ThrowsMessage<ArgumentError>("Resize: short_side expected at least 1, got 0"));
}

TEST(Resize, TakesAnyLayoutAndF64) {
  const Tensor x = counted_images(2, 3, 5, 6).to(f64);
  const Tensor y = Resize({3, 4})(x);
  EXPECT_EQ(y.dtype(), f64);
  EXPECT_TRUE(equal(Resize({3, 4})(x.contiguous(MemoryFormat::kChannelsLast)), y));
}

// Growing and shrinking, each way, windows at every border.
TEST(ResizedWindow, HasTheBitsOfTheWholeScaledImage) {
  const Tensor bytes = (counted_images(2, 3, 11, 17).to(f32) * 7.0).to(i64).to(u8);
  const std::vector<ImageSize> sizes = {{4, 5}, {30, 41}, {3, 50}, {40, 2}, {11, 17}};
  for (const Tensor& x : {bytes, bytes.to(f32) * 0.37, bytes.to(f64) * 0.37}) {
    for (const Interpolation how : {Interpolation::kBilinear, Interpolation::kNearest}) {
      for (const ImageSize size : sizes) {
        const Tensor whole = Resize(size, how)(x);
        for (const std::int64_t top : {std::int64_t{0}, size.height - 1}) {
          for (const std::int64_t left : {std::int64_t{0}, size.width / 2, size.width - 1}) {
            const ImagePart window{top, left, {size.height - top, (size.width - left + 1) / 2}};
            const Tensor expected =
                whole.narrow(2, top, window.size.height).narrow(3, left, window.size.width);
            EXPECT_TRUE(equal(resized_window(x, size, window, how), expected))
                << x.dtype() << ' ' << size.height << 'x' << size.width << ", " << top << ' '
                << left;
          }
        }
      }
    }
  }
}

TEST(ResizedWindow, SaysWhatIsWrong) {
  const Tensor x = counted_images(1, 1, 4, 4);
  EXPECT_THAT(
      [&] {
        resized_window(x, {8, 6}, {.top = 1, .left = 2, .size = {7, 5}});
      },
      ThrowsMessage<IndexError>("resized_window: window expected inside 8x6, got 7x5 at (1, 2)"));
  EXPECT_THAT([&] { resized_window(x, 0, {.size = 1}); },
              ThrowsMessage<ArgumentError>("resized_window: size expected at least 1x1, got 0x0"));
}

TEST(ResizedCrop, ScalesAPartOfEachImage) {
  const Tensor x = counted_images(2, 1, 4, 4);  // 0 to 15, 16 to 31
  const std::vector<ImagePart> parts = {{.top = 0, .left = 2, .size = 2},
                                        {.top = 3, .left = 0, .size = 1}};
  EXPECT_THAT(resized_crop(x, parts, 2).to_vector<std::int64_t>(),
              ElementsAre(2, 3, 6, 7, 28, 28, 28, 28));
}

TEST(ResizedCrop, SaysWhatIsWrong) {
  const Tensor x = counted_images(2, 1, 4, 4);
  const std::vector<ImagePart> outside = {{.top = 2, .left = 0, .size = {3, 1}}};
  EXPECT_THAT(
      [&] { resized_crop(x, outside, 2); },
      ThrowsMessage<IndexError>("resized_crop: part expected inside 4x4, got 3x1 at (2, 0)"));
  EXPECT_THAT([&] { resized_crop(x, {}, 2); },
              ThrowsMessage<ArgumentError>("resized_crop: parts expected for 2 images, got 0"));
}

// Over 4000 images: the mean of the share is that of the range, and the logarithm of the ratio is
// as often above 0 as below.
TEST(RandomResizedCrop, DrawsPartsByTheirShareAndProportions) {
  const RandomResizedCrop crop(8, {.scale = {0.1, 0.5}, .ratio = {0.5, 2}});
  const Indices indices = counted(4000);
  const SampleKeys keys{test::seed(), 3, indices};
  double share = 0, top = 0;
  int wide = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const ImagePart part = crop.part(keys, i, {200, 200});
    const auto height = static_cast<double>(part.size.height);
    const auto width = static_cast<double>(part.size.width);
    EXPECT_GE(width / height, 0.48);
    EXPECT_LE(width / height, 2.05);
    EXPECT_LE(part.top + part.size.height, 200);
    EXPECT_LE(part.left + part.size.width, 200);
    share += height * width / 40000;
    wide += width > height ? 1 : 0;
    top += static_cast<double>(part.top) / std::max(200 - height, 1.0);
  }
  // The standard deviations of the means: 0.4 / sqrt(12 * 4000), and so on.
  EXPECT_NEAR(share / 4000, 0.3, 0.01);
  EXPECT_NEAR(wide / 4000.0, 0.5, 0.04);
  EXPECT_NEAR(top / 4000, 0.5, 0.025);
}

// A line of pixels has no part of these proportions that is large enough: the middle is taken, as
// square as it may be.
TEST(RandomResizedCrop, TakesTheMiddleWhenNothingFits) {
  const RandomResizedCrop crop(4, {.scale = {0.9, 1}});
  const Indices indices = {5};
  const SampleKeys keys{test::seed(), 0, indices};
  EXPECT_EQ(crop.part(keys, 0, {6, 60}), (ImagePart{.top = 0, .left = 26, .size = {6, 8}}));
  EXPECT_EQ(crop.part(keys, 0, {60, 6}), (ImagePart{.top = 26, .left = 0, .size = {8, 6}}));
}

TEST(RandomResizedCrop, TreatsASampleTheSameInAnyBatch) {
  const RandomResizedCrop crop({5, 4});
  const Tensor x = counted_images(30, 3, 9, 9);
  const Indices all = counted(30), some = {17, 3};
  const Tensor together = crop(x, {test::seed(), 4, all});
  EXPECT_EQ(together.sizes(), (Shape{30, 3, 5, 4}));
  const Tensor apart = crop(index_select(x, 0, from_data(some, {2})), {test::seed(), 4, some});
  EXPECT_TRUE(equal(apart, index_select(together, 0, from_data(some, {2}))));
  EXPECT_FALSE(equal(crop(x, {test::seed(), 5, all}), together));
}

TEST(RandomResizedCrop, SaysWhatIsWrong) {
  EXPECT_THAT(
      [] {
        RandomResizedCrop(4, {.scale = {0.5, 0.1}});
      },
      ThrowsMessage<ArgumentError>("RandomResizedCrop: scale expected a range within "
                                   "[0, 1], got [0.5, 0.1]"));
  EXPECT_THAT(
      [] {
        RandomResizedCrop(4, {.ratio = {0, 1}});
      },
      ThrowsMessage<ArgumentError>("RandomResizedCrop: ratio expected a finite range "
                                   "above 0, got [0, 1]"));
  EXPECT_THAT(
      [] { RandomResizedCrop(4)(counted_images(2, 1, 3, 3), {}); },
      ThrowsMessage<ArgumentError>("RandomResizedCrop: keys expected for 2 samples, got 0"));
}

}  // namespace
}  // namespace fovea::data
