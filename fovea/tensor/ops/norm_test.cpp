#include "fovea/tensor/ops/norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

Tensor leaf(const test::GoldenCase& golden, const std::string& name, DType dtype) {
  Tensor value = golden.tensor(name, dtype);
  return value.defined() ? value.clone().set_requires_grad() : value;
}

void expect_batch_norm(const test::GoldenCase& golden, DType dtype) {
  const double rtol = dtype == f64 ? 1e-11 : 2e-4, atol = dtype == f64 ? 1e-11 : 2e-4;
  Tensor x = leaf(golden, "x", dtype), weight = leaf(golden, "weight", dtype),
         bias = leaf(golden, "bias", dtype);
  Tensor mean = golden.tensor("running_mean", dtype), var = golden.tensor("running_var", dtype);
  const bool tracked = golden.flag("track_running_stats");
  if (tracked) mean = mean.clone(), var = var.clone();
  const Tensor y = batch_norm(x, mean, var, weight, bias,
                              {.training = golden.flag("training") || !tracked,
                               .momentum = golden.number("momentum"),
                               .eps = golden.number("eps")});
  EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), rtol, atol));
  if (tracked) {
    EXPECT_TRUE(
        is_close(mean, golden.tensor("running_mean_after", dtype), rtol * 0.01, atol * 0.01));
    EXPECT_TRUE(is_close(var, golden.tensor("running_var_after", dtype), rtol * 0.01, atol * 0.01));
  }
  y.backward(golden.tensor("grad_y", dtype));
  // Values of deviation 1e-4 have gradients of 1e4: errors scale with them.
  const double scale = golden.tensor("grad_x").max().item() + 1;
  EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol * scale));
  if (weight.defined()) {
    EXPECT_TRUE(is_close(weight.grad(), golden.tensor("grad_weight", dtype), rtol, atol * 5));
    EXPECT_TRUE(is_close(bias.grad(), golden.tensor("grad_bias", dtype), rtol, atol));
  }
}

TEST(BatchNorm, AgreesWithPyTorch) {
  int cases = 0;
  for (const test::GoldenCase& golden : test::load_golden("norm")) {
    if (golden.op() == "local_response_norm") continue;
    SCOPED_TRACE(golden.name() + " " + golden.op());
    ++cases;
    expect_batch_norm(golden, f64);
    expect_batch_norm(golden, f32);
  }
  EXPECT_GT(cases, 30);
}

TEST(BatchNorm, ByHand) {
  const Tensor x = tensor({{1, 10}, {3, 30}}), mean = zeros({2}), var = ones({2});
  const Tensor y =
      batch_norm(x, mean, var, tensor({2, 1}), tensor({0, 5}), {.training = true, .eps = 0});
  EXPECT_THAT(y.to_vector(), ElementsAre(-2, 4, 2, 6));
  EXPECT_TRUE(is_close(mean, tensor({0.2, 2}), 1e-6));                         // 0.9 * 0 + 0.1 * 2
  EXPECT_TRUE(is_close(var, tensor({0.9 + 0.1 * 2, 0.9 + 0.1 * 200}), 1e-6));  // divided by 2 - 1
}

Tensor random(const Shape& sizes, std::uint64_t seed) {
  Generator generator(seed);
  return randn(sizes, {.dtype = f64}, generator);
}

TEST(BatchNorm, GradientsAreThoseOfDifferences) {
  for (const Shape& sizes :
       {Shape{5, 3}, Shape{3, 2, 4}, Shape{2, 3, 3, 2}, Shape{2, 2, 2, 1, 3}}) {
    for (const bool training : {true, false}) {
      SCOPED_TRACE(str(sizes, training));
      const Shape c{sizes[1]};
      const Tensor mean = random(c, 1), var = square(random(c, 2)) + 0.5;
      const auto f = [&](const Tensors& in) {
        return batch_norm(in[0], mean.clone(), var.clone(), in[1], in[2], {.training = training});
      };
      const GradCheck result =
          check_gradients(f, {random(sizes, 3).set_requires_grad(),
                              random(c, 4).set_requires_grad(), random(c, 5).set_requires_grad()});
      EXPECT_TRUE(result.ok) << result.message;
    }
  }
}

// Frozen parameters, or an input that needs no gradient, leave the others' gradients as they are.
TEST(BatchNorm, AnySubsetOfGradients) {
  const Tensor x = random({4, 3, 2, 2}, 1), weight = random({3}, 2), bias = random({3}, 3);
  const auto run = [&](bool with_x, bool with_weight, bool with_bias, bool training) {
    Tensors in = {x.clone().set_requires_grad(with_x),
                  weight.clone().set_requires_grad(with_weight),
                  bias.clone().set_requires_grad(with_bias)};
    const Tensor y = batch_norm(in[0], zeros({3}, {.dtype = f64}), ones({3}, {.dtype = f64}), in[1],
                                in[2], {.training = training});
    (y * y).sum().backward();
    return in;
  };
  for (const bool training : {true, false}) {
    const Tensors all = run(true, true, true, training);
    EXPECT_TRUE(is_close(run(true, false, false, training)[0].grad(), all[0].grad()));
    EXPECT_TRUE(is_close(run(false, true, false, training)[1].grad(), all[1].grad()));
    EXPECT_TRUE(is_close(run(false, false, true, training)[2].grad(), all[2].grad()));
  }
}

