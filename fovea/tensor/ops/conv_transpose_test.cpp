#include "fovea/tensor/ops/conv_transpose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

using Spread = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const ConvTransposeOptions&);
const std::map<std::string, Spread> kSpreads = {{"conv_transpose1d", conv_transpose1d},
                                                {"conv_transpose2d", conv_transpose2d},
                                                {"conv_transpose3d", conv_transpose3d}};

TEST(ConvTranspose, ByHand) {
  const Tensor x = tensor({1, 2, 3}).view({1, 1, 3}), weight = tensor({1, 10}).view({1, 1, 2});
  EXPECT_THAT(conv_transpose1d(x, weight).to_vector(), ElementsAre(1, 12, 23, 30));
  EXPECT_THAT(conv_transpose1d(x, weight, {}, {.stride = 2}).to_vector(),
              ElementsAre(1, 10, 2, 20, 3, 30));
  EXPECT_THAT(conv_transpose1d(x, weight, tensor({5}), {.stride = 3, .padding = 1}).to_vector(),
              ElementsAre(15, 5, 7, 25, 5, 8));
  EXPECT_THAT(conv_transpose1d(x, weight, {}, {.padding = Padding(0, 2)}).to_vector(),
              ElementsAre(1, 12));
  EXPECT_THAT(conv_transpose1d(x, weight, {}, {.dilation = 2}).to_vector(),
              ElementsAre(1, 2, 13, 20, 30));
}

// What no window reaches is zero, and the bias is added there too.
TEST(ConvTranspose, OutputPaddingMayBeAnything) {
  const Tensor x = tensor({1, 2}).view({1, 1, 2}), weight = tensor({1, 10}).view({1, 1, 2});
  EXPECT_THAT(
      conv_transpose1d(x, weight, tensor({1}), {.stride = 2, .output_padding = 4}).to_vector(),
      ElementsAre(2, 11, 3, 21, 1, 1, 1, 1));
}

void compare_with_pytorch(DType dtype, double rtol, double atol) {
  for (const test::GoldenCase& golden : test::load_golden("conv_transpose")) {
    SCOPED_TRACE(golden.name() + " " + golden.op());
    Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
    Tensor weight = golden.tensor("weight", dtype).clone().set_requires_grad();
    Tensor bias = golden.tensor("bias", dtype);
    if (bias.defined()) bias = bias.clone().set_requires_grad();
    const Tensor y = kSpreads.at(golden.op())(x, weight, bias,
                                              {.stride = golden.shape("stride"),
                                               .padding = golden.shape("padding"),
                                               .output_padding = golden.shape("output_padding"),
                                               .groups = golden.integer("groups"),
                                               .dilation = golden.shape("dilation")});
    EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), rtol, atol));
    y.backward(golden.tensor("grad_y", dtype));
    EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol));
    EXPECT_TRUE(is_close(weight.grad(), golden.tensor("grad_weight", dtype), rtol, atol));
    if (bias.defined()) {
      EXPECT_TRUE(is_close(bias.grad(), golden.tensor("grad_bias", dtype), rtol, atol));
    }
  }
}

TEST(ConvTranspose, AgreesWithPyTorch) {
  compare_with_pytorch(f64, 1e-12, 1e-12);
  // As for convolutions: direct, and with Winograd's bound.
  {
    const ConvAlgorithmScope scope(ConvAlgorithm::kDirect);
    compare_with_pytorch(f32, 2e-5, 5e-5);
  }
  const ConvAlgorithmScope scope(ConvAlgorithm::kWinograd);
  compare_with_pytorch(f32, 2e-5, 8e-4);
}

// <conv(y), x> = <y, conv_transpose(x)>.
TEST(ConvTranspose, IsTheAdjointOfConv) {
  Generator generator(test::seed());
  const TensorOptions wide{.dtype = f64};
  const Tensor weight = randn({4, 3, 3, 2}, wide, generator);
  const Tensor y = randn({2, 3, 9, 7}, wide, generator), x = randn({2, 4, 4, 8}, wide, generator);
  const Tensor there = conv2d(y, weight, {}, {.stride = {2, 1}, .padding = {0, 1}});
  const Tensor back = conv_transpose2d(x, weight, {}, {.stride = {2, 1}, .padding = {0, 1}});
  ASSERT_EQ(there.sizes(), x.sizes());
  ASSERT_EQ(back.sizes(), y.sizes());
  EXPECT_NEAR((there * x).sum().item(), (y * back).sum().item(), 1e-10);
}

