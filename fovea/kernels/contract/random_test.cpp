#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/random.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"
#include "tests/support/strides.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(RandomContract, &KernelTable::random);
FOVEA_CONTRACT(DropoutContract, &KernelTable::dropout);

using test::Array;
using test::reversed_strides;

constexpr RngKey kKey{.seed = 202411, .stream = 3};

/// Elements of a view in logical order.
template <class T>
std::vector<T> elements(const Array<T>& array) {
  std::vector<T> values;
  reference::Walker walker(array.sizes, array.strides);
  for (std::int64_t i = 0; i < array.sizes.numel(); ++i, walker.next()) {
    values.push_back(array.values[static_cast<std::size_t>(walker.offset())]);
  }
  return values;
}

template <class T>
std::vector<T> drawn(Distribution distribution, double a, double b, const Shape& sizes,
                     Shape (*layout)(const Shape&) = contiguous_strides, RngKey key = kKey) {
  Array<T> y(sizes, layout);
  contract::run(&KernelTable::random, distribution, a, b, key, y.view());
  return elements(y);
}

TEST_P(RandomContract, EveryLayoutAndThreadCountGivesTheReferencesElements) {
  const int threads = num_threads();
  const auto expect_same = [&]<class T>(T, Distribution distribution, double a, double b,
                                        const Shape& sizes) {
    Array<T> expected(sizes);
    reference::random<T>(distribution, a, b, kKey, expected.view());
    for (const int team : {1, 2, 3}) {
      set_num_threads(team);
      EXPECT_EQ(drawn<T>(distribution, a, b, sizes), expected.values)
          << sizes << ", " << team << " threads";
      EXPECT_EQ(drawn<T>(distribution, a, b, sizes, reversed_strides), expected.values) << sizes;
      EXPECT_EQ(drawn<T>(distribution, a, b, sizes, channels_last_strides), expected.values)
          << sizes;
    }
  };
  for (const Shape& sizes : {Shape{}, Shape{0}, Shape{63}, Shape{5, 13, 7}, Shape{3, 7, 11, 90}}) {
    expect_same(float(), Distribution::kUniform, -1, 2, sizes);
    expect_same(double(), Distribution::kUniform, -1, 2, sizes);
    expect_same(float(), Distribution::kNormal, 1, 3, sizes);
    expect_same(double(), Distribution::kNormal, 1, 3, sizes);
    expect_same(std::int64_t(), Distribution::kInteger, -5, 6, sizes);
    expect_same(std::uint8_t(), Distribution::kInteger, 0, 256, sizes);
    expect_same(float(), Distribution::kBernoulli, 0.3, 0, sizes);
  }
  set_num_threads(threads);
}

TEST_P(RandomContract, UniformStaysBelowItsEnd) {
  constexpr float kLargest = 1.0f - 0x1p-24f;
  EXPECT_EQ(reference::stretch(kLargest, 0, 1), kLargest);
  EXPECT_LT(reference::stretch(kLargest, 0.1, 0.3), 0.3f);
  EXPECT_EQ(reference::stretch(kLargest, 1, 1 + 0x1p-23), 1.0f) << "nothing else lies between";
  EXPECT_EQ(reference::stretch(0.0f, -2, 5), -2.0f);
}

TEST_P(RandomContract, IntegersReachAcrossTheWholeRange) {
  const auto values = drawn<std::int64_t>(Distribution::kInteger, -0x1p62, 0x1p62, {1000});
  EXPECT_LT(*std::min_element(values.begin(), values.end()), -(std::int64_t{1} << 61));
  EXPECT_GT(*std::max_element(values.begin(), values.end()), std::int64_t{1} << 61);
}

// --- Statistics. The numbers are the same in every run; the bounds are 5 standard deviations. ----

constexpr int kCount = 1 << 18;

template <class T>
double mean_of(const std::vector<T>& values, int power = 1) {
  double sum = 0;
  for (const T value : values) sum += std::pow(static_cast<double>(value), power);
  return sum / static_cast<double>(values.size());
}

/// Chi-square over `buckets` equal shares, in standard deviations from its mean.
template <class T, class Cdf>
double chi_square(const std::vector<T>& values, int buckets, Cdf cdf) {
  std::vector<double> counts(static_cast<std::size_t>(buckets));
  for (const T value : values) {
    counts[static_cast<std::size_t>(
        std::min(static_cast<int>(cdf(static_cast<double>(value)) * buckets), buckets - 1))] += 1;
  }
  const double expected = static_cast<double>(values.size()) / buckets;
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return (sum - (buckets - 1)) / std::sqrt(2.0 * (buckets - 1));
}

