#include "fovea/tensor/ops/linear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

TEST(Linear, ByHand) {
  const Tensor x = tensor({{1, 2, 3}, {0, -1, 1}}), weight = tensor({{1, 0, 1}, {2, 1, 0}});
  EXPECT_THAT(linear(x, weight, tensor({10, 20})).to_vector(), ElementsAre(14, 24, 11, 19));
  EXPECT_THAT(linear(x, weight).to_vector(), ElementsAre(4, 4, 1, -1));
}

TEST(Linear, AgreesWithPyTorch) {
  for (const test::GoldenCase& golden : test::load_golden("linear")) {
    SCOPED_TRACE(golden.name());
    for (const DType dtype : {f64, f32}) {
      const double rtol = dtype == f64 ? 1e-13 : 1e-5, atol = dtype == f64 ? 1e-13 : 1e-5;
      Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
      Tensor weight = golden.tensor("weight", dtype).clone().set_requires_grad();
      Tensor bias = golden.tensor("bias", dtype);
      if (bias.defined()) bias = bias.clone().set_requires_grad();
      const Tensor y = linear(x, weight, bias);
      EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), rtol, atol));
      y.backward(golden.tensor("grad_y", dtype));
      EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol));
      EXPECT_TRUE(is_close(weight.grad(), golden.tensor("grad_weight", dtype), rtol, atol));
      if (bias.defined()) {
        EXPECT_TRUE(is_close(bias.grad(), golden.tensor("grad_bias", dtype), rtol, atol));
      }
    }
  }
}

TEST(Linear, GradientsAgreeWithDifferences) {
  Generator generator(test::seed());
  for (const Shape& sizes : {Shape{4}, Shape{3, 4}, Shape{2, 3, 4}}) {
    const auto leaf = [&](const Shape& s) {
      return randn(s, {.dtype = f64, .requires_grad = true}, generator);
    };
    const GradCheck result =
        check_gradients([](const Tensors& in) { return linear(in[0], in[1], in[2]); },
                        {leaf(sizes), leaf({5, 4}), leaf({5})});
    EXPECT_TRUE(result.ok) << result.message;
  }
}

TEST(Linear, WeightGradientsGoIntoTheirBuffers) {
  const Tensor x = tensor({{1, 2}, {3, 4}});
  Tensor weight = ones({3, 2}, {.requires_grad = true}), bias = ones({3}, {.requires_grad = true});
  const Tensor block = full({9}, -1);
  weight.set_grad_buffer(block.narrow(0, 0, 6).view({3, 2}));
  bias.set_grad_buffer(block.narrow(0, 6, 3));
  linear(x, weight, bias).sum().backward();
  EXPECT_EQ(weight.grad().kernel_view().data, block.kernel_view().data);
  EXPECT_THAT(block.to_vector(), ElementsAre(4, 6, 4, 6, 4, 6, 2, 2, 2));
  linear(x, weight, bias).sum().backward();
  EXPECT_THAT(block.to_vector(), ElementsAre(8, 12, 8, 12, 8, 12, 4, 4, 4));
}

TEST(Linear, AnyLayoutGivesTheSame) {
  Generator generator(test::seed());
  const auto integers = [&](const Shape& sizes) {
    return randint(-4, 5, sizes, {.dtype = i64}, generator).to(f32);
  };
  const Tensor x = integers({6, 4}), weight = integers({5, 4}), bias = integers({5});
  const Tensor expected = linear(x, weight, bias);
  EXPECT_TRUE(equal(linear(x.t().contiguous().t(), weight.t().contiguous().t(), bias), expected));
  EXPECT_TRUE(equal(linear(x.view({2, 3, 4}).transpose(0, 1), weight, bias),
                    expected.view({2, 3, 5}).transpose(0, 1).contiguous()));
  const Tensor spread = zeros({6, 9});
  spread.slice(1, 1, 9, 2).copy_(x);
  EXPECT_TRUE(equal(linear(spread.slice(1, 1, 9, 2), weight, bias), expected));
  EXPECT_TRUE(equal(linear(x.narrow(0, 2, 1).expand({6, 4}), weight, bias),
                    expected.narrow(0, 2, 1).expand({6, 5}).contiguous()));
}

