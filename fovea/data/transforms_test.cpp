#include "fovea/data/transforms.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;
using test::counted;
using test::counted_images;

TEST(ToTensor, DividesBy255ToTheBit) {
  const Tensor y = ToTensor()(counted_images(1, 1, 16, 16));
  EXPECT_EQ(y.dtype(), f32);
  const std::vector<float> values = y.to_vector();
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(values[i], static_cast<float>(i) / 255.0f) << i;
  EXPECT_TRUE(equal(ToTensor()(y), y));
  EXPECT_THAT([] { ToTensor()(arange(3)); },
              ThrowsMessage<DTypeError>("ToTensor: dtype expected u8 or f32, got i64"));
}

TEST(Normalize, ShiftsAndScalesEachChannel) {
  const Tensor x = from_data(std::vector<float>{1, 2, 3, 4}, {1, 2, 1, 2});
  EXPECT_THAT(Normalize({1, 2}, {0.5, 2})(x).to_vector(), ElementsAre(0, 2, 0.5, 1));
  EXPECT_THAT(Normalize({1}, {2})(x).to_vector(), ElementsAre(0, 0.5, 1, 1.5));
}

TEST(Normalize, SaysWhatIsWrong) {
  EXPECT_THAT([] { Normalize({1}, {0}); },
              ThrowsMessage<ArgumentError>(
                  "Normalize: std expected finite and above 0, got 0 (channel 0)"));
  EXPECT_THAT([] { Normalize({NAN}, {1}); },
              ThrowsMessage<ArgumentError>("Normalize: mean expected finite, got nan (channel 0)"));
  EXPECT_THAT(
      [] {
        Normalize({1, 2}, {1});
      },
      ThrowsMessage<ArgumentError>("Normalize: std expected as many values as mean and at "
                                   "least 1, got 1 (mean has 2)"));
  EXPECT_THAT(
      [] {
        Normalize({1, 2}, {1, 1})(zeros({4, 3, 2, 2}));
      },
      ThrowsMessage<ShapeError>("Normalize: batch expected 2 channels, got [4, 3, 2, 2]"));
  EXPECT_THAT([] { Normalize({1}, {1})(counted_images(1, 1, 2, 2)); },
              ThrowsMessage<DTypeError>("Normalize: dtype expected f32 or f64, got u8"));
}

TEST(RandomHorizontalFlip, MirrorsAllOrNoneAtTheEndsOfP) {
  const Tensor x = counted_images(2, 1, 2, 3);
  const Indices indices = counted(2);
  const SampleKeys keys{test::seed(), 0, indices};
  EXPECT_TRUE(equal(RandomHorizontalFlip(0)(x, keys), x));
  EXPECT_THAT(RandomHorizontalFlip(1)(x, keys).to_vector<std::int64_t>(),
              ElementsAre(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9));
  EXPECT_THAT([] { RandomHorizontalFlip(1.5); },
              ThrowsMessage<ArgumentError>("RandomHorizontalFlip: p expected in [0, 1], got 1.5"));
}

// 10000 flips with p = 0.3: the standard deviation is 46.
TEST(RandomHorizontalFlip, FlipsWithProbabilityP) {
  const Tensor x =
      from_data(std::vector<std::uint8_t>{0, 1}, {1, 1, 1, 2}).expand({10000, 1, 1, 2});
  const Indices indices = counted(10000);
  const Tensor y = RandomHorizontalFlip(0.3)(x, {test::seed(), 0, indices});
  EXPECT_NEAR(y.select(3, 0).sum().item(), 3000, 250);
}

TEST(RandomVerticalFlip, MirrorsAllOrNoneAtTheEndsOfP) {
  const Tensor x = counted_images(1, 2, 3, 2);
  const Indices indices = counted(1);
  const SampleKeys keys{test::seed(), 0, indices};
  EXPECT_TRUE(equal(RandomVerticalFlip(0)(x, keys), x));
  EXPECT_THAT(RandomVerticalFlip(1)(x, keys).to_vector<std::int64_t>(),
              ElementsAre(4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7));
  EXPECT_THAT([] { RandomVerticalFlip(1.5); },
              ThrowsMessage<ArgumentError>("RandomVerticalFlip: p expected in [0, 1], got 1.5"));
}

