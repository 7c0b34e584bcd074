#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/pool.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(PoolContract, &KernelTable::extreme_pool_forward,
               &KernelTable::extreme_pool_backward, &KernelTable::adaptive_extreme_pool_forward,
               &KernelTable::avg_pool_forward, &KernelTable::avg_pool_backward,
               &KernelTable::adaptive_avg_pool_forward, &KernelTable::adaptive_avg_pool_backward);

using test::Array;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Problem {
  Shape x;  ///< [n, c, spatial...]
  Shape kernel, stride, padding, dilation;
  std::int64_t extra = 0;  ///< outputs more than the formula gives, as ceil_mode asks for
  bool count_include_pad = true;
  std::int64_t divisor_override = 0;
  std::int64_t more_after = 0;  ///< added to the padding at the end

  Shape after() const {
    Shape result = padding;
    for (std::int64_t& amount : result) amount += more_after;
    return result;
  }
  PoolSpec spec() const {
    return {.spatial = kernel.ndim(),
            .kernel = kernel,
            .stride = stride,
            .padding_begin = padding,
            .padding_end = after(),
            .dilation = dilation,
            .count_include_pad = count_include_pad,
            .divisor_override = divisor_override};
  }
  Shape y() const {
    Shape sizes{x[0], x[1]};
    for (int i = 0; i < kernel.ndim(); ++i) {
      const std::int64_t padded = x[i + 2] + padding[i] + after()[i];
      const std::int64_t room = padded - dilation[i] * (kernel[i] - 1) - 1;
      sizes.push_back(room / stride[i] + 1 + extra);
    }
    return sizes;
  }
};

/// Geometries over odd sizes, strides, paddings and dilations, for every channel count that meets a
/// tail.
std::vector<Problem> problems() {
  std::vector<Problem> result;
  for (const std::int64_t c : {1, 2, 3, 7, 8, 16, 33, 70}) {
    result.push_back({{2, c, 8, 6}, {2, 2}, {2, 2}, {0, 0}, {1, 1}});
    result.push_back({{2, c, 9, 11}, {3, 3}, {2, 2}, {1, 1}, {1, 1}});
    result.push_back({{1, c, 7, 9}, {3, 3}, {1, 1}, {1, 1}, {1, 1}});
    result.push_back({{1, c, 5, 40}, {3, 5}, {1, 1}, {0, 2}, {1, 1}});
    result.push_back({{2, c, 7, 8}, {2, 3}, {1, 2}, {1, 0}, {1, 1}});
    result.push_back({{1, c, 9, 10}, {2, 2}, {4, 3}, {0, 0}, {1, 1}});
    result.push_back({{1, c, 7, 9}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, 1});
    result.push_back({{2, c, 19}, {4}, {3}, {2}, {1}});
    result.push_back({{2, c, 5, 7, 6}, {1, 2, 3}, {1, 2, 2}, {0, 1, 1}, {1, 1, 1}});
    result.push_back({{1, c, 11, 7}, {11, 7}, {11, 7}, {0, 0}, {1, 1}});
    result.push_back({{2, c, 9, 11}, {3, 3}, {2, 2}, {0, 1}, {1, 1}, 0, true, 0, 1});
    result.push_back({{2, c, 12, 11}, {3, 2}, {2, 1}, {1, 1}, {2, 3}});
    result.push_back({{1, c, 6, 7, 6}, {2, 2, 2}, {1, 1, 1}, {1, 0, 1}, {2, 1, 3}});
    result.push_back({{1, c, 2}, {2}, {1}, {1}, {3}});  // both taps in the border
  }
  return result;
}

/// Equal, NaN being equal to NaN.
bool same_values(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float p, float q) { return p == q || (std::isnan(p) && std::isnan(q)); });
}

