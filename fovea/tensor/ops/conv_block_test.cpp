#include "fovea/tensor/ops/conv_block.h"

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea {
namespace {

using test::message_of;

Tensor random(const Shape& sizes, std::uint64_t seed) {
  Generator generator(seed);
  return randn(sizes, {.dtype = f64}, generator);
}

TEST(ConvBlock, GradientsAreThoseOfDifferences) {
  const BlockEpilogue pooled{.relu = true, .pool_height = 2, .pool_width = 2};
  for (const bool training : {true, false}) {
    SCOPED_TRACE(training);
    const Tensor mean = random({3}, 1), var = square(random({3}, 2)) + 0.5;
    const auto f = [&](const Tensors& in) {
      ConvBlockOptions options{.conv = {.padding = 1}, .epilogue = pooled};
      options.norm = {.training = training};
      return conv_block(in[0], in[1], in[2], {mean.clone(), var.clone(), in[3], in[4]}, options);
    };
    const GradCheck result = check_gradients(
        f, {random({2, 2, 5, 4}, 3).set_requires_grad(),
            random({3, 2, 3, 3}, 4).set_requires_grad(), random({3}, 5).set_requires_grad(),
            random({3}, 6).set_requires_grad(), random({3}, 7).set_requires_grad()});
    EXPECT_TRUE(result.ok) << result.message;
  }
}

TEST(ConvBlock, SaysWhatIsWrongInTheNamesOfItsParts) {
  const Tensor x = zeros({1, 2, 5, 5}), weight = zeros({3, 2, 3, 3});
  const ConvBlockOptions wide{.epilogue = {.pool_height = 4}};
  EXPECT_EQ(message_of<ShapeError>([&] { conv_block(x, weight, {}, {}, wide); }),
            "conv_block: window expected inside the input, got 4 x 1 (input [1, 3, 3, 3])");
  EXPECT_EQ(message_of<ShapeError>([&] {
              conv_block(zeros({1, 4, 5, 5}), weight, {}, {}, {});
            }),
            "conv2d: input expected 2 channels, got 4 (input [1, 4, 5, 5], weight [3, 2, 3, 3], "
            "groups 1)");
  ConvBlockOptions normalised;
  normalised.norm = BatchNormOptions{};
  EXPECT_EQ(message_of<ArgumentError>([&] { conv_block(x, weight, {}, {}, normalised); }),
            "batch_norm: running_mean and running_var expected in evaluation, got none");
}

}  // namespace
}  // namespace fovea
