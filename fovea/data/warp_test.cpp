#include "fovea/data/warp.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::counted_images;
using test::is_close;
using test::message_of;
using testing::ElementsAre;

/// The warp pixel by pixel in f64, with a question at each whether it is inside.
Tensor plain(const Tensor& batch, const Warp& warp, const WarpOptions& options) {
  const std::int64_t height = batch.size(2), width = batch.size(3);
  const Tensor x = batch.to(cpu).contiguous();
  const Tensor y = zeros(x.sizes(), {.dtype = f64, .device = cpu});
  const double* const from = x.data<double>();
  double* to = y.data<double>();
  for (std::int64_t plane = 0; plane < batch.size(0) * batch.size(1); ++plane) {
    const auto channel = static_cast<std::size_t>(plane % batch.size(1));
    const double fill =
        options.fill.empty() ? 0 : options.fill[options.fill.size() == 1 ? 0 : channel];
    for (std::int64_t i = 0; i < height * width; ++i) {
      const std::int64_t line = i / width;
      const double u = static_cast<double>(i % width) + 0.5, v = static_cast<double>(line) + 0.5;
      const double divisor = warp.g * u + warp.h * v + 1;
      const double px = (warp.a * u + warp.b * v + warp.c) / divisor - 0.5,
                   py = (warp.d * u + warp.e * v + warp.f) / divisor - 0.5;
      double value = 0, inside = 0;
      const auto add = [&](double column, double row, double weight) {
        if (!(column >= 0 && column < static_cast<double>(width) && row >= 0 &&
              row < static_cast<double>(height)))
          return;
        inside += weight;
        value += weight * from[plane * height * width + static_cast<std::int64_t>(row) * width +
                               static_cast<std::int64_t>(column)];
      };
      if (options.interpolation == Interpolation::kNearest) {
        add(std::nearbyint(px), std::nearbyint(py), 1);
      } else {
        const double left = std::floor(px), top = std::floor(py);
        for (const double dx : {0.0, 1.0}) {
          for (const double dy : {0.0, 1.0})
            add(left + dx, top + dy,
                (1 - std::abs(px - left - dx)) * (1 - std::abs(py - top - dy)));
        }
      }
      if (!options.fill.empty()) value = value * inside + (1 - inside) * fill;
      *to++ = value;
    }
  }
  return y.to(batch.device());
}

Warp drawn_warp(Generator& generator, ImageSize image) {
  const auto unit = [&] { return rand({}, {.dtype = f64}, generator).item(); };
  if (generator.below(3) == 0) {
    const double right = static_cast<double>(image.width), down = static_cast<double>(image.height);
    const Corners from = {Place{0, 0}, {right, 0}, {right, down}, {0, down}};
    const Corners to = {Place{unit() * right / 3, unit() * down / 3},
                        {right - unit() * right / 3, unit() * down / 3},
                        {right - unit() * right / 3, down - unit() * down / 3},
                        {unit() * right / 3, down - unit() * down / 3}};
    return Warp::perspective(from, to);
  }
  return Warp::affine(image, {.degrees = unit() * 360,
                              .move = {unit() * 8 - 4, unit() * 8 - 4},
                              .scale = 0.5 + unit(),
                              .shear_x = unit() * 60 - 30,
                              .shear_y = unit() * 60 - 30});
}

// f64 against f64: a place is off by a few roundings of numbers below 64.
TEST(Warp, LoopsAgreeWithPlainOnes) {
  Generator generator(test::seed());
  const Shape sizes[] = {{2, 3, 7, 11}, {1, 1, 1, 1}, {1, 1, 1, 9}, {1, 2, 8, 1}, {3, 1, 28, 28}};
  for (const Shape& size : sizes) {
    const std::vector<double> one = {0.25};
    const std::vector<double> each(static_cast<std::size_t>(size[1]), 0.5);
    for (const std::vector<double>& fill : {std::vector<double>{}, one, each}) {
      for (const auto way : {Interpolation::kNearest, Interpolation::kBilinear}) {
        const Tensor x = rand(size, {.dtype = f64}, generator);
        const Warp warp = drawn_warp(generator, {size[2], size[3]});
        const std::vector<Warp> warps(static_cast<std::size_t>(size[0]), warp);
        const WarpOptions options{.interpolation = way, .fill = fill};
        EXPECT_TRUE(is_close(warp_images(x, warps, options), plain(x, warp, options), 0, 1e-12))
            << size;
      }
    }
  }
}

