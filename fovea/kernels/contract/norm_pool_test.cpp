// The fused block's fast kernels against the plain ones, over window sizes, channels that fill no
// vector, and borders that no window covers.

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/rng.h"
#include "fovea/kernels/reference/norm_pool.h"
#include "tests/support/contract.h"
#include "tests/test_seed.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(NormPoolContract, &KernelTable::norm_pool_forward,
               &KernelTable::norm_pool_backward_sums, &KernelTable::norm_pool_backward_input);

struct Problem {
  BlockSpec spec;
  std::int64_t n, c, h, w;
};

std::ostream& operator<<(std::ostream& out, const Problem& p) {
  return out << "x [" << p.n << ", " << p.c << ", " << p.h << ", " << p.w << "], window "
             << p.spec.window_h << "x" << p.spec.window_w << (p.spec.relu ? ", relu" : "");
}

/// Values of f64 and the same in f32, channels-last.
struct Array {
  std::vector<double> wide;
  std::vector<float> narrow;
  Shape sizes;

  Array(const Shape& shape, Generator& generator, double centre = 0) : sizes(shape) {
    const RngKey key = generator.next();
    for (std::int64_t i = 0; i < shape.numel(); ++i) {
      narrow.push_back(
          static_cast<float>(centre + to_normal(philox(key, static_cast<std::uint64_t>(i)))));
      wide.push_back(static_cast<double>(narrow.back()));
    }
  }
  View view64() { return {wide.data(), f64, sizes, channels_last_strides(sizes)}; }
  View view32() { return {narrow.data(), f32, sizes, channels_last_strides(sizes)}; }
};

void compare(const Problem& problem) {
  SCOPED_TRACE(testing::Message() << problem);
  const auto [spec, n, c, h, w] = problem;
  Generator generator(test::seed());
  const Shape out = {n, c, h / spec.window_h, w / spec.window_w};
  Array x({n, c, h, w}, generator, 0.5), mean({c}, generator), var({c}, generator),
      weight({c}, generator);
  Array bias({c}, generator), dy(out, generator), y(out, generator), sum({c}, generator),
      sum_xhat({c}, generator);
  Array dx({n, c, h, w}, generator);
  for (std::size_t i = 0; i < var.wide.size(); ++i) {
    var.narrow[i] = 0.5f + var.narrow[i] * var.narrow[i];
    var.wide[i] = static_cast<double>(var.narrow[i]);
  }
  std::vector<std::uint8_t> positions(static_cast<std::size_t>(out.numel())),
      expected_positions = positions;
  const bool pools = spec.window() > 1;
  const View fast_positions{pools ? positions.data() : nullptr, u8, out,
                            channels_last_strides(out)};
  const View slow_positions{pools ? expected_positions.data() : nullptr, u8, out,
                            channels_last_strides(out)};

  contract::run(&KernelTable::norm_pool_forward, spec, x.view32(), mean.view32(), var.view32(),
                1e-5, weight.view32(), bias.view32(), y.view32(), fast_positions);
  reference::norm_pool_forward<double>(spec, x.view64(), mean.view64(), var.view64(), 1e-5,
                                       weight.view64(), bias.view64(), y.view64(), slow_positions);
  for (std::size_t i = 0; i < y.wide.size(); ++i) {
    // x * scale + shift: |x scale| and |shift| stay below 40 here, each rounded a few times.
    EXPECT_NEAR(y.narrow[i], y.wide[i], 40 * 4 * 6e-8) << "element " << i;
  }
  EXPECT_EQ(positions, expected_positions);

  contract::run(&KernelTable::norm_pool_backward_sums, spec, dy.view32(), y.view32(),
                fast_positions, x.view32(), mean.view32(), var.view32(), 1e-5, sum.view32(),
                sum_xhat.view32());
  reference::norm_pool_backward_sums<double>(spec, dy.view64(), y.view64(), slow_positions,
                                             x.view64(), mean.view64(), var.view64(), 1e-5,
                                             sum.view64(), sum_xhat.view64());
  const double terms = static_cast<double>(n * out[2] * out[3]);
  for (std::size_t i = 0; i < sum.wide.size(); ++i) {
    // Each row sums at most 40 terms below 20 in f32.
    EXPECT_NEAR(sum.narrow[i], sum.wide[i], 20 * terms * 40 * 6e-8) << "channel " << i;
    EXPECT_NEAR(sum_xhat.narrow[i], sum_xhat.wide[i], 20 * terms * 40 * 6e-8) << "channel " << i;
  }

  for (const bool batch_statistics : {true, false}) {
    const ConstView none;
    contract::run(&KernelTable::norm_pool_backward_input, spec, dy.view32(), y.view32(),
                  fast_positions, x.view32(), mean.view32(), var.view32(), 1e-5, weight.view32(),
                  batch_statistics ? sum.view32() : none,
                  batch_statistics ? sum_xhat.view32() : none, dx.view32());
    reference::norm_pool_backward_input<double>(
        spec, dy.view64(), y.view64(), slow_positions, x.view64(), mean.view64(), var.view64(),
        1e-5, weight.view64(), batch_statistics ? sum.view64() : none,
        batch_statistics ? sum_xhat.view64() : none, dx.view64());
    for (std::size_t i = 0; i < dx.wide.size(); ++i) {
      EXPECT_NEAR(dx.narrow[i], dx.wide[i], 1e-4 * (1 + std::abs(dx.wide[i]))) << "element " << i;
    }
  }
}

