#include "fovea/tensor/ops/layer_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

TEST(LayerNorm, ByHand) {
  const Tensor x = tensor({{1, 3}, {-5, 5}});
  EXPECT_THAT(layer_norm(x, {2}, tensor({2, 3}), tensor({0, 1}), 0).to_vector(),
              ElementsAre(-2, 4, -2, 4));
  const auto [y, mean, rstd] = standardize(x, {1}, 0);
  EXPECT_THAT(mean.to_vector(), ElementsAre(2, 0));
  EXPECT_THAT(rstd.to_vector(), testing::Pointwise(testing::FloatNear(1e-7f), {1.0f, 0.2f}));
  EXPECT_THAT(standardize(x, {}, 1).y.to_vector(), ElementsAre(0, 0, 0, 0));
}

// 1e6 + {0, 1}: the squares of these values have no digits left for a variance of 1/4.
TEST(LayerNorm, SmallDeviationsOfALargeMeanKeepTheirDigits) {
  const Tensor y = layer_norm(tensor({1e6, 1e6 + 1}), {2}, {}, {}, 0);
  EXPECT_THAT(y.to_vector(), ElementsAre(-1, 1));
}

Tensor run(const test::GoldenCase& golden, const Tensor& x, const Tensor& weight,
           const Tensor& bias) {
  const double eps = golden.number("eps");
  if (golden.op() == "layer_norm")
    return layer_norm(x, golden.shape("normalized_shape"), weight, bias, eps);
  if (golden.op() == "group_norm")
    return group_norm(x, golden.integer("num_groups"), weight, bias, eps);
  return instance_norm(x, weight, bias, eps);
}

void compare_with_pytorch(DType dtype, double tolerance) {
  for (const test::GoldenCase& golden : test::load_golden("layer_norm")) {
    SCOPED_TRACE(golden.name() + " " + golden.op());
    const auto leaf = [&](const char* name) {
      const Tensor value = golden.tensor(name, dtype);
      return value.defined() ? value.clone().set_requires_grad() : value;
    };
    const Tensor x = leaf("x"), weight = leaf("weight"), bias = leaf("bias");
    const Tensor y = run(golden, x, weight, bias);
    EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), tolerance, tolerance));
    y.backward(golden.tensor("grad_y", dtype));
    // Values of small deviation have large gradients: errors scale with them.
    const double scale = golden.tensor("grad_x").max().item() + 1;
    EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), tolerance, tolerance * scale));
    if (!weight.defined()) continue;
    EXPECT_TRUE(is_close(weight.grad(), golden.tensor("grad_weight", dtype), tolerance, tolerance));
    EXPECT_TRUE(is_close(bias.grad(), golden.tensor("grad_bias", dtype), tolerance, tolerance));
  }
}

TEST(LayerNorm, AgreesWithPyTorch) {
  compare_with_pytorch(f64, 1e-10);
  // A mean of 100 above a deviation of 1/8 is rounded by 800 eps of the deviation.
  compare_with_pytorch(f32, 1e-4);
}

TEST(LayerNorm, GradientsAgreeWithDifferences) {
  Generator generator(test::seed());
  const TensorOptions leaf{.dtype = f64, .requires_grad = true};
  const Tensor x = randn({2, 4, 3}, leaf, generator), weight = randn({4}, leaf, generator),
               bias = randn({4}, leaf, generator);
  const auto expect = [&](const char* name, auto f) {
    const GradCheck check = check_gradients(f, {x, weight, bias});
    EXPECT_TRUE(check.ok) << name << ": " << check.message;
  };
  expect("instance", [](const Tensors& in) { return instance_norm(in[0], in[1], in[2]); });
  expect("group", [](const Tensors& in) { return group_norm(in[0], 2, in[1], in[2]); });
  expect("layer",
         [](const Tensors& in) { return layer_norm(in[0].transpose(1, 2), {4}, in[1], in[2]); });
}

TEST(LayerNorm, EveryLayoutGivesTheSame) {
  const Tensor x = randn({2, 4, 3, 5}), last = x.contiguous(MemoryFormat::kChannelsLast);
  EXPECT_TRUE(is_close(instance_norm(last), instance_norm(x), 0, 1e-5));
  EXPECT_TRUE(is_close(group_norm(last, 2), group_norm(x, 2), 0, 1e-5));
  EXPECT_TRUE(is_close(layer_norm(last, {3, 5}), layer_norm(x, {3, 5}), 0, 1e-5));
  EXPECT_EQ(group_norm(zeros({0, 4, 3}), 2).sizes(), (Shape{0, 4, 3}));
}

TEST(LayerNorm, ErrorsSayWhatWasExpected) {
  const Tensor x = zeros({2, 4, 3});
  EXPECT_EQ(message_of<ShapeError>([&] { layer_norm(x, {4}); }),
            "layer_norm: input expected to end in [4], got [2, 4, 3]");
  EXPECT_EQ(message_of<ShapeError>([&] { layer_norm(x, {3}, zeros({4})); }),
            "layer_norm: weight expected shape [3], got [4] (input [2, 4, 3])");
  EXPECT_EQ(message_of<ShapeError>([&] { group_norm(x, 3); }),
            "group_norm: input expected [n, c, ...] with c a multiple of num_groups 3, got "
            "[2, 4, 3]");
  EXPECT_EQ(message_of<ArgumentError>([&] { group_norm(x, 0); }),
            "group_norm: num_groups expected at least 1, got 0");
  EXPECT_EQ(message_of<ShapeError>([&] { instance_norm(x[0]); }),
            "instance_norm: input expected at least 3 dimensions [n, c, spatial...], got [4, 3]");
  EXPECT_EQ(message_of<ShapeError>([&] { instance_norm(x, {}, zeros({3})); }),
            "instance_norm: bias expected shape [4], got [3] (input [2, 4, 3])");
  EXPECT_EQ(message_of<ArgumentError>([&] { instance_norm(x, {}, {}, -1); }),
            "standardize: eps expected at least 0, got -1");
  EXPECT_EQ(message_of<DTypeError>([&] { instance_norm(x.to(i64)); }),
            "standardize: dtype expected f32, f64, got i64");
}

}  // namespace
}  // namespace fovea