TEST(Warp, TurnsQuartersExactly) {
  const Tensor x = counted_images(1, 1, 2, 2);
  const auto turned = [&](double degrees) {
    const Warp warp = Warp::rotation(2, degrees);
    return warp_images(x, {&warp, 1}, {}).to_vector<int>();
  };
  EXPECT_THAT(turned(0), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(turned(90), ElementsAre(1, 3, 0, 2)) << "counter-clockwise";
  EXPECT_THAT(turned(180), ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(turned(-90), ElementsAre(2, 0, 3, 1));
}

TEST(Warp, MovesAndLetsTheFillIn) {
  const Tensor x = counted_images(1, 1, 2, 3);
  const Warp moved = Warp::affine({2, 3}, {.move = {1, -1}});
  EXPECT_THAT(warp_images(x, {&moved, 1}, {}).to_vector<int>(), ElementsAre(0, 3, 4, 0, 0, 0));
  EXPECT_THAT(warp_images(x, {&moved, 1}, {.fill = {9}}).to_vector<int>(),
              ElementsAre(9, 3, 4, 9, 9, 9));
  // Half a pixel to the right: the left one keeps a half of the image, and with a fill of 0 gets
  // another half of nothing, times the half that is inside.
  const Tensor white = full({1, 1, 1, 2}, 1, {.dtype = f32});
  const Warp half = Warp::affine({1, 2}, {.move = {0.5, 0}});
  const auto left = [&](std::vector<double> fill) {
    return warp_images(white, {&half, 1},
                       {.interpolation = Interpolation::kBilinear, .fill = std::move(fill)})
        .to_vector<float>()[0];
  };
  EXPECT_EQ(left({}), 0.5f);
  EXPECT_EQ(left({0}), 0.25f);
  EXPECT_EQ(left({1}), 0.75f);
}

TEST(Warp, BringsCornersWhereTheyBelong) {
  const Corners from = {Place{0, 0}, {20, 0}, {20, 10}, {0, 10}};
  const Corners to = {Place{3, 1}, {17, 2}, {20, 9}, {1, 10}};
  const Warp warp = Warp::perspective(from, to);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [u, v] = to[i];
    const double divisor = warp.g * u + warp.h * v + 1;
    EXPECT_NEAR((warp.a * u + warp.b * v + warp.c) / divisor, from[i].x, 1e-12);
    EXPECT_NEAR((warp.d * u + warp.e * v + warp.f) / divisor, from[i].y, 1e-12);
  }
  const Corners line = {Place{0, 0}, {0, 0}, {0, 5}, {0, 5}};
  EXPECT_EQ(Warp::perspective(line, line), Warp()) << "no perspective does that";
}

// A divisor of 0 leads nowhere: NaN and infinities are outside.
TEST(Warp, WhatIsInfinitelyFarIsOutside) {
  const Tensor x = full({1, 1, 1, 3}, 7, {.dtype = u8});
  const Warp warp{.a = 0, .e = 0, .g = -2};  // 0 / 0 at u = 1/2, and 0 elsewhere
  EXPECT_THAT(warp_images(x, {&warp, 1}, {.fill = {9}}).to_vector<int>(), ElementsAre(9, 7, 7));
}

TEST(Warp, SaysWhatItDoesNotTake) {
  const Warp warp;
  EXPECT_EQ(message_of<ShapeError>([&] {
              warp_images(zeros({2, 3}), {&warp, 1}, {});
            }),
            "warp_images: batch expected [k, c, h, w], got [2, 3]");
  EXPECT_EQ(message_of<DTypeError>([&] {
              warp_images(zeros({1, 1, 2, 2}, {.dtype = i64}), {&warp, 1}, {});
            }),
            "warp_images: dtype expected u8, f32 or f64, got i64");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              warp_images(zeros({2, 1, 2, 2}), {&warp, 1}, {});
            }),
            "warp_images: warps expected for 2 images, got 1");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              warp_images(zeros({1, 3, 2, 2}), {&warp, 1}, {.fill = {1, 2}});
            }),
            "warp_images: fill expected 0, 1 or 3 values, got 2");
}

}  // namespace
}  // namespace fovea::data