TEST_P(NormPoolContract, AgreesWithTheReference) {
  for (const Problem& problem :
       {Problem{{true, 2, 2}, 3, 32, 8, 8}, Problem{{true, 2, 2}, 2, 1, 7, 9},
        Problem{{true, 2, 2}, 1, 19, 5, 5}, Problem{{false, 2, 2}, 2, 16, 4, 6},
        Problem{{true, 1, 1}, 2, 33, 3, 5}, Problem{{false, 1, 1}, 1, 7, 2, 2},
        Problem{{true, 3, 3}, 2, 17, 10, 11}, Problem{{true, 1, 4}, 2, 8, 3, 13},
        Problem{{true, 2, 1}, 1, 5, 6, 4}, Problem{{true, 2, 2}, 40, 64, 12, 12},
        Problem{{true, 2, 2}, 0, 4, 4, 4}})
    compare(problem);
}

TEST_P(NormPoolContract, NanInAWindowWinsAndStays) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (int place = 0; place < 4; ++place) {
    std::vector<float> x = {1, 2, 3, 4}, zero = {0}, one = {1}, y(1);
    x[static_cast<std::size_t>(place)] = nan;
    std::vector<std::uint8_t> position(1);
    const Shape in = {1, 1, 2, 2}, out = {1, 1, 1, 1};
    contract::run(&KernelTable::norm_pool_forward, {true, 2, 2},
                  {x.data(), f32, in, channels_last_strides(in)}, {zero.data(), f32, {1}, {1}},
                  {one.data(), f32, {1}, {1}}, 0, {}, {},
                  {y.data(), f32, out, channels_last_strides(out)},
                  {position.data(), u8, out, channels_last_strides(out)});
    EXPECT_TRUE(std::isnan(y[0])) << "NaN at " << place;
    EXPECT_EQ(position[0], place);
  }
}

// As in PyTorch, whose relu stops a gradient only where the result is not above 0.
TEST_P(NormPoolContract, GradientPassesWhereTheResultIsNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::int64_t channels : {1, 40}) {  // no vector, and whole ones
    const auto count = static_cast<std::size_t>(3 * channels);
    std::vector<float> y(count), dy(count, 2), dx(count), x(count), zero(count), one(count, 1),
        sum(count), sum_xhat(count);
    for (std::size_t i = 0; i < count; ++i) y[i] = i % 3 == 0 ? nan : static_cast<float>(i % 3) - 1;
    const Shape sizes = {3, channels, 1, 1};
    const auto image = [&](std::vector<float>& values) {
      return View{values.data(), f32, sizes, channels_last_strides(sizes)};
    };
    const auto vector = [&](std::vector<float>& values) {
      return View{values.data(), f32, {channels}, {1}};
    };
    const BlockSpec relu = {true, 1, 1};
    contract::run(&KernelTable::norm_pool_backward_input, relu, image(dy), image(y), {}, image(x),
                  vector(zero), vector(one), 0, {}, {}, {}, image(dx));
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(dx[i], i % 3 == 1 ? 0 : 2) << "element " << i;
    std::vector<double> expected(count);
    for (std::size_t i = 0; i < count; ++i)
      expected[i % static_cast<std::size_t>(channels)] += static_cast<double>(dx[i]);
    contract::run(&KernelTable::norm_pool_backward_sums, relu, image(dy), image(y), {}, image(x),
                  vector(zero), vector(one), 0, vector(sum), vector(sum_xhat));
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
      EXPECT_EQ(static_cast<double>(sum[c]), expected[c]) << "channel " << c;
  }
}

}  // namespace
}  // namespace fovea::kernels::contract
