#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/softmax.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(SoftmaxContract, &KernelTable::softmax, &KernelTable::softmax_backward);

using test::Array;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Exp errs by 2 ulp, the sum of n positive terms by n/lanes ulp, subtraction and product by 1 each.
double tolerance(std::int64_t length) { return static_cast<double>(8 + length) * 0x1p-24; }

/// The same values in f64, laid out alike.
Array<double> widened(const Array<float>& array) {
  Array<double> wide(array.sizes);
  wide.strides = array.strides;
  wide.values.assign(array.values.begin(), array.values.end());
  return wide;
}

void expect_close(const Array<float>& actual, const Array<double>& expected, double rtol,
                  double atol) {
  for (std::size_t i = 0; i < actual.values.size(); ++i) {
    ASSERT_NEAR(actual.values[i], expected.values[i], atol + rtol * std::abs(expected.values[i]))
        << "element " << i;
  }
}

void compare(bool log, const Shape& sizes, int dim, Shape (*layout)(const Shape&)) {
  SCOPED_TRACE(str(log ? "log_softmax " : "softmax ", sizes, " along ", dim));
  Array<float> x(sizes, layout), y(sizes, layout), dy(sizes), dx(sizes, layout);
  x.fill_normal(0, 3, 1);
  dy.fill_normal(0, 1, 2);
  contract::run(&KernelTable::softmax, log, x.view(), dim, y.view());
  const std::int64_t length = sizes[dim], rows = length == 0 ? 0 : sizes.numel() / length;
  const double bound = tolerance(length);
  const Array<double> wide_x = widened(x);
  Array<double> expected(sizes, layout);
  reference::softmax<double>(log, wide_x.view(), dim, expected.view(), 0, rows);
  expect_close(y, expected, bound, log ? bound * 8 : 0);

  contract::run(&KernelTable::softmax_backward, log, dy.view(), y.view(), dim, dx.view());
  const Array<double> wide_dy = widened(dy), wide_y = widened(y);
  reference::softmax_backward<double>(log, wide_dy.view(), wide_y.view(), dim, expected.view(), 0,
                                      rows);
  expect_close(dx, expected, bound, bound * 4 * std::sqrt(static_cast<double>(length)));
}

TEST_P(SoftmaxContract, AgreesWithTheReferenceAlongEveryDimension) {
  for_each_variant([]() {
    for (const bool log : {false, true}) {
      for (const std::int64_t length : {1, 2, 7, 8, 10, 16, 17, 31, 33, 100, 1001}) {
        compare(log, {5, length}, 1, contiguous_strides);
        compare(log, {length, 3}, 0, contiguous_strides);
        compare(log, {2, length, 3, 2}, 1, channels_last_strides);
      }
      compare(log, {0, 4}, 1, contiguous_strides);
      compare(log, {4, 0}, 1, contiguous_strides);
      compare(log, {300, 70}, 1, contiguous_strides);  // more than one thread's worth
    }
  });
}

TEST_P(SoftmaxContract, RowsSaturateAndSpreadNan) {
  for_each_variant([]() {
    const auto run = [](bool log, std::vector<float> row) {
      const auto length = static_cast<std::int64_t>(row.size());
      const View in_place{row.data(), f32, {1, length}, {length, 1}};
      contract::run(&KernelTable::softmax, log, in_place, 1, in_place);
      return row;
    };
    EXPECT_EQ(run(false, {1000, 0, -1000}), (std::vector<float>{1, 0, 0}));
    EXPECT_EQ(run(true, {1000, 0, -1000}), (std::vector<float>{0, -1000, -2000}));
    EXPECT_EQ(run(false, {0, -kInfinity}), (std::vector<float>{1, 0}));
    EXPECT_EQ(run(true, {0, -kInfinity}), (std::vector<float>{0, -kInfinity}));
    for (const bool log : {false, true}) {
      for (std::size_t length : {1, 3, 16, 40}) {
        for (std::size_t at = 0; at < length; ++at) {
          std::vector<float> row(length, 1.0f);
          row[at] = kNan;
          for (const float value : run(log, row))
            EXPECT_TRUE(std::isnan(value)) << length << ", NaN at " << at;
        }
        for (const float value : run(log, std::vector<float>(length, -kInfinity)))
          EXPECT_TRUE(std::isnan(value));
      }
    }
  });
}

}  // namespace
}  // namespace fovea::kernels::contract
