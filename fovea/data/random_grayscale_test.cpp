#include "fovea/data/random_grayscale.h"

#include <gmock/gmock.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::counted;
using testing::ElementsAre;
using testing::ThrowsMessage;

// The grey of (200, 100, 50) is 59.78 + 58.7 + 5.7 = 124.18, as a byte 124.
TEST(RandomGrayscale, IsTheLumaInAllChannels) {
  const Tensor x = from_data(std::vector<std::uint8_t>{200, 100, 50}, {1, 3, 1, 1});
  const std::vector<std::int64_t> one = {0};
  EXPECT_THAT(RandomGrayscale(1)(x, {.indices = one}).to_vector<int>(), ElementsAre(124, 124, 124));
  EXPECT_TRUE(equal(RandomGrayscale(0)(x, {.indices = one}), x));
}

// 10000 draws with p = 0.3: the deviation is 46.
TEST(RandomGrayscale, GreysAShareOfTheSamples) {
  const RandomGrayscale grayscale(0.3);
  const std::vector<std::int64_t> indices = counted(10000);
  int count = 0;
  for (std::size_t i = 0; i < indices.size(); ++i)
    count += static_cast<int>(grayscale.greys({test::seed(), 0, indices}, i));
  EXPECT_NEAR(count, 3000, 250);
}

TEST(RandomGrayscale, SaysWhatIsWrong) {
  EXPECT_THAT([] { RandomGrayscale(1.5); },
              ThrowsMessage<ArgumentError>("RandomGrayscale: p expected in [0, 1], got 1.5"));
  EXPECT_THAT(
      [] {
        RandomGrayscale()(zeros({2, 3, 1, 1}), {});
      },
      ThrowsMessage<ArgumentError>("RandomGrayscale: keys expected for [2, 3, 1, 1], got 0"));
}

}  // namespace
}  // namespace fovea::data
