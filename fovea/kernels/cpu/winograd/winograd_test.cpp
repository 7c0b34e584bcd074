// Winograd's convolutions against the reference in f64, on every instruction set, over sizes that
// fill neither tiles nor vectors.

#include "fovea/kernels/cpu/winograd/winograd.h"

#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/conv.h"
#include "tests/support/array.h"
#include "tests/support/vector_targets.h"
#include "tests/support/winograd_magnitudes.h"

namespace fovea::kernels::cpu {
namespace {

using test::Array;
using test::WinogradMagnitudes;

struct Sizes {
  std::int64_t n, c, h, w, k, top, bottom, left, right;
};

struct Problem {
  ConvSpec spec;
  Shape x, weight, y;

  explicit Problem(const Sizes& s) {
    spec.spatial = 2;
    spec.stride = spec.dilation = {1, 1};
    spec.padding_begin = {s.top, s.left};
    spec.padding_end = {s.bottom, s.right};
    x = {s.n, s.c, s.h, s.w};
    weight = {s.k, s.c, 3, 3};
    y = {s.n, s.k, s.h + s.top + s.bottom - 2, s.w + s.left + s.right - 2};
  }
};

Array<double> widen(const Array<float>& narrow) {
  Array<double> wide(narrow.sizes);
  wide.strides = narrow.strides;
  std::copy(narrow.values.begin(), narrow.values.end(), wide.values.begin());
  return wide;
}

/// Holds each element's error to `roundings` of u = 2^-24 on every path to it: gamma times the same
/// sum of absolute values.
void expect_within(const char* what, const Array<float>& fast, const Array<double>& exact,
                   const std::vector<double>& magnitude, std::int64_t roundings) {
  const double u = 1.0 / (1 << 24), n = static_cast<double>(roundings);
  const double gamma = n * u / (1 - n * u);
  for (std::size_t i = 0; i < exact.values.size(); ++i) {
    const double off = std::abs(static_cast<double>(fast.values[i]) - exact.values[i]);
    ASSERT_LE(off, gamma * magnitude[i]) << what << " element " << i;  // false for NaN
  }
}

void compare(const Sizes& sizes) {
  const Problem p(sizes);
  SCOPED_TRACE(testing::Message() << "x " << p.x << " weight " << p.weight << " y " << p.y);
  const auto activation = [](const Shape& shape) {
    return Array<float>(shape, channels_last_strides);
  };
  auto x = activation(p.x), dy = activation(p.y), y = activation(p.y), dx = activation(p.x);
  Array<float> weight(p.weight), bias({sizes.k}), dweight(p.weight), dbias({sizes.k});
  x.fill_normal(0, 1, 1);
  dy.fill_normal(0, 1, 2);
  weight.fill_normal(0, 1, 3);
  bias.fill_normal(0, 1, 4);
  y.values.assign(y.values.size(), NAN);  // every element must be written
  dx.values.assign(dx.values.size(), NAN);
  auto x64 = widen(x), dy64 = widen(dy), y64 = widen(y), dx64 = widen(dx);
  auto weight64 = widen(weight), bias64 = widen(bias), dweight64 = widen(dweight),
       dbias64 = widen(dbias);

  winograd_forward(p.spec, {}, {x.view(), weight.view(), bias.view()}, y.view());
  reference::conv_forward<double>(p.spec, x64.view(), weight64.view(), bias64.view(), y64.view());
  const WinogradMagnitudes magnitude(p.spec, x64.view(), weight64.view(), bias64.view(),
                                     dy64.view());
  // Roundings on a path: kernel transform 8, input transform 4, products, output transform 6, bias.
  expect_within("y", y, y64, magnitude.y, 8 + 4 + sizes.c + 6 + 1);

  winograd_backward(p.spec, x.view(), weight.view(), dy.view(), dx.view(), dweight.view(),
                    dbias.view());
  reference::conv_backward_input<double>(p.spec, dy64.view(), weight64.view(), dx64.view());
  reference::conv_backward_weight<double>(p.spec, x64.view(), dy64.view(), dweight64.view(),
                                          dbias64.view());
  // Kernel transform 8, adjoints of the output transform 4 and of the input transform 6, four
  // tiles.
  expect_within("dx", dx, dx64, magnitude.dx, 8 + 4 + sizes.k + 6 + 4);
  // Input transform 4, adjoints of the output transform 4 and of the kernel transform 10; tiles are
  // added one by one, and parts.
  const std::int64_t tiles = p.y[0] * ((p.y[2] + 3) / 4) * ((p.y[3] + 3) / 4);
  expect_within("dweight", dweight, dweight64, magnitude.dweight,
                4 + 4 + 10 + tiles + num_threads());
  expect_within("dbias", dbias, dbias64, magnitude.dbias, p.y[0] * p.y[2] * p.y[3]);

  // Each gradient alone is the same as together.
  auto alone = activation(p.x);
  Array<float> dweight_alone(p.weight);
  winograd_backward(p.spec, x.view(), weight.view(), dy.view(), alone.view(), {}, {});
  EXPECT_EQ(alone.values, dx.values);
  winograd_backward(p.spec, x.view(), weight.view(), dy.view(), {}, dweight_alone.view(), {});
  EXPECT_EQ(dweight_alone.values, dweight.values);
}

TEST(Winograd, AgreesWithTheReferenceOnEveryInstructionSet) {
  test::for_each_vector_target([] {
    compare({2, 32, 14, 14, 64, 0, 0, 0, 0});  // whole tiles, whole vectors
    compare({1, 1, 3, 3, 1, 0, 0, 0, 0});      // a single output
    compare({3, 5, 9, 7, 6, 1, 1, 1, 1});      // neither
    compare({2, 17, 6, 11, 33, 2, 2, 2, 2});   // more padding than a kernel's half
    compare({1, 70, 5, 5, 67, 1, 0, 0, 2});    // more than one panel; uneven padding
    compare({5, 8, 1, 4, 16, 1, 1, 1, 1});     // one row
    compare({40, 16, 8, 8, 16, 1, 1, 1, 1});   // several blocks of tiles
  });
}

/// The root mean square of the difference of two arrays, relative to that of the second.
double relative_rms(const Array<float>& of, const Array<double>& exact) {
  double off = 0, size = 0;
  for (std::size_t i = 0; i < exact.values.size(); ++i) {
    const double d = static_cast<double>(of.values[i]) - exact.values[i];
    off += d * d;
    size += exact.values[i] * exact.values[i];
  }
  return std::sqrt(off / size);
}

// The bound above is the worst case, which normal values stay far below; this is what they see, and
// what the choice of points is for (winograd/tiles.h). A product of C channels added one by one has
// u sqrt(C / 6) or so, uniform roundings of a sum that grows evenly, and the transforms enlarge it
// by sum_i |A_i|^2 |B_i|^2 |G_i|^2 / 12: 4.8 here, 10.8 with the points 1 and 2.
TEST(Winograd, RoundsNormalValuesAsThePointsPromise) {
  const std::int64_t channels = 64;
  const Problem p({1, channels, 34, 34, 8, 0, 0, 0, 0});
  auto x = Array<float>(p.x, channels_last_strides).fill_normal(0, 1, 1);
  auto weight = Array<float>(p.weight).fill_normal(0, 1, 2);
  Array<float> y(p.y, channels_last_strides);
  auto x64 = widen(x), weight64 = widen(weight), y64 = widen(y);
  reference::conv_forward<double>(p.spec, x64.view(), weight64.view(), {}, y64.view());
  const double sum = std::sqrt(static_cast<double>(channels) / 6) / (1 << 24);
  test::for_each_vector_target([&] {
    winograd_forward(p.spec, {}, {x.view(), weight.view()}, y.view());
    EXPECT_LT(relative_rms(y, y64), 6 * sum);
  });
}

// A transform mixes the 36 pixels of a patch: one that is infinite or NaN must not reach the
// outputs that do not depend on it, and must reach the others as it is.
TEST(Winograd, ABadPixelReachesNoOtherOutputs) {
  const Sizes sizes{2, 17, 9, 10, 18, 1, 1, 1, 1};
  const Problem p(sizes);
  auto clean = Array<float>(p.x, channels_last_strides).fill_normal(0, 1, 1);
  auto weight = Array<float>(p.weight).fill_normal(0, 1, 2);
  auto bias = Array<float>({sizes.k}).fill_normal(0, 1, 3);
  auto clean64 = widen(clean), weight64 = widen(weight), bias64 = widen(bias);
  const Array<double> dy64(p.y, channels_last_strides);
  const WinogradMagnitudes magnitude(p.spec, clean64.view(), weight64.view(), bias64.view(),
                                     dy64.view());
  const float infinity = std::numeric_limits<float>::infinity();
  const auto check = [&](const std::vector<std::pair<std::size_t, float>>& changes) {
    auto x = clean;
    for (const auto& [at, value] : changes) x.values[at] = value;
    Array<float> y(p.y, channels_last_strides);
    Array<double> y64(p.y, channels_last_strides), x64 = widen(x);
    winograd_forward(p.spec, {}, {x.view(), weight.view(), bias.view()}, y.view());
    reference::conv_forward<double>(p.spec, x64.view(), weight64.view(), bias64.view(), y64.view());
    const double n = 9 * static_cast<double>(sizes.c) + 2,
                 u = 1.0 / (1 << 24);  // sums of the direct method
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      const double actual = static_cast<double>(y.values[i]), expected = y64.values[i];
      if (std::isfinite(expected))
        ASSERT_LE(std::abs(actual - expected), n * u / (1 - n * u) * magnitude.y[i]) << i;
      else
        ASSERT_TRUE(actual == expected || (std::isnan(actual) && std::isnan(expected))) << i;
    }
  };
  const auto place = [&](std::int64_t image, std::int64_t row, std::int64_t column,
                         std::int64_t channel) {
    return static_cast<std::size_t>(((image * sizes.h + row) * sizes.w + column) * sizes.c +
                                    channel);
  };
  test::for_each_vector_target([&] {
    const std::pair<std::int64_t, std::int64_t> pixels[] = {{0, 0}, {3, 4}, {4, 3},
                                                            {5, 8}, {7, 0}, {8, 9}};
    for (const auto& [row, column] : pixels) {
      check({{place(1, row, column, 16), infinity}});
      check({{place(0, row, column, 5), NAN}});
    }
    check({{place(0, 4, 4, 0), infinity}, {place(0, 4, 5, 0), -infinity}});
    std::vector<std::pair<std::size_t, float>> all;  // a whole image, and its neighbour clean
    for (std::int64_t i = 0; i < sizes.h * sizes.w; ++i)
      all.emplace_back(place(0, i / sizes.w, i % sizes.w, i % sizes.c), NAN);
    check(all);
  });
}

TEST(Winograd, ForwardAndInputGradientDoNotDependOnThreads) {
  const Problem p({7, 20, 10, 9, 24, 1, 1, 1, 1});
  auto x = Array<float>(p.x, channels_last_strides).fill_normal(0, 1, 1);
  auto dy = Array<float>(p.y, channels_last_strides).fill_normal(0, 1, 2);
  auto weight = Array<float>(p.weight).fill_normal(0, 1, 3);
  const int before = num_threads();
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3}) {
    set_num_threads(threads);
    Array<float> y(p.y, channels_last_strides), dx(p.x, channels_last_strides);
    winograd_forward(p.spec, {}, {x.view(), weight.view()}, y.view());
    winograd_backward(p.spec, x.view(), weight.view(), dy.view(), dx.view(), {}, {});
    y.values.insert(y.values.end(), dx.values.begin(), dx.values.end());
    results.push_back(y.values);
  }
  set_num_threads(before);
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Winograd, CanDoUnitStrideThreeByThree) {
  const auto can = [](const std::function<void(Problem&)>& change) {
    Problem p({100, 32, 14, 14, 64, 0, 0, 0, 0});
    change(p);
    const Array<float> x(p.x), weight(p.weight);
    return winograd_can(p.spec, x.view(), weight.view(), p.y);
  };
  EXPECT_TRUE(can([](Problem&) {}));
  EXPECT_FALSE(can([](Problem& p) { p.spec.stride = {2, 1}; }));
  EXPECT_FALSE(can([](Problem& p) { p.spec.dilation = {1, 2}; }));
  EXPECT_FALSE(can([](Problem& p) { p.spec.groups = 2; }));
  EXPECT_FALSE(can([](Problem& p) { p.spec.padding_begin = {3, 0}; }));
  EXPECT_FALSE(can([](Problem& p) { p.weight = {64, 32, 3, 5}; }));
}