// 10000 flips with p = 0.3: the standard deviation is 46.
TEST(RandomVerticalFlip, FlipsWithProbabilityP) {
  const Tensor x =
      from_data(std::vector<std::uint8_t>{0, 1}, {1, 1, 2, 1}).expand({10000, 1, 2, 1});
  const Indices indices = counted(10000);
  const Tensor y = RandomVerticalFlip(0.3)(x, {test::seed(), 0, indices});
  EXPECT_NEAR(y.select(2, 0).sum().item(), 3000, 250);
}

TEST(RandomCrop, TakesWindowsOfTheBorderedImage) {
  const Tensor x = full({200, 1, 1, 1}, 7);
  const Indices indices = counted(200);
  const Tensor y = RandomCrop({1, 2}, {.padding = 1})(x, {test::seed(), 0, indices});
  EXPECT_EQ(y.sizes(), (Shape{200, 1, 1, 2}));
  // The one pixel lies left, right or, when the row or the place is outside, nowhere; never twice.
  const double left = y.select(3, 0).sum().item() / 7, right = y.select(3, 1).sum().item() / 7;
  EXPECT_NEAR(left, 200.0 / 6, 30);
  EXPECT_NEAR(right, 200.0 / 6, 30);
  EXPECT_THAT(
      [&] {
        RandomCrop(4, {.padding = 1})(x, {0, 0, indices});
      },
      ThrowsMessage<ShapeError>("RandomCrop: image expected at least 4x4 with its border, "
                                "got [200, 1, 1, 1] (padding 1)"));
  EXPECT_THAT(
      [] {
        RandomCrop({0, 1});
      },
      ThrowsMessage<ArgumentError>("RandomCrop: size expected at least 1x1, got 0x1"));
  EXPECT_THAT(
      [] {
        RandomCrop({1, 1}, {.padding = -1});
      },
      ThrowsMessage<ArgumentError>("RandomCrop: padding expected at least 0, got -1"));
}

TEST(RandomTransforms, TreatASampleTheSameInAnyBatch) {
  const Compose augment({RandomCrop(6, {.padding = 1}), RandomHorizontalFlip(0.5), ToTensor()});
  const Tensor x = counted_images(40, 3, 6, 6);
  const Indices all = counted(40);
  const Tensor together = augment(x, {test::seed(), 4, all});
  const Indices some = {17, 3, 39};
  const Tensor apart = augment(index_select(x, 0, from_data(some, {3})), {test::seed(), 4, some});
  EXPECT_TRUE(equal(apart, index_select(together, 0, from_data(some, {3}))));
  EXPECT_FALSE(equal(augment(x, {test::seed(), 5, all}), together));
  EXPECT_FALSE(equal(augment(x, {test::seed() + 1, 4, all}), together));
}

TEST(RandomTransforms, DrawApartWithinACompose) {
  // Two flips that drew the same numbers would cancel: nothing would ever be flipped.
  const Compose twice({RandomHorizontalFlip(0.5), RandomHorizontalFlip(0.5)});
  const Tensor x = counted_images(100, 1, 1, 2);
  const Indices indices = counted(100);
  EXPECT_FALSE(equal(twice(x, {test::seed(), 0, indices}), x));
}

TEST(RandomTransforms, WantKeysForEachSample) {
  EXPECT_THAT(
      [] { RandomHorizontalFlip()(counted_images(2, 1, 2, 2), {}); },
      ThrowsMessage<ArgumentError>("RandomHorizontalFlip: keys expected for 2 samples, got 0"));
}

TEST(CenterCrop, CutsTheMiddleOrAddsABorder) {
  EXPECT_THAT(CenterCrop({1, 2})(counted_images(1, 1, 1, 5)).to_vector<std::int64_t>(),
              ElementsAre(2, 3));
  EXPECT_THAT(CenterCrop(2)(counted_images(1, 1, 4, 4)).to_vector<std::int64_t>(),
              ElementsAre(5, 6, 9, 10));
  EXPECT_THAT(CenterCrop({1, 4})(counted_images(1, 1, 1, 2)).to_vector<std::int64_t>(),
              ElementsAre(0, 0, 1, 0));
}

}  // namespace
}  // namespace fovea::data
