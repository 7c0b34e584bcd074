#include "fovea/data/random_warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/counted.h"
#include "tests/support/drawn_by_sample.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::counted;
using test::message_of;

constexpr std::int64_t kSamples = 4000;

/// Least, greatest and mean of what is drawn.
struct Drawn {
  double least = INFINITY, most = -INFINITY, sum = 0;
  void add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
  }
  double mean() const { return sum / static_cast<double>(kSamples); }
};

// Of evenly drawn numbers in [-1, 1] the mean of 4000 has a deviation of 0.009.
void expect_even(const Drawn& drawn, double low, double high) {
  const double half = (high - low) / 2;
  EXPECT_GE(drawn.least, low);
  EXPECT_LT(drawn.least, low + 0.02 * half);
  EXPECT_LE(drawn.most, high);
  EXPECT_GT(drawn.most, high - 0.02 * half);
  EXPECT_NEAR(drawn.mean(), (low + high) / 2, 0.05 * half);
}

TEST(RandomAffine, DrawsEachChangeEvenly) {
  const RandomAffine affine({.degrees = {-20, 40},
                             .translate = {0.5, 0.1},
                             .scale = {0.5, 2},
                             .shear_x = {-10, 0},
                             .shear_y = {3, 5}});
  const std::vector<std::int64_t> indices = counted(kSamples);
  Drawn degrees, right, down, scale, shear_x, shear_y;
  std::set<double> rows;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const AffineChange change = affine.change({test::seed(), 3, indices}, i, {30, 200});
    degrees.add(change.degrees);
    right.add(change.move.x);
    down.add(change.move.y);
    scale.add(change.scale);
    shear_x.add(change.shear_x);
    shear_y.add(change.shear_y);
    rows.insert(change.move.y);
  }
  expect_even(degrees, -20, 40);
  expect_even(right, -100, 100);
  expect_even(down, -3, 3);
  expect_even(scale, 0.5, 2);
  expect_even(shear_x, -10, 0);
  expect_even(shear_y, 3, 5);
  EXPECT_EQ(rows, (std::set<double>{-3, -2, -1, 0, 1, 2, 3})) << "whole pixels";
}

TEST(RandomRotation, DrawsAnglesEvenly) {
  const RandomRotation rotation({10, 90});
  const std::vector<std::int64_t> indices = counted(kSamples);
  Drawn degrees;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Warp warp = rotation.warp({test::seed(), 0, indices}, i, 28);
    degrees.add(std::atan2(warp.d, warp.a) * 180 / std::acos(-1.0));
  }
  expect_even(degrees, 10, 90);
}

TEST(RandomPerspective, DrawsCornersEvenlyOrNone) {
  const RandomPerspective perspective({.distortion_scale = 0.5, .p = 0.25});
  const std::vector<std::int64_t> indices = counted(4 * kSamples);
  std::vector<std::set<double>> xs(4), ys(4);
  double sum = 0;
  std::int64_t changed = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Corners corners = perspective.corners({test::seed(), 0, indices}, i, {8, 17});
    for (std::size_t k = 0; k < 4; ++k) {
      xs[k].insert(corners[k].x);
      ys[k].insert(corners[k].y);
    }
    sum += corners[0].x + corners[0].y;
    if (corners != Corners{Place{0, 0}, {16, 0}, {16, 7}, {0, 7}}) ++changed;
  }
  // A half of half of 17 is 4, of 8 is 2. All eight stay with probability 1/50625.
  EXPECT_EQ(xs[0], (std::set<double>{0, 1, 2, 3, 4}));
  EXPECT_EQ(xs[1], (std::set<double>{12, 13, 14, 15, 16}));
  EXPECT_EQ(xs[2], xs[1]);
  EXPECT_EQ(xs[3], xs[0]);
  EXPECT_EQ(ys[0], (std::set<double>{0, 1, 2}));
  EXPECT_EQ(ys[1], ys[0]);
  EXPECT_EQ(ys[2], (std::set<double>{5, 6, 7}));
  EXPECT_EQ(ys[3], ys[2]);
  // Binomial with a deviation of 55; of means 2 and 1 a quarter, with a deviation of 130.
  EXPECT_NEAR(static_cast<double>(changed), kSamples, 250);
  EXPECT_NEAR(sum, 3.0 * kSamples, 600);
}

TEST(RandomWarps, TreatASampleTheSameInAnyBatch) {
  const Transform transforms[] = {RandomRotation(30.0),
                                  RandomAffine({.degrees = {-9, 9}, .translate = {0.2, 0.2}}),
                                  RandomPerspective({.p = 1})};
  const Tensor x = rand({20, 3, 9, 8});
  for (const Transform& transform : transforms) test::expect_drawn_by_sample(transform, x);
  EXPECT_TRUE(equal(RandomPerspective({.p = 0})(x, {test::seed(), 4, counted(20)}), x));
}

TEST(RandomWarps, SayWhatIsWrong) {
  EXPECT_EQ(message_of<ArgumentError>([] {
              RandomAffine({.degrees = {1, 0}});
            }),
            "RandomAffine: degrees expected a finite range, got [1, 0]");
  EXPECT_EQ(message_of<ArgumentError>([] {
              RandomAffine({.shear_y = {3, 2}});
            }),
            "RandomAffine: shear_y expected a finite range, got [3, 2]");
  EXPECT_EQ(message_of<ArgumentError>([] { RandomRotation(-1.0); }),
            "RandomRotation: degrees expected a finite range, got [1, -1]");
  EXPECT_EQ(message_of<ArgumentError>([] {
              RandomAffine({.shear_x = {0, NAN}});
            }),
            "RandomAffine: shear_x expected a finite range, got [0, nan]");
  EXPECT_EQ(message_of<ArgumentError>([] {
              RandomAffine({.scale = {0, 1}});
            }),
            "RandomAffine: scale expected above 0, got 0");
  EXPECT_EQ(message_of<ArgumentError>([] {
              RandomAffine({.translate = {0.5, 1.5}});
            }),
            "RandomAffine: translate expected in [0, 1], got 0.5 and 1.5");
  EXPECT_EQ(message_of<ArgumentError>([] { RandomPerspective({.distortion_scale = 1.5}); }),
            "RandomPerspective: distortion_scale expected in [0, 1], got 1.5");
  EXPECT_EQ(message_of<ArgumentError>([] { RandomPerspective({.p = -1}); }),
            "RandomPerspective: p expected in [0, 1], got -1");
  EXPECT_EQ(message_of<ArgumentError>([] {
              RandomRotation(1.0)(zeros({2, 1, 3, 3}), {});
            }),
            "RandomRotation: keys expected for [2, 1, 3, 3], got 0");
}

}  // namespace
}  // namespace fovea::data