TEST(Winograd, PaysWhereTilesAreFullAndManyForAWeight) {
  const auto pays = [](const Sizes& sizes, bool weight_kept = false) {
    Problem p(sizes);
    p.spec.weight_kept = weight_kept;
    const Array<float> x(p.x), weight(p.weight);
    return winograd_pays(p.spec, x.view(), weight.view(), p.y);
  };
  EXPECT_TRUE(pays({100, 32, 14, 14, 64, 0, 0, 0, 0}));
  EXPECT_TRUE(pays({8, 128, 28, 28, 128, 1, 1, 1, 1}));
  EXPECT_FALSE(pays({100, 1, 28, 28, 32, 1, 1, 1, 1}));      // one channel: all transform
  EXPECT_FALSE(pays({100, 64, 3, 3, 64, 0, 0, 0, 0}));       // one output of a tile's sixteen
  EXPECT_FALSE(pays({32, 176, 5, 5, 240, 1, 1, 1, 1}));      // 25 of 64
  EXPECT_FALSE(pays({1, 32, 14, 14, 64, 0, 0, 0, 0}));       // nine tiles for a weight
  EXPECT_TRUE(pays({1, 32, 14, 14, 64, 0, 0, 0, 0}, true));  // whose kernels are there
}

}  // namespace
}  // namespace fovea::kernels::cpu
