#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/batch_norm.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(BatchNormContract, &KernelTable::batch_norm_stats, &KernelTable::batch_norm_apply,
               &KernelTable::batch_norm_backward_sums, &KernelTable::batch_norm_backward_input);

using test::Array;

constexpr double kEps = 1e-5;

/// Batches over every channel count that meets a tail, in 0 to 3 spatial dimensions, with odd
/// numbers of rows.
std::vector<Shape> shapes() {
  std::vector<Shape> result;
  for (const std::int64_t c : {1, 2, 3, 7, 8, 16, 33, 64, 70}) {
    result.push_back({1, c});
    result.push_back({131, c});
    result.push_back({2, c, 7});
    result.push_back({3, c, 9, 11});
    result.push_back({1, c, 3, 2, 5});
  }
  result.push_back({40, 6, 31, 29});  // several parts
  return result;
}

/// |actual - expected| <= tolerance (1 + |expected|), elementwise.
void expect_near(const std::vector<float>& actual, const std::vector<float>& expected,
                 double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i],
                tolerance * (1 + std::abs(static_cast<double>(expected[i]))))
        << "element " << i;
  }
}

TEST_P(BatchNormContract, StatisticsAreTheReferences) {
  for (const Shape& sizes : shapes()) {
    SCOPED_TRACE(sizes.to_string());
    Array<float> x(sizes, channels_last_strides), mean({sizes[1]}), var({sizes[1]});
    x.fill_integers(-50, 100, 1);
    Array<float> expected_mean = mean, expected_var = var;
    reference::batch_norm_stats<float>(x.view(), expected_mean.view(), expected_var.view());
    for_each_variant([&] {
      contract::run(&KernelTable::batch_norm_stats, x.view(), mean.view(), var.view());
      expect_near(mean.values, expected_mean.values, 1e-6);
      expect_near(var.values, expected_var.values, 1e-6);
    });
  }
}

// A mean 10^5 deviations away: E[x^2] - E[x]^2 in f32 would have no digit right.
TEST_P(BatchNormContract, StatisticsOfValuesFarFromZero) {
  for (const std::int64_t c : {3, 40}) {
    Array<float> x({16, c, 30, 31}, channels_last_strides), mean({c}), var({c});
    x.fill_normal(1e4, 0.1, 2);
    Array<float> expected_mean = mean, expected_var = var;
    reference::batch_norm_stats<float>(x.view(), expected_mean.view(), expected_var.view());
    contract::run(&KernelTable::batch_norm_stats, x.view(), mean.view(), var.view());
    for (std::size_t i = 0; i < mean.values.size(); ++i) {
      EXPECT_NEAR(mean.values[i], expected_mean.values[i], 1e-3);  // an ulp of the mean
      EXPECT_NEAR(var.values[i], expected_var.values[i], 1e-6 * expected_var.values[i]);
    }
  }
}

// One value far from all others must not spoil the rest, as it does when everything is centred on
// it.
TEST_P(BatchNormContract, StatisticsWithAnOutlier) {
  Array<float> x({100000, 2}), mean({2}), var({2});
  x.fill_normal(0, 1, 3);
  x.values[0] = 3e4f;
  Array<float> expected_mean = mean, expected_var = var;
  reference::batch_norm_stats<float>(x.view(), expected_mean.view(), expected_var.view());
  contract::run(&KernelTable::batch_norm_stats, x.view(), mean.view(), var.view());
  expect_near(mean.values, expected_mean.values, 1e-6);
  EXPECT_NEAR(var.values[0], expected_var.values[0], 1e-6 * expected_var.values[0]);
}

TEST_P(BatchNormContract, NanStaysInItsChannel) {
  Array<float> x({4, 3}), mean({3}), var({3});
  x.values[4] = std::numeric_limits<float>::quiet_NaN();
  contract::run(&KernelTable::batch_norm_stats, x.view(), mean.view(), var.view());
  EXPECT_TRUE(std::isnan(mean.values[1]));
  EXPECT_TRUE(std::isnan(var.values[1]));
  EXPECT_EQ(mean.values[0], 0);
  EXPECT_EQ(var.values[2], 0);
}

/// Everything that a normalisation of `sizes` needs, with whole numbers for x, dy and mean.
struct Problem {
  Array<float> x, dy, mean, var, weight, bias;

