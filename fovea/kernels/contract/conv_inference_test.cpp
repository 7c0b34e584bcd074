// Convolutions of a weight that is kept, prepared or not, with what follows them: against the
// reference, exactly on whole numbers, on every instruction set.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/conv.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(ConvInferenceContract, &KernelTable::conv_plan, &KernelTable::conv_prepare,
               &KernelTable::conv_add_clamp);

using test::Array;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Problem {
  ConvSpec spec;
  Shape x, weight, y;
};

/// x [n, c, in...], k outputs, in as many dimensions as the lists have entries.
Problem make(const Shape& x, std::int64_t k, const Shape& kernel, const Shape& stride,
             const Shape& padding, const Shape& dilation, std::int64_t groups = 1) {
  Problem p{{.spatial = kernel.ndim(),
             .stride = stride,
             .padding_begin = padding,
             .padding_end = padding,
             .dilation = dilation,
             .groups = groups,
             .algorithm = ConvAlgorithm::kDirect,  // Winograd's is not exact: see winograd_test.cpp
             .weight_kept = true},
            x,
            {k, x[1] / groups},
            {x[0], k}};
  for (int i = 0; i < kernel.ndim(); ++i) {
    p.weight.push_back(kernel[i]);
    const std::int64_t reach = dilation[i] * (kernel[i] - 1) + 1;
    p.y.push_back((x[i + 2] + 2 * padding[i] - reach) / stride[i] + 1);
  }
  return p;
}

Problem pointwise(const Shape& x, std::int64_t k, std::int64_t stride = 1) {
  Shape ones, strides, zeros;
  for (int i = 2; i < x.ndim(); ++i) {
    ones.push_back(1);
    strides.push_back(stride);
    zeros.push_back(0);
  }
  return make(x, k, ones, strides, zeros, ones);
}

Problem depthwise(const Shape& x, const Shape& kernel, const Shape& stride, const Shape& padding,
                  const Shape& dilation = {1, 1}) {
  return make(x, x[1], kernel, stride, padding, dilation, x[1]);
}

Array<float> activation(const Shape& sizes, std::uint64_t seed) {
  return Array<float>(sizes, channels_last_strides).fill_integers(-4, 4, seed);
}

/// The result with and without the weight prepared, which must be the same bits.
std::vector<float> run(const Problem& p, const ConvEpilogue& epilogue, ConvInputs in) {
  Array<float> y(p.y, channels_last_strides);
  Array<float> again = y;
  y.values.assign(y.values.size(), NAN);  // every element must be written
  again.values = y.values;
  contract::run(&KernelTable::conv_add_clamp, p.spec, epilogue, in, y.view());
  PreparedPlan plan;
  contract::run(&KernelTable::conv_plan, p.spec, in, p.y, &plan);
  Array<std::uint8_t> prepared({plan.bytes});
  if (plan.bytes > 0) {
    contract::run(&KernelTable::conv_prepare, p.spec, in, p.y, prepared.view());
    in.prepared = prepared.view();
  }
  contract::run(&KernelTable::conv_add_clamp, p.spec, epilogue, in, again.view());
  EXPECT_EQ(std::memcmp(again.values.data(), y.values.data(), y.values.size() * sizeof(float)), 0);
  return y.values;
}

void compare(const Problem& p) {
  SCOPED_TRACE(testing::Message() << "x " << p.x << " weight " << p.weight << " y " << p.y
                                  << " stride " << p.spec.stride << " padding "
                                  << p.spec.padding_begin << " dilation " << p.spec.dilation);
  auto x = activation(p.x, 1), residual = activation(p.y, 2);
  auto weight = Array<float>(p.weight).fill_integers(-4, 4, 3);
  auto bias = Array<float>({p.weight[0]}).fill_integers(-4, 4, 4);
  for (const ConvEpilogue& epilogue :
       {ConvEpilogue(), ConvEpilogue{0, kInfinity}, ConvEpilogue{-3, 6}}) {
    for (const bool with_bias : {false, true}) {
      for (const bool with_residual : {false, true}) {
        ConvInputs in{x.view(), weight.view()};
        if (with_bias) in.bias = bias.view();
        if (with_residual) in.residual = residual.view();
        Array<float> expected(p.y, channels_last_strides);
        reference::conv_forward<float>(p.spec, in.x, in.weight, in.bias, expected.view());
        reference::conv_epilogue<float>(epilogue, in.residual, expected.view());
        ASSERT_EQ(run(p, epilogue, in), expected.values)
            << (with_bias ? "bias " : "") << (with_residual ? "residual " : "") << epilogue.low
            << " to " << epilogue.high;
      }
    }
  }
}

