// Fused operations on a device that has no kernels for them, as late (tests/test_devices.h):
// they give what they give on the CPU, made of other operations.

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv_block.h"
#include "fovea/tensor/ops/image.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/on_device.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;

Device late() { return Device("late"); }

/// The operation under test, which may move tensors in place.
using Operation = std::function<Tensor(const Tensors&)>;

Tensors copies_on(Device device, const Tensors& tensors) {
  Tensors copies;
  for (const Tensor& tensor : tensors) {
    copies.push_back(tensor.defined() ? tensor.detach().to(device).clone() : Tensor());
    if (tensor.defined() && tensor.requires_grad()) copies.back().set_requires_grad();
  }
  return copies;
}

/// Compares results, gradients unless `recorded` is false, and what has become of the inputs.
void expect_as_on_cpu(const Operation& f, const Tensors& inputs, bool recorded = true) {
  // Sums of at most 300 terms of about 1, of which a few errors are carried on.
  const double tolerance = inputs[0].dtype() == f64 ? 1e-12 : 1e-4;
  const auto same = [&](const Tensor& a, const Tensor& b) {
    return is_close(a.detach().to(cpu), b.detach(), tolerance, tolerance);
  };
  const Tensors here = copies_on(cpu, inputs), there = copies_on(late(), inputs);
  const GradMode mode(recorded);
  const Tensor expected = f(here), y = f(there);
  ASSERT_EQ(y.device(), late());
  EXPECT_TRUE(same(y, expected));
  if (recorded) {
    Generator generator(test::seed());
    const Tensor dy = randn(expected.sizes(), {.dtype = y.dtype(), .device = cpu}, generator);
    expected.backward(dy);
    y.backward(dy.to(late()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) continue;
    SCOPED_TRACE(str("input ", i));
    EXPECT_TRUE(same(there[i], here[i]));
    if (recorded && inputs[i].requires_grad()) {
      EXPECT_TRUE(same(there[i].grad(), here[i].grad()));
    }
  }
}

class WithoutFusedKernels : public testing::Test {
 protected:
  // f64, where no rounding is large enough to turn a relu or a maximum over.
  Tensor value(const Shape& sizes, DType dtype = f64) {
    return randn(sizes, {.dtype = dtype, .device = cpu}, generator_);
  }
  Tensor leaf(const Shape& sizes) { return value(sizes).set_requires_grad(); }

  Generator generator_{test::seed()};
};

TEST_F(WithoutFusedKernels, ConvBlock) {
  for (const std::int64_t channels : {1, 5}) {  // one: statistics from patches
    for (const int norm : {0, 1, 2}) {          // none, by constants, by the batch
      for (const bool relu : {false, true}) {
        for (const std::int64_t window : {1, 2}) {
          SCOPED_TRACE(str(channels, ", norm ", norm, ", relu ", relu, ", window ", window));
          ConvBlockOptions options{
              .conv = {.padding = 1},
              .epilogue = {.relu = relu, .pool_height = window, .pool_width = window + 1}};
          if (norm > 0) options.norm = BatchNormOptions{.training = norm == 2};
          const Operation f = [&](const Tensors& in) {
            NormTensors tensors;
            if (norm > 0) tensors = {in[3], in[4], in[5], in[6]};
            return conv_block(in[0], in[1], in[2], tensors, options);
          };
          const Tensors inputs{leaf({3, channels, 7, 9}),
                               leaf({6, channels, 3, 3}),
                               leaf({6}),
                               value({6}),
                               square(value({6})) + 0.5,
                               norm > 0 ? leaf({6}) : Tensor(),
                               norm > 0 ? leaf({6}) : Tensor()};
          expect_as_on_cpu(f, inputs);
          expect_as_on_cpu(f, inputs, false);
        }
      }
    }
  }
}

TEST_F(WithoutFusedKernels, BatchNormReluPool) {
  for (const bool training : {false, true}) {
    for (const std::int64_t window : {1, 2}) {
      SCOPED_TRACE(str(training, ", window ", window));
      const Operation f = [&](const Tensors& in) {
        return batch_norm_relu_pool(in[0], {in[1], in[2], in[3], in[4]}, {.training = training},
                                    {.pool_height = window, .pool_width = 3});
      };
      expect_as_on_cpu(
          f, {leaf({2, 5, 7, 9}), value({5}), square(value({5})) + 0.5, leaf({5}), leaf({5})});
    }
  }
}

// With the same random numbers, and as many streams of them.
TEST_F(WithoutFusedKernels, LinearReluDropout) {
  for (const Shape& sizes : {Shape{5}, Shape{7, 33}, Shape{2, 3, 16}, Shape{0, 4}}) {
    for (const bool relu : {false, true}) {
      for (const std::optional<double> p :
           {std::optional<double>(), std::optional(0.0), std::optional(0.4)}) {
        SCOPED_TRACE(str(sizes, " relu ", relu, " dropout ", p.value_or(-1)));
        std::vector<std::uint64_t> positions;
        const Operation f = [&](const Tensors& in) {
          Generator generator(3);
          Tensor y =
              linear_relu_dropout(in[0], in[1], in[2], {.relu = relu, .dropout = p}, generator);
          positions.push_back(generator.position());
          return y;
        };
        const std::int64_t features = sizes[sizes.ndim() - 1];
        expect_as_on_cpu(f, {leaf(sizes), leaf({9, features}), leaf({9})});
        expect_as_on_cpu(f, {leaf(sizes), leaf({9, features}), Tensor()});
        for (const std::uint64_t position : positions) EXPECT_EQ(position, positions[0]);
        expect_as_on_cpu([](const Tensors& in) { return linear(in[0], in[1], in[2]); },
                         {leaf(sizes), leaf({9, features}), leaf({9})});
      }
    }
  }
}

TEST_F(WithoutFusedKernels, ConvAddClamp) {
  for (const bool adds : {false, true}) {
    for (const ConvAddClampOptions& options :
         {ConvAddClampOptions{.conv = {.padding = 1}},
          {.conv = {.padding = 1}, .low = 0},
          {.conv = {.padding = 1}, .low = -0.5, .high = 0.75}}) {
      const Operation f = [&](const Tensors& in) {
        return conv_add_clamp(in[0], in[1], in[2], in[3], options);
      };
      expect_as_on_cpu(f,
                       {value({2, 5, 6, 7}), value({4, 5, 3, 3}), value({4}),
                        adds ? value({2, 4, 6, 7}) : Tensor()},
                       false);
    }
  }
  // And in other dimensions than two.
  expect_as_on_cpu(
      [](const Tensors& in) { return conv_add_clamp(in[0], in[1], {}, {}, {.low = 0}); },
      {value({2, 3, 9}), value({4, 3, 3})}, false);
}

TEST_F(WithoutFusedKernels, ConvolutionsWhoseWeightCouldBePrepared) {
  const Operation f = [](const Tensors& in) { return conv2d(in[0], in[1], in[2], {.padding = 1}); };
  const Tensors inputs{value({1, 32, 14, 14}, f32), value({32, 32, 3, 3}, f32), value({32}, f32)};
  expect_as_on_cpu(f, inputs, false);
  for (Tensor input : inputs) input.set_requires_grad();
  expect_as_on_cpu(f, inputs);
}

TEST_F(WithoutFusedKernels, GatherImagesToTheBit) {
  const Tensor x = randint(0, 256, {4, 2, 5, 6}, {.dtype = i64, .device = cpu}, generator_).to(u8);
  const std::vector<ImageValues> values = {{255, 0.3f, 1.1f, -1, -10}, {255, 0, 1, 5, 7}};
  const std::vector<std::int64_t> index = {3, 0, 0, 2};
  const std::vector<ImageWindow> windows = {
      {},
      {.top = -2, .left = 3, .flip = 1},
      {.top = 1, .erased_top = 1, .erased_left = 2, .erased_height = 2, .erased_width = 1},
      {.left = -1, .flip = 1, .erased_height = 4, .erased_width = 7}};
  for (const bool whole : {false, true}) {
    const std::span<const ImageWindow> cut = whole ? std::span<const ImageWindow>() : windows;
    const Tensor y = gather_images(x.to(late()), index, cut, values, 4, 7);
    EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
    EXPECT_TRUE(equal(y.to(cpu), gather_images(x, index, cut, values, 4, 7))) << whole;
  }
  EXPECT_EQ(gather_images(x.to(late()), {}, {}, values, 4, 7).sizes(), (Shape{0, 2, 4, 7}));
}

// All is checked before anything moves.
TEST_F(WithoutFusedKernels, AWindowThatDoesNotFitMovesNoStatistics) {
  const test::OnDevice on(late());
  const Tensor mean = zeros({3}), var = ones({3});
  const ConvBlockOptions options{.norm = BatchNormOptions{.training = true},
                                 .epilogue = {.pool_height = 4}};
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        conv_block(randn({2, 2, 5, 5}), randn({3, 2, 3, 3}), {}, {mean, var, {}, {}}, options);
      }),
      "conv_block: window expected inside the input, got 4 x 1 (input [2, 3, 3, 3])");
  EXPECT_TRUE(equal(mean, zeros({3})));
  EXPECT_TRUE(equal(var, ones({3})));
}

}  // namespace
}  // namespace fovea