  explicit Problem(const Shape& sizes)
      : x(sizes, channels_last_strides),
        dy(x),
        mean({sizes[1]}),
        var({sizes[1]}),
        weight({sizes[1]}),
        bias({sizes[1]}) {
    x.fill_integers(-20, 20, 4);
    dy.fill_integers(-20, 20, 5);
    mean.fill_integers(-3, 3, 6);
    var.fill_integers(1, 9, 7);
    weight.fill_normal(1, 0.3, 8);
    bias.fill_normal(0, 1, 9);
  }
};

TEST_P(BatchNormContract, ApplyIsTheReference) {
  for (const Shape& sizes : shapes()) {
    SCOPED_TRACE(sizes.to_string());
    Problem p(sizes);
    for (const bool affine : {true, false}) {
      const ConstView weight = affine ? p.weight.view() : View{},
                      bias = affine ? p.bias.view() : View{};
      Array<float> y = p.x, expected = p.x;
      reference::batch_norm_apply<float>(p.x.view(), p.mean.view(), p.var.view(), kEps, weight,
                                         bias, expected.view());
      for_each_variant([&] {
        contract::run(&KernelTable::batch_norm_apply, p.x.view(), p.mean.view(), p.var.view(), kEps,
                      weight, bias, y.view());
        expect_near(y.values, expected.values, 1e-6 * 30);  // two roundings of values below 30
        Array<float> in_place = p.x;
        contract::run(&KernelTable::batch_norm_apply, in_place.view(), p.mean.view(), p.var.view(),
                      kEps, weight, bias, in_place.view());
        EXPECT_EQ(in_place.values, y.values);
      });
    }
  }
}

TEST_P(BatchNormContract, BackwardIsTheReference) {
  for (const Shape& sizes : shapes()) {
    SCOPED_TRACE(sizes.to_string());
    Problem p(sizes);
    Array<float> sum({sizes[1]}), product({sizes[1]}), dx = p.x;
    Array<float> expected_sum = sum, expected_product = product, expected_dx = dx;
    reference::batch_norm_backward_sums<float>(p.dy.view(), p.x.view(), p.mean.view(), p.var.view(),
                                               kEps, expected_sum.view(), expected_product.view());
    reference::batch_norm_backward_input<float>(
        p.dy.view(), p.x.view(), p.mean.view(), p.var.view(), kEps, p.weight.view(),
        expected_sum.view(), expected_product.view(), expected_dx.view());
    for_each_variant([&] {
      contract::run(&KernelTable::batch_norm_backward_sums, p.dy.view(), p.x.view(), p.mean.view(),
                    p.var.view(), kEps, sum.view(), product.view());
      EXPECT_EQ(sum.values, expected_sum.values);  // whole numbers below 2^24: exact
      EXPECT_EQ(product.values, expected_product.values);
      contract::run(&KernelTable::batch_norm_backward_input, p.dy.view(), p.x.view(), p.mean.view(),
                    p.var.view(), kEps, p.weight.view(), sum.view(), product.view(), dx.view());
      expect_near(dx.values, expected_dx.values, 1e-6 * 60);  // four roundings of values below 60
    });
  }
}

TEST_P(BatchNormContract, AnyNumberOfThreadsGivesTheSameBits) {
  Array<float> x({20, 24, 29, 31}, channels_last_strides), mean({24}), var({24}), sum({24}),
      product({24});
  x.fill_normal(3, 1, 10);
  Array<float> dy = x;
  dy.fill_normal(0, 1, 11);
  const int before = num_threads();
  std::vector<std::vector<float>> results[2];
  for (int run = 0; run < 2; ++run) {
    set_num_threads(run == 0 ? 1 : 5);
    contract::run(&KernelTable::batch_norm_stats, x.view(), mean.view(), var.view());
    contract::run(&KernelTable::batch_norm_backward_sums, dy.view(), x.view(), mean.view(),
                  var.view(), kEps, sum.view(), product.view());
    results[run] = {mean.values, var.values, sum.values, product.values};
  }
  set_num_threads(before);
  EXPECT_EQ(results[0], results[1]);
}

TEST_P(BatchNormContract, NoRowsNoWork) {
  Array<float> x({0, 3, 4, 4}, channels_last_strides), y = x, mean({3}), var({3}), sum({3}),
                                                       product({3});
  contract::run(&KernelTable::batch_norm_apply, x.view(), mean.view(), var.view(), kEps, {}, {},
                y.view());
  contract::run(&KernelTable::batch_norm_backward_sums, y.view(), x.view(), mean.view(), var.view(),
                kEps, sum.view(), product.view());
  EXPECT_THAT(sum.values, testing::ElementsAre(0, 0, 0));
}

}  // namespace
}  // namespace fovea::kernels::contract