TEST(Linear, BatchOfNone) {
  for (const DType dtype : {f32, f64}) {
    Tensor x = zeros({0, 4}, {.dtype = dtype, .requires_grad = true});
    Tensor weight = ones({3, 4}, {.dtype = dtype, .requires_grad = true});
    Tensor bias = ones({3}, {.dtype = dtype, .requires_grad = true});
    const Tensor y = linear(x, weight, bias);
    EXPECT_EQ(y.sizes(), (Shape{0, 3}));
    y.sum().backward();
    EXPECT_EQ(x.grad().sizes(), x.sizes());
    EXPECT_TRUE(equal(weight.grad(), zeros_like(weight)));
    EXPECT_TRUE(equal(bias.grad(), zeros_like(bias)));
  }
}

TEST(Linear, NoFeaturesGiveTheBias) {
  const auto expect_bias = [] {
    EXPECT_THAT(linear(zeros({2, 0}), zeros({2, 0}), tensor({3, 4})).to_vector(),
                ElementsAre(3, 4, 3, 4));
  };
  expect_bias();
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products)) return;
  const PrecisionScope precision(Precision::kBf16);
  expect_bias();
}

TEST(Linear, Errors) {
  const auto failure = [](const Tensor& x, const Tensor& weight, const Tensor& bias = {}) {
    return message_of<Error>([&] { linear(x, weight, bias); });
  };
  EXPECT_EQ(failure(zeros({2, 5}), zeros({3, 4})),
            "linear: input expected 4 features, got 5 (input [2, 5], weight [3, 4])");
  EXPECT_EQ(failure(zeros({}), zeros({3, 4})),
            "linear: input expected 4 features, got 0 (input [], weight [3, 4])");
  EXPECT_EQ(failure(zeros({2, 5}), zeros({5})),
            "linear: weight expected 2 dimensions [out, in], got [5]");
  EXPECT_EQ(failure(zeros({2, 4}), zeros({3, 4}), zeros({4})),
            "linear: bias expected shape [3], got [4] (weight [3, 4])");
  EXPECT_EQ(failure(zeros({2, 4}), zeros({3, 4}, {.dtype = f64})),
            "linear: parameters expected f32, got f64 (convert with .to(dtype))");
  EXPECT_EQ(failure(zeros({2, 4}, {.dtype = i64}), zeros({3, 4}, {.dtype = i64})),
            "linear: dtype expected f32, f64, got i64");
  EXPECT_EQ(failure(zeros({2, 4}, {.dtype = u8}), zeros({3, 4})),
            "linear: input expected f32 or f64, got u8 (images become f32 in [0, 1] with "
            "data::ToTensor, anything with .to(f32))");
}

/// The layer, then relu and dropout, each as an operation of its own.
Tensor unfused(const Tensor& x, const Tensor& weight, const Tensor& bias,
               const LinearEpilogue& epilogue, Generator& generator) {
  Tensor y = linear(x, weight, bias);
  if (epilogue.relu) y = relu(y);
  return epilogue.dropout ? dropout(y, *epilogue.dropout, true, generator) : y;
}

TEST(LinearReluDropout, IsTheSeparateOperations) {
  for (const Shape& sizes : {Shape{1, 5}, Shape{33, 70}, Shape{2, 3, 16}, Shape{130, 24}}) {
    for (const bool relus : {false, true}) {
      for (const std::optional<double> p :
           {std::optional<double>(), std::optional(0.0), std::optional(0.3), std::optional(1.0)}) {
        for (const bool with_bias : {false, true}) {
          SCOPED_TRACE(
              str(sizes, " relu ", relus, " dropout ", p.value_or(-1), " bias ", with_bias));
          const LinearEpilogue epilogue{.relu = relus, .dropout = p};
          Generator random(test::seed());
          const auto leaf = [&random](const Shape& s) {
            return randn(s, {.requires_grad = true}, random);
          };
          const Tensor x = leaf(sizes), weight = leaf({65, sizes[sizes.ndim() - 1]});
          const Tensor bias = with_bias ? leaf({65}) : Tensor();
          const Tensor x2 = x.detach().clone().set_requires_grad();
          const Tensor weight2 = weight.detach().clone().set_requires_grad();
          const Tensor bias2 = with_bias ? bias.detach().clone().set_requires_grad() : Tensor();
          Generator one(3), two(3);
          const Tensor y = linear_relu_dropout(x, weight, bias, epilogue, one);
          const Tensor y2 = unfused(x2, weight2, bias2, epilogue, two);
          EXPECT_EQ(one.position(), two.position());
          EXPECT_TRUE(is_close(y, y2));
          const Tensor dy = randn(y.sizes(), {}, random);
          y.backward(dy);
          y2.backward(dy);
          EXPECT_TRUE(is_close(x.grad(), x2.grad()));
          EXPECT_TRUE(is_close(weight.grad(), weight2.grad()));
          if (with_bias) {
            EXPECT_TRUE(is_close(bias.grad(), bias2.grad()));
          }
        }
      }
    }
  }
}