TEST(ConvTranspose, GradientsAgreeWithDifferences) {
  Generator generator(test::seed());
  const TensorOptions leaf{.dtype = f64, .requires_grad = true};
  const Tensors inputs{randn({2, 4, 3, 2}, leaf, generator), randn({4, 2, 2, 3}, leaf, generator),
                       randn({4}, leaf, generator)};
  const GradCheck check = check_gradients(
      [](const Tensors& in) {
        return conv_transpose2d(in[0], in[1], in[2],
                                {.stride = {2, 3},
                                 .padding = Padding(PerDim{1, 0}, PerDim{0, 2}),
                                 .output_padding = {0, 3},
                                 .groups = 2,
                                 .dilation = {2, 1}});
      },
      inputs);
  EXPECT_TRUE(check.ok) << check.message;
}

TEST(ConvTranspose, LayoutsAndEmptyBatches) {
  const Tensor x = randn({2, 3, 4, 5}), weight = randn({3, 2, 2, 2});
  const Tensor y = conv_transpose2d(x, weight);
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
  EXPECT_TRUE(equal(y, conv_transpose2d(x.contiguous(MemoryFormat::kChannelsLast), weight)));
  EXPECT_TRUE(equal(y, conv_transpose2d(x, weight.transpose(0, 1).contiguous().transpose(0, 1))));
  EXPECT_EQ(conv_transpose2d(zeros({0, 3, 4, 5}), weight).sizes(), (Shape{0, 2, 5, 6}));
}

TEST(ConvTranspose, ErrorsSayWhatWasExpected) {
  const Tensor x = zeros({1, 4, 3}), weight = zeros({4, 2, 2});
  const auto shape_error = [&](const Tensor& input, const Tensor& w, const Tensor& bias,
                               const ConvTransposeOptions& options) {
    return message_of<ShapeError>([&] { conv_transpose1d(input, w, bias, options); });
  };
  EXPECT_EQ(shape_error(x, zeros({3, 2, 2}), {}, {}),
            "conv_transpose1d: input expected 3 channels, a multiple of groups, got 4 (input "
            "[1, 4, 3], weight [3, 2, 2], groups 1)");
  EXPECT_EQ(shape_error(x, weight, {}, {.groups = 3}),
            "conv_transpose1d: input expected 4 channels, a multiple of groups, got 4 (input "
            "[1, 4, 3], weight [4, 2, 2], groups 3)");
  EXPECT_EQ(shape_error(x, weight, zeros({3}), {}),
            "conv_transpose1d: bias expected shape [2], got [3]");
  EXPECT_EQ(shape_error(zeros({4, 3}), weight, {}, {}),
            "conv_transpose1d: input expected 3 dimensions, got 2 (input [4, 3])");
  EXPECT_EQ(shape_error(x, zeros({4, 2}), {}, {}),
            "conv_transpose1d: weight expected 3 dimensions, got 2 (weight [4, 2])");
  EXPECT_EQ(shape_error(x, weight, {}, {.padding = 2}),
            "conv_transpose1d: padding expected to leave some of the output, got [2] and [2] "
            "(input [1, 4, 3], weight [4, 2, 2])");
  EXPECT_EQ(
      message_of<ArgumentError>([&] { conv_transpose1d(x, weight, {}, {.output_padding = -1}); }),
      "conv_transpose1d: output_padding expected at least 0, got -1");
  EXPECT_EQ(message_of<DTypeError>([&] { conv_transpose1d(x, weight.to(f64)); }),
            "conv_transpose1d: parameters expected f32, got f64 (convert with .to(dtype))");
  EXPECT_EQ(message_of<DTypeError>([&] { conv_transpose1d(x.to(u8), weight); }),
            "conv_transpose1d: input expected f32 or f64, got u8 (images become f32 in [0, 1] with "
            "data::ToTensor, anything with .to(f32))");
}

}  // namespace
}  // namespace fovea
