// Conversion of bytes, against the formula.

#include "fovea/kernels/cpu/elementwise/vector_rows.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

#include "fovea/core/error.h"
#include "tests/support/vector_targets.h"
#include "tests/test_seed.h"

namespace fovea::kernels::cpu {
namespace {

/// All bytes, bit by bit.
void compare(float divisor, float mean, float std) {
  std::array<std::uint8_t, 256> bytes{};
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  bytes_row(bytes.data(), divisor, mean, std, values.data(), 256);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const float expected = (static_cast<float>(i) / divisor - mean) / std;
    ASSERT_EQ(std::bit_cast<std::uint32_t>(values[i]), std::bit_cast<std::uint32_t>(expected))
        << "byte " << i << str(", divisor ", divisor, ", mean ", mean, ", std ", std, ": ")
        << values[i] << " and " << expected;
  }
}

// The quotients are those of division, although most targets do not divide.
TEST(BytesRow, EqualsTheFormulaBitByBit) {
  test::for_each_vector_target([] {
    std::mt19937_64 random(test::seed());
    std::uniform_real_distribution<float> exponent(-10, 10), value(-2, 2);
    for (int i = 0; i < 200; ++i) {
      compare(255, 0, 1);
      compare(255, value(random), std::exp2(exponent(random)));
      compare(std::exp2(exponent(random)), 0, 1);
      compare(255, 0, -std::exp2(exponent(random)));
      compare(std::exp2(exponent(random)), value(random), -std::exp2(exponent(random)));
    }
  });
}

TEST(BytesRow, NumbersAtTheEndsOfTheRange) {
  for (const float divisor : {0x1p-120f, 0x1p120f, 255.0f}) {
    for (const float mean : {0.0f, 0x1p-100f, 0x1p100f}) {
      for (const float std : {1.0f, 0x1p-100f, 0x1p100f}) compare(divisor, mean, std);
    }
  }
}

}  // namespace
}  // namespace fovea::kernels::cpu
