// Fast convolutions against the reference loops, over drawn geometries.

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/conv.h"
#include "tests/support/contract.h"
#include "tests/support/draw.h"
#include "tests/test_seed.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(ConvContract, &KernelTable::conv_forward, &KernelTable::conv_backward);

/// A block of values with a view; channels-last for activations.
struct Array {
  std::vector<float> values;
  View view;

  Array(const Shape& sizes, const Shape& strides)
      : values(static_cast<std::size_t>(sizes.numel())), view{values.data(), f32, sizes, strides} {}
  static Array activation(const Shape& sizes) { return {sizes, channels_last_strides(sizes)}; }
  static Array plain(const Shape& sizes) { return {sizes, contiguous_strides(sizes)}; }
  /// Fills it with what no kernel may leave standing.
  void spoil() { values.assign(values.size(), std::numeric_limits<float>::quiet_NaN()); }
};

/// A convolution to run both ways.
struct Problem {
  ConvSpec spec;
  Shape x, weight, y;
};

Problem make_problem(const Shape& x, std::int64_t outputs, const Shape& kernel,
                     const ConvSpec& spec) {
  Problem p{spec, x, {outputs, x[1] / spec.groups}, {x[0], outputs}};
  // Exact on whole numbers; winograd_test.cpp has the other.
  p.spec.algorithm = ConvAlgorithm::kDirect;
  for (int i = 0; i < spec.spatial; ++i) {
    p.weight.push_back(kernel[i]);
    const std::int64_t reach = spec.dilation[i] * (kernel[i] - 1) + 1;
    p.y.push_back(
        (x[i + 2] + spec.padding_begin[i] + spec.padding_end[i] - reach) / spec.stride[i] + 1);
  }
  return p;
}

using test::draw;
using test::Random;

/// Geometries of all kinds: asymmetric padding, gaps between windows, groups, one channel, kernels
/// as large as the image.
Problem draw_problem(Random& random) {
  ConvSpec spec;
  spec.spatial = static_cast<int>(draw(random, 1, 3));
  spec.groups = draw(random, 0, 2) ? 1 : draw(random, 2, 4);
  const std::int64_t inputs =
      spec.groups * (draw(random, 0, 2) ? draw(random, 1, 5) : draw(random, 15, 18));
  const std::int64_t outputs =
      spec.groups * (draw(random, 0, 2) ? draw(random, 1, 5) : draw(random, 15, 18));
  Shape x{draw(random, 1, 3), inputs}, kernel;
  for (int i = 0; i < spec.spatial; ++i) {
    kernel.push_back(draw(random, 1, 4));
    spec.dilation.push_back(draw(random, 1, 2));
    spec.stride.push_back(draw(random, 1, 3));
    spec.padding_begin.push_back(draw(random, 0, 3));
    spec.padding_end.push_back(draw(random, 0, 3));
    const std::int64_t reach = spec.dilation[i] * (kernel[i] - 1) + 1;
    const std::int64_t least =
        std::max<std::int64_t>(1, reach - spec.padding_begin[i] - spec.padding_end[i]);
    x.push_back(least + draw(random, 0, 7));
  }
  return make_problem(x, outputs, kernel, spec);
}

std::string describe(const Problem& p) {
  return str("x ", p.x, " weight ", p.weight, " y ", p.y, " stride ", p.spec.stride, " padding ",
             p.spec.padding_begin, " and ", p.spec.padding_end, " dilation ", p.spec.dilation,
             " groups ", p.spec.groups);
}

/// Values whose products and sums are exact in f32, so that any order of summing gives the same
/// bits.
void fill_integers(Array& array, Random& random) {
  for (float& value : array.values) value = static_cast<float>(draw(random, -4, 4));
}

void fill_reals(Array& array, Random& random) {
  std::normal_distribution<float> normal;
  for (float& value : array.values) value = normal(random);
}

void expect_near(const Array& fast, const Array& slow, double tolerance, const char* what) {
  for (std::size_t i = 0; i < slow.values.size(); ++i) {
    ASSERT_NEAR(fast.values[i], slow.values[i], tolerance) << what << " element " << i;
  }
}