void expect_extreme_like_reference(Extreme which, const Problem& problem, int low, int high) {
  SCOPED_TRACE(str("x ", problem.x, ", kernel ", problem.kernel, ", stride ", problem.stride));
  Array<float> x(problem.x, channels_last_strides), y(problem.y(), channels_last_strides);
  x.fill_integers(low, high, 1);
  if (x.values.size() > 20) x.values[5] = x.values[13] = kNan;
  Array<float> expected_y = y, bare_y = y;
  Array<std::int64_t> indices(problem.y(), channels_last_strides), expected_indices = indices;
  reference::extreme_pool_forward<float>(which, problem.spec(), x.view(), expected_y.view(),
                                         expected_indices.view());
  for_each_variant([&] {
    contract::run(&KernelTable::extreme_pool_forward, which, problem.spec(), x.view(), y.view(),
                  indices.view());
    contract::run(&KernelTable::extreme_pool_forward, which, problem.spec(), x.view(),
                  bare_y.view(), {});
    EXPECT_TRUE(same_values(y.values, expected_y.values));
    EXPECT_TRUE(same_values(bare_y.values, expected_y.values));
    EXPECT_EQ(indices.values, expected_indices.values);
    std::fill(y.values.begin(), y.values.end(), 0.0f);
    std::fill(bare_y.values.begin(), bare_y.values.end(), 0.0f);
  });

  Array<float> dy(problem.y(), channels_last_strides), dx(problem.x, channels_last_strides);
  dy.fill_integers(-8, 8, 2);
  dx.fill_integers(1, 1, 3);  // the kernel must not add to what was there
  Array<float> expected_dx = dx;
  contract::run(&KernelTable::extreme_pool_backward, dy.view(), indices.view(), dx.view());
  reference::extreme_pool_backward<float>(dy.view(), indices.view(), expected_dx.view());
  EXPECT_EQ(dx.values, expected_dx.values);
}

TEST_P(PoolContract, ExtremeIsTheReferences) {
  for (const Problem& problem : problems()) {
    expect_extreme_like_reference(Extreme::kMax, problem, -1000, 1000);
    expect_extreme_like_reference(Extreme::kMin, problem, -1000, 1000);
  }
}

TEST_P(PoolContract, TiesTakeTheFirstIndex) {
  for (const Problem& problem : problems()) {
    expect_extreme_like_reference(Extreme::kMax, problem, 0, 1);
    expect_extreme_like_reference(Extreme::kMin, problem, 0, 1);
  }
}

TEST_P(PoolContract, FirstNanWins) {
  Array<float> x({1, 1, 2, 4}, channels_last_strides), y({1, 1, 1, 1}, channels_last_strides);
  Array<std::int64_t> indices({1, 1, 1, 1}, channels_last_strides);
  x.values = {kInfinity, 1, kNan, 3, 4, kNan, 6, -kInfinity};
  const PoolSpec spec{.spatial = 2,
                      .kernel = {2, 4},
                      .stride = {2, 4},
                      .padding_begin = {0, 0},
                      .padding_end = {0, 0},
                      .dilation = {1, 1}};
  for (const Extreme which : {Extreme::kMax, Extreme::kMin}) {
    contract::run(&KernelTable::extreme_pool_forward, which, spec, x.view(), y.view(),
                  indices.view());
    EXPECT_TRUE(std::isnan(y.values[0]));
    EXPECT_EQ(indices.values[0], 2);
  }
}

TEST_P(PoolContract, WindowOfBorderOnlyHasNoWinner) {
  Array<float> x({1, 1, 2}, channels_last_strides), y({1, 1, 1}, channels_last_strides);
  Array<std::int64_t> indices({1, 1, 1}, channels_last_strides);
  x.values = {5, 6};
  const PoolSpec spec{.spatial = 1,
                      .kernel = {2},
                      .stride = {1},
                      .padding_begin = {1},
                      .padding_end = {1},
                      .dilation = {3}};
  contract::run(&KernelTable::extreme_pool_forward, Extreme::kMax, spec, x.view(), y.view(),
                indices.view());
  EXPECT_EQ(y.values[0], -kInfinity);
  EXPECT_EQ(indices.values[0], -1);
  Array<float> dy({1, 1, 1}, channels_last_strides), dx({1, 1, 2}, channels_last_strides);
  dy.values = {1};
  contract::run(&KernelTable::extreme_pool_backward, dy.view(), indices.view(), dx.view());
  EXPECT_THAT(dx.values, testing::ElementsAre(0, 0));
}

/// |actual - expected| <= bound eps * `magnitude`, elementwise.
void expect_within(const std::vector<float>& actual, const std::vector<float>& expected,
                   double bound, double magnitude) {
  ASSERT_EQ(actual.size(), expected.size());
  const double limit = bound * std::numeric_limits<float>::epsilon() * magnitude;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], limit) << "element " << i;
  }
}

