#include "fovea/tensor/ops/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fovea/core/parallel.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea {
namespace {

using test::message_of;

TEST(Dropout, DropsItsShareAndScalesTheRest) {
  Generator generator(1);
  const Tensor y = dropout(full({100, 1000}, 3), 0.25, true, generator);
  const Tensor zero = y == 0.0, four = y == 4.0;
  EXPECT_TRUE(all(logical_or(zero, four)).item<bool>());
  EXPECT_NEAR(zero.to(f64).mean().item(), 0.25, 5 * std::sqrt(0.25 * 0.75 / 1e5));
}

TEST(Dropout, DoesNothingInEvaluationAndUsesNoNumbers) {
  Generator generator(1);
  const Tensor x = ones({10});
  EXPECT_EQ(dropout(x, 0.5, false, generator).impl(), x.impl());
  EXPECT_EQ(dropout2d(ones({1, 2, 3, 3}), 0.5, false, generator).numel(), 18);
  EXPECT_EQ(generator.position(), 0u);
  dropout(x, 0.5, true, generator);
  EXPECT_EQ(generator.position(), 1u);
}

TEST(Dropout, ItsEndsAreAllAndNothing) {
  Generator generator(1);
  const Tensor x = randn({1000}, {.requires_grad = true}, generator);
  EXPECT_TRUE(equal(dropout(x, 0, true, generator), x));
  const Tensor none = dropout(x, 1, true, generator);
  EXPECT_TRUE(equal(none.detach(), zeros({1000})));
  none.sum().backward();
  EXPECT_TRUE(equal(x.grad(), zeros({1000})));
  EXPECT_TRUE(equal(dropout2d(ones({2, 3, 4, 4}), 1, true, generator), zeros({2, 3, 4, 4})));
}

TEST(Dropout, BackwardDropsWhatForwardDropped) {
  for (const DType dtype : {f32, f64}) {
    Generator generator(1);
    const Tensor x = full({37, 91}, 2, {.dtype = dtype, .requires_grad = true});
    const Tensor y = dropout(x, 0.3, true, generator);
    y.sum().backward();  // its gradient is one value, expanded
    EXPECT_TRUE(equal(x.grad() * 2, y.detach()));
  }
}

TEST(Dropout, DependsOnSeedAndPositionAndOnNothingElse) {
  const auto draw = [](std::uint64_t seed, std::uint64_t position) {
    Generator generator(seed);
    generator.set_position(position);
    return dropout(ones({3, 50, 7, 31}), 0.5, true, generator);
  };
  const int threads = num_threads();
  const Tensor base = draw(5, 2);
  set_num_threads(3);
  EXPECT_TRUE(equal(draw(5, 2), base));
  set_num_threads(threads);
  EXPECT_FALSE(equal(draw(6, 2), base));
  EXPECT_FALSE(equal(draw(5, 3), base));

  Generator generator(5);
  generator.set_position(2);
  const Tensor channels_last = ones({3, 50, 7, 31}).contiguous(MemoryFormat::kChannelsLast);
  const Tensor y = dropout(channels_last, 0.5, true, generator);
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
  EXPECT_TRUE(equal(y, base));
}

TEST(Dropout, ChannelsFallWhole) {
  Generator generator(1);
  const auto check = [&](const Tensor& y, int spatial) {
    Shape dims;
    for (int dim = y.dim() - spatial; dim < y.dim(); ++dim) dims.push_back(dim);
    const Tensor means = y.mean(dims);
    EXPECT_TRUE(all(logical_or(means == 0.0, means == 2.0)).item<bool>());
    EXPECT_NEAR((means == 0.0).to(f64).mean().item(), 0.5,
                5 * std::sqrt(0.25 / static_cast<double>(means.numel())));
  };
  check(dropout1d(ones({20, 50, 3}), 0.5, true, generator), 1);
  check(dropout1d(ones({500, 3}), 0.5, true, generator), 1);
  check(dropout2d(ones({20, 50, 3, 2}), 0.5, true, generator), 2);
  check(
      dropout2d(ones({20, 50, 3, 2}).contiguous(MemoryFormat::kChannelsLast), 0.5, true, generator),
      2);
  check(dropout2d(ones({500, 3, 2}), 0.5, true, generator), 2);
  check(dropout3d(ones({20, 50, 3, 2, 2}), 0.5, true, generator), 3);
  check(dropout3d(ones({500, 3, 2, 2}), 0.5, true, generator), 3);
}

TEST(Dropout, GradientsAgreeWithDifferences) {
  Generator numbers(1);
  const Tensor x = randn({3, 4, 2, 2}, {.dtype = f64, .requires_grad = true}, numbers);
  for (const bool channels : {false, true}) {
    const auto f = [channels](const Tensors& in) {
      Generator generator(9);  // the same mask for each evaluation
      return channels ? dropout2d(in[0], 0.4, true, generator)
                      : dropout(in[0], 0.4, true, generator);
    };
    const GradCheck check = check_gradients(f, {x});
    EXPECT_TRUE(check.ok) << check.message;
  }
}

TEST(Dropout, KeepsNoMask) {
  Generator generator(1);
  const Tensor x = ones({10}, {.requires_grad = true});
  EXPECT_TRUE(tape(dropout(x, 0.5, true, generator)).front().saved.empty());
}

TEST(Dropout, SaysWhatItDoesNotTake) {
  Generator generator(1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of<ArgumentError>([&] { dropout(ones({2}), 1.5, true, generator); }),
            "dropout: p expected in [0, 1], got 1.5");
  EXPECT_EQ(message_of<ArgumentError>([&] { dropout(ones({2}), nan, false, generator); }),
            "dropout: p expected in [0, 1], got nan");
  EXPECT_EQ(
      message_of<DTypeError>([&] { dropout(ones({2}, {.dtype = i64}), 0.5, true, generator); }),
      "dropout: dtype expected f32, f64, got i64");
  EXPECT_EQ(message_of<ShapeError>([&] {
              dropout2d(ones({2, 3}), 0.5, true, generator);
            }),
            "dropout2d: x expected 3 or 4 dimensions, got 2 (shape [2, 3])");
  EXPECT_EQ(generator.position(), 0u);
}

}  // namespace
}  // namespace fovea
