#include "fovea/core/rng.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"

namespace fovea {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of philox4x32-10 from the authors' Random123 library (kat_vectors): counter, key,
// result.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  EXPECT_EQ(philox({kOnes, kOnes}, kOnes), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  const RngKey key{.seed = 0x299f31d0a4093822, .stream = 0x0370734413198a2e};
  EXPECT_EQ(philox(key, 0x85a308d3243f6a88),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, WordsBecomeNumbersInTheirRanges) {
  EXPECT_EQ(to_unit_float(0), 0.0f);
  EXPECT_EQ(to_unit_float(0xffffffff), 1.0f - 0x1p-24f);
  EXPECT_EQ(to_unit_double(0, 0), 0.0);
  EXPECT_EQ(to_unit_double(0xffffffff, 0xffffffff), 1.0 - 0x1p-53);
  EXPECT_EQ(to_below({0, 0, 0, 0}, 10), 0u);
  EXPECT_EQ(to_below({0x80000000, 0, 0, 0}, 10), 5u);
  EXPECT_EQ(to_below({0xffffffff, 0xffffffff, 0, 0}, 10), 9u);
  EXPECT_NEAR(to_normal({0x80000000, 0, 0, 0}), std::sqrt(2 * std::log(2.0)),
              1e-15);  // u = 1/2, v = 0
  EXPECT_TRUE(std::isfinite(to_normal({0xffffffff, 0xffffffff, 0, 0})));
}

TEST(Generator, GivesEveryDrawItsOwnStream) {
  Generator generator(7);
  const RngKey first = generator.next(), second = generator.next();
  EXPECT_EQ(first.seed, 7u);
  EXPECT_EQ(second.seed, 7u);
  EXPECT_NE(first.stream, second.stream);
  EXPECT_EQ(generator.position(), 2u);
  generator.manual_seed(7);
  EXPECT_EQ(generator.next().stream, first.stream);
  generator.set_position(1);
  EXPECT_EQ(generator.next().stream, second.stream);
}

TEST(Generator, ForksDifferFromItAndFromEachOther) {
  const Generator generator(7);
  EXPECT_NE(generator.fork(0).seed(), generator.seed());
  EXPECT_NE(generator.fork(0).seed(), generator.fork(1).seed());
  EXPECT_EQ(generator.fork(1).seed(), generator.fork(1).seed());
}

TEST(Generator, RefusesARangeOfNothing) {
  Generator generator;
  EXPECT_THAT([&] { generator.below(0); },
              testing::ThrowsMessage<ArgumentError>("below: n expected at least 1, got 0"));
  for (int i = 0; i < 100; ++i) EXPECT_LT(generator.below(3), 3u);
}

}  // namespace
}  // namespace fovea