void expect_average_like_reference(const Problem& problem) {
  SCOPED_TRACE(str("x ", problem.x, ", kernel ", problem.kernel, ", stride ", problem.stride));
  Array<float> x(problem.x, channels_last_strides), y(problem.y(), channels_last_strides);
  Array<float> dy = y, expected_y = y, dx = x, expected_dx = x;
  x.fill_integers(-1000, 1000, 4);
  dy.fill_integers(-1000, 1000, 5);
  reference::avg_pool_forward<float>(problem.spec(), x.view(), expected_y.view());
  reference::avg_pool_backward<float>(problem.spec(), dy.view(), expected_dx.view());
  for_each_variant([&] {
    contract::run(&KernelTable::avg_pool_forward, problem.spec(), x.view(), y.view());
    // Sums of whole numbers are exact, the division is the same; an empty window gives NaN.
    EXPECT_TRUE(same_values(y.values, expected_y.values));
    dx.fill_integers(1, 1, 6);
    contract::run(&KernelTable::avg_pool_backward, problem.spec(), dy.view(), dx.view());
    // At most 15 windows share an input, each with a weight (4 roundings), a product and a sum.
    expect_within(dx.values, expected_dx.values, 15 * 6, 1000);
  });
}

TEST_P(PoolContract, AverageIsTheReferences) {
  for (Problem problem : problems()) {
    for (const bool include : {true, false}) {
      problem.count_include_pad = include;
      expect_average_like_reference(problem);
    }
    problem.divisor_override = 3;
    expect_average_like_reference(problem);
  }
}

void expect_adaptive_like_reference(const Shape& x_sizes, const Shape& y_sizes) {
  SCOPED_TRACE(str(x_sizes, " to ", y_sizes));
  Array<float> x(x_sizes, channels_last_strides), y(y_sizes, channels_last_strides);
  Array<float> dy = y, expected_y = y, dx = x, expected_dx = x;
  x.fill_integers(-1000, 1000, 7);
  dy.fill_integers(-1000, 1000, 8);
  reference::adaptive_avg_pool_forward<float>(x.view(), expected_y.view());
  reference::adaptive_avg_pool_backward<float>(dy.view(), expected_dx.view());
  for_each_variant([&] {
    contract::run(&KernelTable::adaptive_avg_pool_forward, x.view(), y.view());
    EXPECT_EQ(y.values, expected_y.values);
    contract::run(&KernelTable::adaptive_avg_pool_backward, dy.view(), dx.view());
    expect_within(dx.values, expected_dx.values, 8 * 6, 1000);  // as above, at most 8 windows
  });
}

void expect_adaptive_extreme_like_reference(Extreme which, const Shape& x_sizes,
                                            const Shape& y_sizes, int low, int high) {
  SCOPED_TRACE(str(x_sizes, " to ", y_sizes));
  Array<float> x(x_sizes, channels_last_strides), y(y_sizes, channels_last_strides);
  x.fill_integers(low, high, 9);
  if (x.values.size() > 20) x.values[5] = x.values[13] = kNan;
  Array<float> expected = y, bare = y;
  Array<std::int64_t> indices(y_sizes, channels_last_strides), expected_indices = indices;
  reference::adaptive_extreme_pool_forward<float>(which, x.view(), expected.view(),
                                                  expected_indices.view());
  for_each_variant([&] {
    contract::run(&KernelTable::adaptive_extreme_pool_forward, which, x.view(), y.view(),
                  indices.view());
    contract::run(&KernelTable::adaptive_extreme_pool_forward, which, x.view(), bare.view(), {});
    EXPECT_TRUE(same_values(y.values, expected.values));
    EXPECT_TRUE(same_values(bare.values, expected.values));
    EXPECT_EQ(indices.values, expected_indices.values);
    std::fill(y.values.begin(), y.values.end(), 0.0f);
    std::fill(bare.values.begin(), bare.values.end(), 0.0f);
  });
}

/// Calls `f(x_sizes, y_sizes)` over odd sizes, up and down, for every channel count that meets a
/// tail.
template <class F>
void for_adaptive_sizes(const F& f) {
  const std::vector<std::pair<Shape, Shape>> sizes = {{{7}, {1}},
                                                      {{10}, {4}},
                                                      {{5}, {8}},
                                                      {{7, 7}, {1, 1}},
                                                      {{8, 8}, {4, 4}},
                                                      {{13, 11}, {6, 6}},
                                                      {{3, 4}, {5, 7}},
                                                      {{6, 6}, {6, 6}},
                                                      {{5, 6, 7}, {2, 3, 4}},
                                                      {{5, 6, 7}, {1, 1, 1}}};
  for (const std::int64_t c : {1, 3, 7, 8, 16, 33, 200}) {
    for (const auto& [in, out] : sizes) {
      Shape x{2, c}, y{2, c};
      for (const auto size : in) x.push_back(size);
      for (const auto size : out) y.push_back(size);
      f(x, y);
    }
  }
}

