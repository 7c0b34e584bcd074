#include "fovea/explain/arithmetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "fovea/core/error.h"
#include "tests/support/close.h"

namespace fovea::explain {
namespace {

using Numbers = std::vector<double>;

TEST(NumberText, IsShort) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(3), "3");
  EXPECT_EQ(number_text(-12), "-12");
  EXPECT_EQ(number_text(1000), "1000");
  EXPECT_EQ(number_text(16777217), "16777217");
  EXPECT_EQ(number_text(0.25), "0.25");
  EXPECT_EQ(number_text(1.0 / 3), "0.3333");
  EXPECT_EQ(number_text(-2.0 / 3, 2), "-0.67");
  EXPECT_EQ(number_text(12.3456), "12.35");
  EXPECT_EQ(number_text(12345.6), "12346");
  EXPECT_EQ(number_text(2.00001), "2");
  EXPECT_EQ(number_text(0.00001234), "1.234e-05");
  EXPECT_EQ(number_text(1e20), "1e+20");
}

TEST(NumberText, SaysWhatIsNoNumber) {
  EXPECT_EQ(number_text(std::nan("")), "nan");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(NumberText, OfAFloatIsTheFloat) {
  EXPECT_EQ(number_text(0.1f), "0.1");
  EXPECT_EQ(number_text(0.1f, 17), "0.1");
  EXPECT_EQ(number_text(2.7182817f, 9), "2.7182817");
  EXPECT_EQ(number_text(1.0 / 3, 17), "0.33333333333333331");
}

// The chapter's first step, and its way to set negative weights apart.
TEST(ProductsText, HasAGapBetweenRows) {
  const Numbers image = {1, 0, 0, 0, 1, 0, 0, 0, 1}, kernel = {1, 0, 1, 0, 1, 0, 1, 0, 1};
  EXPECT_EQ(products_text(image, kernel, 3),
            "(1x1)+(0x0)+(0x1) + (0x0)+(1x1)+(0x0) + (0x1)+(0x0)+(1x1)");
  EXPECT_EQ(products_text(Numbers{3, -2, 0.5}, Numbers{-1, 2, -0.25}, 3),
            "(3x(-1))+(-2x2)+(0.5x(-0.25))");
  EXPECT_EQ(products_text(Numbers{1, 2}, Numbers{3, 4}, 1), "(1x3) + (2x4)");
  EXPECT_EQ(products_text({}, {}, 3), "");
  EXPECT_EQ(test::message_of<ArgumentError>([] {
              products_text(Numbers{1, 2}, Numbers{1}, 1);
            }),
            "products_text: weights expected as many as values, 2, got 1");
}

TEST(SumText, BracketsNegativeTerms) {
  EXPECT_EQ(sum_text(Numbers{3, -1, -3, 1}), "3 + (-1) + (-3) + 1");
  EXPECT_EQ(sum_text(Numbers{-0.5, 2}), "(-0.5) + 2");
  EXPECT_EQ(sum_text({}), "");
}

}  // namespace
}  // namespace fovea::explain