TEST(BatchNorm, AnyLayout) {
  const Tensor base = random({4, 6, 5, 8}, 1);
  for (const Tensor& x :
       {base.transpose(2, 3), base.slice(1, 0, 6, 2), base.narrow(3, 0, 1).expand({4, 6, 5, 8})}) {
    Tensor a = x.detach().set_requires_grad(), b = x.contiguous().clone().set_requires_grad();
    const Tensor y = batch_norm(a, {}, {}, {}, {}, {.training = true});
    const Tensor expected = batch_norm(b, {}, {}, {}, {}, {.training = true});
    EXPECT_TRUE(is_close(y, expected));
    EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
    (y * y * y).sum().backward();
    (expected * expected * expected).sum().backward();
    EXPECT_TRUE(is_close(a.grad(), b.grad(), 1e-11, 1e-11));
  }
}

TEST(BatchNorm, EmptyBatchInEvaluation) {
  const Tensor x = zeros({0, 3, 2, 2}).set_requires_grad();
  const Tensor y = batch_norm(x, zeros({3}), ones({3}));
  EXPECT_EQ(y.sizes(), x.sizes());
  y.sum().backward();
  EXPECT_EQ(x.grad().sizes(), x.sizes());
}

TEST(BatchNorm, SayWhatIsWrong) {
  const Tensor x = zeros({2, 3, 4, 4}), mean = zeros({3}), var = ones({3});
  EXPECT_EQ(message_of<ShapeError>([&] { batch_norm(zeros({3}), mean, var); }),
            "batch_norm: input expected 2 to 5 dimensions [n, c, spatial...], got 1 (input [3])");
  EXPECT_EQ(message_of<ShapeError>([&] {
              batch_norm(zeros({1, 3, 1, 1}), mean, var, {}, {}, {.training = true});
            }),
            "batch_norm: input expected more than 1 value a channel in training, got 1 (input [1, "
            "3, 1, 1])");
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        batch_norm(zeros({0, 3}), mean, var, {}, {}, {.training = true});
      }),
      "batch_norm: input expected more than 1 value a channel in training, got 0 (input [0, 3])");
  EXPECT_EQ(message_of<ShapeError>([&] { batch_norm(x, mean, var, ones({4})); }),
            "batch_norm: weight expected shape [3], got [4] (input [2, 3, 4, 4])");
  EXPECT_EQ(message_of<ShapeError>([&] { batch_norm(x, zeros({2}), var); }),
            "batch_norm: running_mean expected shape [3], got [2] (input [2, 3, 4, 4])");
  EXPECT_EQ(message_of<DTypeError>([&] { batch_norm(x, mean, var.to(f64)); }),
            "batch_norm: running_var expected dtype f32, got f64");
  EXPECT_EQ(message_of<DTypeError>([&] { batch_norm(x.to(u8), mean, var); }),
            "batch_norm: dtype expected f32, f64, got u8");
  EXPECT_EQ(message_of<ArgumentError>([&] { batch_norm(x, {}, {}); }),
            "batch_norm: running_mean and running_var expected in evaluation, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] { batch_norm(x, mean, {}); }),
            "batch_norm: running_mean and running_var expected both or neither, got one");
  EXPECT_EQ(message_of<ArgumentError>([&] { batch_norm(x, mean, var, {}, {}, {.eps = -1}); }),
            "batch_norm: eps expected at least 0, got -1");
  EXPECT_EQ(message_of<ArgumentError>([&] { batch_norm(x, mean, var, {}, {}, {.momentum = 2}); }),
            "batch_norm: momentum expected in [0, 1], got 2");
  EXPECT_EQ(message_of<StateError>([&] { batch_norm(x, mean.clone().set_requires_grad(), var); }),
            "batch_norm: running statistics expected not to require grad, got one that does");
}

TEST(LocalResponseNorm, AgreesWithPyTorch) {
  int cases = 0;
  for (const test::GoldenCase& golden : test::load_golden("norm")) {
    if (golden.op() != "local_response_norm") continue;
    SCOPED_TRACE(golden.name());
    ++cases;
    for (const DType dtype : {f64, f32}) {
      const double tolerance = dtype == f64 ? 1e-13 : 1e-5;
      Tensor x = leaf(golden, "x", dtype);
      const Tensor y = local_response_norm(x, {.size = golden.integer("size"),
                                               .alpha = golden.number("alpha"),
                                               .beta = golden.number("beta"),
                                               .k = golden.number("k")});
      EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), tolerance, tolerance));
      y.backward(golden.tensor("grad_y", dtype));
      EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), tolerance, tolerance));
    }
  }
  EXPECT_GT(cases, 5);
}

TEST(LocalResponseNorm, GradientsAreThoseOfDifferences) {
  const auto f = [](const Tensors& in) {
    return local_response_norm(in[0], {.size = 4, .alpha = 0.9, .beta = 0.75, .k = 1.5});
  };
  const GradCheck result = check_gradients(f, {random({2, 5, 3, 2}, 1).set_requires_grad()});
  EXPECT_TRUE(result.ok) << result.message;
}

TEST(LocalResponseNorm, EmptyAndWrongInputs) {
  EXPECT_EQ(local_response_norm(zeros({0, 3, 2, 2})).sizes(), (Shape{0, 3, 2, 2}));
  EXPECT_EQ(message_of<ShapeError>([] {
              local_response_norm(zeros({2, 3}));
            }),
            "local_response_norm: input expected 3 to 5 dimensions [n, c, spatial...], got 2 "
            "(input [2, 3])");
  EXPECT_EQ(message_of<ArgumentError>([] {
              local_response_norm(zeros({2, 3, 4}), {.size = 0});
            }),
            "local_response_norm: size expected at least 1, got 0");
  EXPECT_EQ(message_of<DTypeError>([] {
              local_response_norm(zeros({2, 3, 4}, {.dtype = i64}));
            }),
            "local_response_norm: dtype expected f32, f64, got i64");
}

}  // namespace
}  // namespace fovea