TEST(LinearReluDropout, GradientsAgreeWithDifferences) {
  Generator random(test::seed());
  const auto leaf = [&random](const Shape& s) {
    return randn(s, {.dtype = f64, .requires_grad = true}, random);
  };
  const GradCheck result = check_gradients(
      [](const Tensors& in) {
        Generator generator(5);  // the same elements fall each time
        return linear_relu_dropout(in[0], in[1], in[2], {.relu = true, .dropout = 0.4}, generator);
      },
      {leaf({3, 4}), leaf({5, 4}), leaf({5})});
  EXPECT_TRUE(result.ok) << result.message;
}

TEST(LinearReluDropout, KeepsNeitherMaskNorTheValuesBeforeRelu) {
  if (!kernels::has_kernel(default_device(), &kernels::KernelTable::linear_forward))
    GTEST_SKIP() << "linear layers are composed here";
  const Tensor x = ones({2, 3}), weight = ones({4, 3}, {.requires_grad = true});
  const Tensor y = linear_relu_dropout(x, weight, {}, {.relu = true, .dropout = 0.5});
  EXPECT_THAT(tape(y).at(0).saved, ElementsAre("f32 [2, 3]", "f32 [4, 3]", "f32 [2, 4]"));
  EXPECT_THAT(tape(linear(x, weight)).at(0).saved, ElementsAre("f32 [2, 3]", "f32 [4, 3]"));
}

TEST(LinearReluDropout, ErrorsNameTheirCause) {
  const Tensor x = ones({2, 3}), weight = ones({4, 3});
  EXPECT_EQ(message_of<ArgumentError>(
                [&] { linear_relu_dropout(x, weight, {}, {.relu = false, .dropout = 1.5}); }),
            "linear_relu_dropout: p expected in [0, 1], got 1.5");
}

TEST(Precision, IsRefusedOnADeviceWithoutBf16Products) {
  const Device late("late");  // whatever the others have
  const PrecisionScope scope(Precision::kBf16);
  const auto layer = [&](DType dtype) {
    const Tensor x = ones({2, 3}, {.dtype = dtype, .device = late});
    return linear(x, ones({4, 3}, {.dtype = dtype, .device = late}));
  };
  EXPECT_EQ(message_of<DeviceError>([&] { layer(f32); }),
            "linear: precision expected f32 on late:0, which has no bf16 dot products, got bf16");
  EXPECT_TRUE(equal(layer(f64).to(cpu), full({2, 4}, 3, {.dtype = f64, .device = cpu})));
}

TEST(Precision, IsThatOfTheInnermostScope) {
  const PrecisionScope outer(Precision::kBf16);
  {
    const PrecisionScope inner(Precision::kF32);
    EXPECT_EQ(current_precision(), Precision::kF32);
  }
  EXPECT_EQ(current_precision(), Precision::kBf16);
  std::thread([] { EXPECT_EQ(current_precision(), Precision::kF32); }).join();
}

// Backward multiplies as forward did, whatever is set by then; and f64 stays f64.
TEST(Precision, Bf16RoundsTheOperandsOfF32Alone) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  Generator random(test::seed());
  const Tensor x = randn({9, 20}, {.requires_grad = true}, random);
  const Tensor weight = randn({7, 20}, {.requires_grad = true}, random);
  const Tensor dy = randn({9, 7}, {}, random);
  const auto rounded = [](const Tensor& t) { return t.detach().to(bf16).to(f32); };
  Tensor y, wide;
  {
    const PrecisionScope precision(Precision::kBf16);
    y = linear(x, weight);
    wide = linear(x.detach().to(f64), weight.detach().to(f64));
  }
  y.backward(dy);
  EXPECT_TRUE(
      is_close(wide, matmul(x.detach().to(f64), weight.detach().to(f64).t()), 1e-12, 1e-12));
  EXPECT_TRUE(is_close(y, matmul(rounded(x), rounded(weight).t()), 1e-5, 1e-5));
  EXPECT_TRUE(is_close(x.grad(), matmul(rounded(dy), rounded(weight)), 1e-5, 1e-5));
  EXPECT_TRUE(is_close(weight.grad(), matmul(rounded(dy).t(), rounded(x)), 1e-5, 1e-5));
}

}  // namespace
}  // namespace fovea