TEST_P(RandomContract, UniformIsUniform) {
  const auto check = [](const auto& values) {
    EXPECT_NEAR(mean_of(values), 0.5, 5 * std::sqrt(1.0 / 12 / kCount));
    EXPECT_NEAR(mean_of(values, 2), 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kCount));
    EXPECT_LT(std::abs(chi_square(values, 256, [](double v) { return v; })), 5);
  };
  check(drawn<float>(Distribution::kUniform, 0, 1, {kCount}));
  check(drawn<double>(Distribution::kUniform, 0, 1, {kCount}));
}

TEST_P(RandomContract, NormalIsNormal) {
  const auto values = drawn<double>(Distribution::kNormal, 0, 1, {kCount});
  EXPECT_NEAR(mean_of(values), 0, 5 * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(mean_of(values, 2), 1, 5 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(mean_of(values, 3), 0, 5 * std::sqrt(15.0 / kCount));
  EXPECT_NEAR(mean_of(values, 4), 3, 5 * std::sqrt(96.0 / kCount));
  EXPECT_LT(std::abs(chi_square(values, 256,
                                [](double v) { return std::erfc(-v / std::sqrt(2.0)) / 2; })),
            5);
}

TEST_P(RandomContract, IntegersAndBernoulliHaveTheirShares) {
  const auto integers = drawn<std::int64_t>(Distribution::kInteger, 0, 10, {kCount});
  EXPECT_LT(std::abs(chi_square(integers, 10, [](double v) { return (v + 0.5) / 10; })), 5);
  const auto flips = drawn<float>(Distribution::kBernoulli, 0.2, 0, {kCount});
  EXPECT_NEAR(mean_of(flips), 0.2, 5 * std::sqrt(0.2 * 0.8 / kCount));
}

TEST_P(RandomContract, StreamsSeedsAndNeighboursAreUncorrelated) {
  const auto base = drawn<double>(Distribution::kNormal, 0, 1, {kCount});
  const auto correlation = [&](const std::vector<double>& other, std::size_t shift) {
    double sum = 0;
    for (std::size_t i = shift; i < base.size(); ++i) sum += base[i] * other[i - shift];
    return sum * std::sqrt(1.0 / kCount);
  };
  const auto with_key = [](RngKey key) {
    return drawn<double>(Distribution::kNormal, 0, 1, {kCount}, contiguous_strides, key);
  };
  EXPECT_LT(std::abs(correlation(with_key({kKey.seed, kKey.stream + 1}), 0)), 5);
  EXPECT_LT(std::abs(correlation(with_key({kKey.seed + 1, kKey.stream}), 0)), 5);
  for (const std::size_t shift : {1, 4, 16, 64})
    EXPECT_LT(std::abs(correlation(base, shift)), 5) << shift;
}

// --- Dropout -------------------------------------------------------------------------------------

template <class T>
void expect_dropout_agrees(double p, const Shape& sizes, Shape (*from)(const Shape&),
                           Shape (*to)(const Shape&)) {
  Array<T> x(sizes, from), y(sizes, to), expected(sizes, to);
  x.fill_normal(0, 1, 1);
  contract::run(&KernelTable::dropout, kKey, p, x.view(), y.view());
  reference::dropout<T>(kKey, p, x.view(), expected.view());
  EXPECT_EQ(y.values, expected.values) << sizes << ", p " << p;
}

TEST_P(DropoutContract, EveryLayoutAndTargetDropsTheReferencesElements) {
  for_each_variant([]() {
    for (const double p : {0.0, 1e-9, 0.25, 0.5, 1.0}) {
      for (const Shape& sizes :
           {Shape{0}, Shape{1}, Shape{64}, Shape{127}, Shape{3, 5, 7, 11}, Shape{2, 5, 90, 13}}) {
        expect_dropout_agrees<float>(p, sizes, contiguous_strides, contiguous_strides);
        expect_dropout_agrees<float>(p, sizes, reversed_strides, contiguous_strides);
        expect_dropout_agrees<float>(p, sizes, channels_last_strides, channels_last_strides);
        expect_dropout_agrees<double>(p, sizes, contiguous_strides, reversed_strides);
      }
    }
  });
}

TEST_P(DropoutContract, KeepsItsShareAndTheSum) {
  for (const double p : {0.1, 0.5, 0.9}) {
    Array<float> x({kCount}), y({kCount});
    std::fill(x.values.begin(), x.values.end(), 1.0f);
    contract::run(&KernelTable::dropout, kKey, p, x.view(), y.view());
    const auto kept =
        std::count_if(y.values.begin(), y.values.end(), [](float v) { return v != 0; });
    EXPECT_NEAR(static_cast<double>(kept) / kCount, 1 - p, 5 * std::sqrt(p * (1 - p) / kCount));
    EXPECT_EQ(*std::max_element(y.values.begin(), y.values.end()), static_cast<float>(1 / (1 - p)));
  }
}

}  // namespace
}  // namespace fovea::kernels::contract
