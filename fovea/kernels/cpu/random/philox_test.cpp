#include "fovea/kernels/cpu/random/philox.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/random.h"
#include "tests/support/vector_targets.h"

namespace fovea::kernels::cpu {
namespace {

constexpr RngKey kKey{.seed = 202411, .stream = 3};

TEST(Philox, VectorsGiveTheDefinitionsWords) {
  test::for_each_vector_target([]() {
    for (const std::int64_t group : {0L, 1L, 5L, 0x0fffffffL, 0x123456789aL}) {
      std::uint32_t words[reference::kGroupElements];
      philox_group({0x0123456789abcdef, 0xfedcba9876543210}, group, words);
      for (std::int64_t i = 0; i < reference::kGroupElements; ++i) {
        const std::int64_t element = group * reference::kGroupElements + i;
        ASSERT_EQ(words[i],
                  reference::element_word({0x0123456789abcdef, 0xfedcba9876543210}, element))
            << "group " << group << ", element " << i;
      }
    }
  });
}

TEST(Philox, ElementsOfAGroupTakeTheWordsOfItsSixteenCounters) {
  EXPECT_EQ(reference::element_word(kKey, 0), philox(kKey, 0)[0]);
  EXPECT_EQ(reference::element_word(kKey, 15), philox(kKey, 15)[0]);
  EXPECT_EQ(reference::element_word(kKey, 16), philox(kKey, 0)[1]);
  EXPECT_EQ(reference::element_word(kKey, 63), philox(kKey, 15)[3]);
  EXPECT_EQ(reference::element_word(kKey, 64), philox(kKey, 16)[0]);
}

}  // namespace
}  // namespace fovea::kernels::cpu