/// Runs the three passes both ways and compares within `tolerance` times (the sum's length + 8):
/// after i terms the sum of products of standard normals is about sqrt(i), so L roundings of it add
/// up, as a random walk, to 0.2 eps L: 4 eps L is out of reach by chance.
void compare(const Problem& p, Random& random, void (*fill)(Array&, Random&), double tolerance) {
  SCOPED_TRACE(describe(p));
  auto x = Array::activation(p.x), dy = Array::activation(p.y);
  auto weight = Array::plain(p.weight), bias = Array::plain({p.weight[0]});
  for (Array* array : {&x, &dy, &weight, &bias}) fill(*array, random);
  const ConstView no_bias;
  const bool with_bias = draw(random, 0, 1) == 1;
  const auto bound = [&](std::int64_t length) {
    return tolerance * static_cast<double>(length + 8);
  };

  auto fast = Array::activation(p.y), slow = Array::activation(p.y);
  fast.spoil();
  contract::run(&KernelTable::conv_forward, p.spec,
                {x.view, weight.view, with_bias ? ConstView(bias.view) : no_bias}, fast.view);
  reference::conv_forward<float>(p.spec, x.view, weight.view,
                                 with_bias ? ConstView(bias.view) : no_bias, slow.view);
  expect_near(fast, slow, bound(weight.view.numel() / p.weight[0]), "y");

  auto fast_dx = Array::activation(p.x), slow_dx = Array::activation(p.x);
  fast_dx.spoil();
  contract::run(&KernelTable::conv_backward, p.spec, x.view, weight.view, dy.view, fast_dx.view, {},
                {});
  reference::conv_backward_input<float>(p.spec, dy.view, weight.view, slow_dx.view);
  expect_near(fast_dx, slow_dx, bound(weight.view.numel() / p.weight[1]), "dx");

  auto fast_dw = Array::plain(p.weight), slow_dw = Array::plain(p.weight);
  fast_dw.spoil();
  auto fast_db = Array::plain({p.weight[0]}), slow_db = Array::plain({p.weight[0]});
  contract::run(&KernelTable::conv_backward, p.spec, x.view, weight.view, dy.view, {}, fast_dw.view,
                with_bias ? fast_db.view : View());
  reference::conv_backward_weight<float>(p.spec, x.view, dy.view, slow_dw.view,
                                         with_bias ? slow_db.view : View());
  const std::int64_t positions = dy.view.numel() / p.y[1];
  expect_near(fast_dw, slow_dw, bound(positions), "dweight");
  expect_near(fast_db, slow_db, bound(positions), "dbias");
}

ConvSpec spec_2d(std::int64_t padding, std::int64_t stride = 1) {
  return {.spatial = 2,
          .stride = {stride, stride},
          .padding_begin = {padding, padding},
          .padding_end = {padding, padding},
          .dilation = {1, 1},
          .groups = 1};
}

TEST_P(ConvContract, EqualsReferenceOnIntegers) {
  Random random(test::seed());
  for (int i = 0; i < 150; ++i) compare(draw_problem(random), random, fill_integers, 0);
}

TEST_P(ConvContract, EqualsReferenceWithinRounding) {
  Random random(test::seed());
  const double tolerance = 4 * std::ldexp(1.0, -23);
  for (int i = 0; i < 20; ++i) compare(draw_problem(random), random, fill_reals, tolerance);
  compare(make_problem({4, 1, 28, 28}, 32, {3, 3}, spec_2d(1)), random, fill_reals, tolerance);
  compare(make_problem({4, 32, 14, 14}, 64, {3, 3}, spec_2d(0)), random, fill_reals, tolerance);
  compare(make_problem({2, 3, 33, 31}, 20, {7, 7}, spec_2d(3, 2)), random, fill_reals, tolerance);
}

// Strides that leave pixels out, over few channels: oneDNN 2.6.3 overwrote memory there that was
// not its own (see cpu/conv/strided_pointwise.h).
TEST_P(ConvContract, StridedPointwiseOfFewChannels) {
  Random random(test::seed());
  for (const std::int64_t channels : {1, 3, 8, 15, 33})
    for (const std::int64_t side : {1, 2, 47, 48})
      compare(make_problem({2, channels, side, side + 1}, 8, {1, 1}, spec_2d(0, 2)), random,
              fill_integers, 0);
  ConvSpec grouped = spec_2d(0, 3);
  grouped.groups = 3;
  compare(make_problem({2, 6, 10, 9}, 9, {1, 1}, grouped), random, fill_integers, 0);
}

TEST_P(ConvContract, BatchOfNoneGivesZeroGradients) {
  const Problem p = make_problem({0, 3, 5, 5}, 2, {3, 3}, spec_2d(0));
  auto x = Array::activation(p.x), dy = Array::activation(p.y);
  auto weight = Array::plain(p.weight), bias = Array::plain({2});
  weight.values.assign(weight.values.size(), 1);
  bias.values.assign(2, 1);
  contract::run(&KernelTable::conv_forward, p.spec, {x.view, weight.view, bias.view}, dy.view);
  contract::run(&KernelTable::conv_backward, p.spec, x.view, weight.view, dy.view, x.view,
                weight.view, bias.view);
  EXPECT_EQ(weight.values, std::vector<float>(weight.values.size()));
  EXPECT_EQ(bias.values, std::vector<float>(2));
}

}  // namespace
}  // namespace fovea::kernels::contract