TEST_P(ConvInferenceContract, PointwiseEqualsTheReference) {
  for_each_variant([] {
    for (const std::int64_t k : {1, 3, 16, 24, 67, 130})
      compare(pointwise({1, 5, 7, 9}, k));      // tails of vectors and of blocks of pixels
    compare(pointwise({3, 70, 1, 1}, 33));      // a pixel an image
    compare(pointwise({2, 1, 4, 3}, 2));        // one channel
    compare(pointwise({2, 6, 9, 8}, 20, 2));    // one pixel in four
    compare(pointwise({2, 6, 11}, 5, 3));       // one dimension
    compare(pointwise({1, 4, 3, 5, 4}, 18));    // three
    compare(pointwise({1, 300, 2, 3}, 1100));   // a weight that is cut by columns
    compare(pointwise({1, 1100, 11, 12}, 40));  // more pixels than stay in cache
  });
}

TEST_P(ConvInferenceContract, DepthwiseEqualsTheReference) {
  for_each_variant([] {
    for (const std::int64_t c : {1, 3, 16, 21, 40})
      compare(depthwise({2, c, 9, 11}, {3, 3}, {1, 1}, {1, 1}));
    compare(depthwise({1, 18, 17, 16}, {3, 3}, {2, 2}, {1, 1}));
    compare(depthwise({1, 5, 14, 20}, {5, 5}, {1, 2}, {2, 2}));
    compare(depthwise({1, 4, 3, 3}, {3, 3}, {1, 1}, {5, 5}));  // windows in the padding alone
    compare(depthwise({1, 6, 2, 3}, {4, 5}, {1, 1}, {2, 3}));  // kernels larger than the image
    compare(depthwise({1, 7, 15, 13}, {3, 2}, {2, 3}, {4, 3}, {3, 4}));  // gaps
    compare(depthwise({2, 8, 1, 1}, {1, 1}, {1, 1}, {0, 0}));
  });
}

TEST_P(ConvInferenceContract, OthersEqualTheReference) {
  compare(make({2, 3, 12, 13}, 20, {7, 7}, {2, 2}, {3, 3}, {1, 1}));
  compare(make({2, 12, 9, 8}, 33, {3, 3}, {2, 2}, {1, 1}, {1, 1}));
  compare(make({1, 12, 9, 8}, 6, {3, 3}, {1, 1}, {1, 1}, {2, 1}, 3));
  compare(make({2, 5, 17}, 18, {4}, {2}, {1}, {1}));
  compare(make({1, 3, 5, 6, 4}, 17, {2, 3, 2}, {1, 2, 1}, {1, 0, 1}, {1, 1, 1}));
}

// Winograd's: the same bits prepared or not, and what follows is done to the result.
TEST_P(ConvInferenceContract, WinogradIsFollowedToo) {
  Problem p = make({2, 20, 13, 10}, 24, {3, 3}, {1, 1}, {1, 1}, {1, 1});
  p.spec.algorithm = ConvAlgorithm::kWinograd;
  auto x = activation(p.x, 1), residual = activation(p.y, 2);
  auto weight = Array<float>(p.weight).fill_integers(-4, 4, 3);
  const std::vector<float> plain = run(p, {}, {x.view(), weight.view()});
  const std::vector<float> after = run(p, {-2, 50}, {x.view(), weight.view(), {}, residual.view()});
  for (std::size_t i = 0; i < plain.size(); ++i)
    ASSERT_EQ(after[i], std::clamp(plain[i] + residual.values[i], -2.0f, 50.0f));
}

TEST_P(ConvInferenceContract, NaNStaysNaN) {
  for_each_variant([] {
    for (const Problem& p :
         {pointwise({1, 3, 2, 2}, 21), depthwise({1, 21, 2, 2}, {1, 1}, {1, 1}, {0, 0}),
          make({1, 3, 3, 3}, 21, {2, 2}, {1, 1}, {0, 0}, {1, 1})}) {
      auto x = activation(p.x, 1);
      x.values.assign(x.values.size(), NAN);
      auto weight = Array<float>(p.weight).fill_integers(1, 4, 3);
      for (const float value : run(p, {0, 6}, {x.view(), weight.view()}))
        ASSERT_TRUE(std::isnan(value));
    }
  });
}

TEST_P(ConvInferenceContract, DoesNotDependOnThreads) {
  const int before = num_threads();
  for (const Problem& p : {pointwise({1, 70, 13, 11}, 90), pointwise({1, 300, 2, 3}, 1100),
                           depthwise({1, 21, 9, 11}, {3, 3}, {1, 1}, {1, 1})}) {
    auto x = Array<float>(p.x, channels_last_strides).fill_normal(0, 1, 1);
    auto weight = Array<float>(p.weight).fill_normal(0, 1, 2);
    std::vector<std::vector<float>> results;
    for (const int threads : {1, 2, 3}) {
      set_num_threads(threads);
      results.push_back(run(p, {0, 6}, {x.view(), weight.view()}));
    }
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
  }
  set_num_threads(before);
}

}  // namespace
}  // namespace fovea::kernels::contract