TEST_P(PoolContract, AdaptiveAverageIsTheReferences) {
  for_adaptive_sizes(expect_adaptive_like_reference);
}

TEST_P(PoolContract, AdaptiveExtremeIsTheReferences) {
  for_adaptive_sizes([](const Shape& x, const Shape& y) {
    for (const Extreme which : {Extreme::kMax, Extreme::kMin}) {
      expect_adaptive_extreme_like_reference(which, x, y, -1000, 1000);
      expect_adaptive_extreme_like_reference(which, x, y, 0, 1);  // ties
    }
  });
}

// 40000 times 0.1: a plain f32 sum rounds the same way every time and is wrong by 1e-4.
TEST_P(PoolContract, LongAveragesStayAccurate) {
  Array<float> x({1, 5, 200, 200}, channels_last_strides), y({1, 5, 1, 1}, channels_last_strides);
  std::fill(x.values.begin(), x.values.end(), 0.1f);
  contract::run(&KernelTable::adaptive_avg_pool_forward, x.view(), y.view());
  float plain = 0;
  for (int i = 0; i < 40000; ++i) plain += 0.1f;
  EXPECT_GT(std::abs(plain / 40000 - 0.1f), 1e-6f);
  EXPECT_NEAR(y.values[0], 0.1f, 1e-6f);
}

TEST_P(PoolContract, AnyNumberOfThreadsGivesTheSameBits) {
  Array<float> x({3, 96, 15, 13}, channels_last_strides), y({3, 96, 8, 7}, channels_last_strides);
  x.fill_normal(0, 1, 10);
  Array<std::int64_t> indices(y.sizes, channels_last_strides);
  Array<float> dx = x;
  const PoolSpec spec{.spatial = 2,
                      .kernel = {3, 3},
                      .stride = {2, 2},
                      .padding_begin = {1, 1},
                      .padding_end = {1, 1},
                      .dilation = {1, 1}};
  const int before = num_threads();
  std::vector<std::vector<float>> results[2];
  for (int run = 0; run < 2; ++run) {
    set_num_threads(run == 0 ? 1 : 5);
    contract::run(&KernelTable::extreme_pool_forward, Extreme::kMax, spec, x.view(), y.view(),
                  indices.view());
    results[run].push_back(y.values);
    contract::run(&KernelTable::extreme_pool_backward, y.view(), indices.view(), dx.view());
    results[run].push_back(dx.values);
    contract::run(&KernelTable::avg_pool_forward, spec, x.view(), y.view());
    results[run].push_back(y.values);
    contract::run(&KernelTable::avg_pool_backward, spec, y.view(), dx.view());
    results[run].push_back(dx.values);
  }
  set_num_threads(before);
  EXPECT_EQ(results[0], results[1]);
}

TEST_P(PoolContract, NothingToDoIsDone) {
  // What the kernels are given lies where something else is, and has no elements.
  std::vector<float> others(100, 7);
  std::vector<std::int64_t> other_indices(100, 7);
  const Array<float> x({0, 3, 4, 4}, channels_last_strides), y({0, 3, 2, 2}, channels_last_strides);
  const auto none = [&](const Array<float>& like) {
    return View{others.data(), f32, like.sizes, like.strides};
  };
  const View indices{other_indices.data(), i64, y.sizes, y.strides};
  const PoolSpec spec{.spatial = 2,
                      .kernel = {2, 2},
                      .stride = {2, 2},
                      .padding_begin = {0, 0},
                      .padding_end = {0, 0},
                      .dilation = {1, 1}};
  contract::run(&KernelTable::extreme_pool_forward, Extreme::kMax, spec, none(x), none(y), indices);
  contract::run(&KernelTable::extreme_pool_backward, none(y), indices, none(x));
  contract::run(&KernelTable::avg_pool_forward, spec, none(x), none(y));
  contract::run(&KernelTable::avg_pool_backward, spec, none(y), none(x));
  contract::run(&KernelTable::adaptive_extreme_pool_forward, Extreme::kMax, none(x), none(y),
                indices);
  contract::run(&KernelTable::adaptive_avg_pool_forward, none(x), none(y));
  contract::run(&KernelTable::adaptive_avg_pool_backward, none(y), none(x));
  EXPECT_EQ(others, std::vector<float>(100, 7));
  EXPECT_EQ(other_indices, std::vector<std::int64_t>(100, 7));
}

}  // namespace
}  // namespace fovea::kernels::contract
