#include "fovea/data/random_erasing.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;
using test::counted;

// Over 4000 images: p of them lose a part, whose share and height / width lie in their ranges.
TEST(RandomErasing, DrawsPartsByTheirShareAndProportions) {
  const RandomErasing erasing({.p = 0.3, .scale = {0.02, 0.2}, .ratio = {2, 3}});
  const Indices indices = counted(4000);
  const SampleKeys keys{test::seed(), 1, indices};
  int erased = 0;
  double share = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto part = erasing.part(keys, i, {300, 300});
    if (!part) continue;
    ++erased;
    const auto height = static_cast<double>(part->size.height);
    const auto width = static_cast<double>(part->size.width);
    EXPECT_GE(height / width, 1.95);
    EXPECT_LE(height / width, 3.1);
    share += height * width / 90000;
  }
  EXPECT_NEAR(erased, 1200, 150);  // 5 standard deviations
  EXPECT_NEAR(share / erased, 0.11, 0.008);
}

TEST(RandomErasing, OverwritesThePartAlone) {
  const RandomErasing erasing({.p = 1, .value = {1, 2, 3}});
  const Indices indices = counted(20);
  const SampleKeys keys{test::seed(), 0, indices};
  const Tensor y = erasing(zeros({20, 3, 10, 12}), keys);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto part = erasing.part(keys, i, {10, 12});
    ASSERT_TRUE(part);
    const auto pixels = static_cast<double>(part->size.height * part->size.width);
    const Tensor image = y[static_cast<std::int64_t>(i)];
    EXPECT_EQ(image.sum().item(), 6 * pixels);
    const Tensor inside =
        image.narrow(1, part->top, part->size.height).narrow(2, part->left, part->size.width);
    EXPECT_EQ(inside.sum().item(), 6 * pixels);
    EXPECT_EQ(image[2].max().item(), pixels > 0 ? 3 : 0);
  }
}

// An image of one pixel has no part that leaves some of it.
TEST(RandomErasing, LeavesAnImageInWhichNothingFits) {
  const Tensor x = ones({4, 1, 1, 1});
  const Indices indices = counted(4);
  const RandomErasing erasing({.p = 1, .scale = {0.9, 1}, .ratio = {1, 1}});
  EXPECT_TRUE(equal(erasing(x, {test::seed(), 0, indices}), x));
}

TEST(RandomErasing, SaysWhatIsWrong) {
  EXPECT_THAT([] { RandomErasing({.p = 2}); },
              ThrowsMessage<ArgumentError>("RandomErasing: p expected in [0, 1], got 2"));
  EXPECT_THAT(
      [] { RandomErasing({.value = {}}); },
      ThrowsMessage<ArgumentError>("RandomErasing: value expected at least 1 number, got 0"));
  EXPECT_THAT([] { RandomErasing({.value = {NAN}}); },
              ThrowsMessage<ArgumentError>("RandomErasing: value expected finite, got nan"));
  const Indices indices = counted(1);
  EXPECT_THAT(
      [&] {
        RandomErasing({.value = {1, 2}})(zeros({1, 3, 4, 4}), {0, 0, indices});
      },
      ThrowsMessage<ShapeError>("RandomErasing: batch expected 2 channels, as many as "
                                "values, got [1, 3, 4, 4]"));
}

}  // namespace
}  // namespace fovea::data
