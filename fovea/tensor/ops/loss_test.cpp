#include "fovea/tensor/ops/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea {
namespace {

using test::GoldenCase;
using test::is_close;
using test::message_of;

Reduction reduction_of(const GoldenCase& golden) {
  const std::string name = golden.text("reduction");
  return name == "mean" ? Reduction::kMean : name == "sum" ? Reduction::kSum : Reduction::kNone;
}

Tensor loss_of(const GoldenCase& golden, DType dtype, const Tensor& x, const Tensor& target) {
  const std::string op = golden.op();
  const Reduction reduction = reduction_of(golden);
  const Tensor weight = golden.tensor("weight", dtype);
  if (op == "cross_entropy") {
    return cross_entropy(x, target,
                         {.weight = weight,
                          .label_smoothing = golden.number("label_smoothing"),
                          .ignore_index = golden.integer("ignore_index"),
                          .reduction = reduction});
  }
  if (op == "nll_loss") {
    return nll_loss(
        x, target,
        {.weight = weight, .ignore_index = golden.integer("ignore_index"), .reduction = reduction});
  }
  if (op == "mse_loss") return mse_loss(x, target, reduction);
  if (op == "bce_with_logits") {
    const Tensor pos_weight = golden.tensor("pos_weight", dtype);
    return binary_cross_entropy_with_logits(
        x, target, {.weight = weight, .pos_weight = pos_weight, .reduction = reduction});
  }
  throw std::logic_error("no loss called " + op);
}

void expect_golden(const GoldenCase& golden, DType dtype, double rtol, double atol) {
  SCOPED_TRACE(golden.name() + " " + golden.op() + " " + std::string(name_of(dtype)));
  const Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
  Tensor target = golden.tensor("target");
  if (target.dtype() != i64) target = target.to(dtype).clone();
  if (golden.has("grad_target")) target.set_requires_grad();
  const Tensor y = loss_of(golden, dtype, x, target);
  EXPECT_TRUE(is_close(y.detach(), golden.tensor("y", dtype), rtol, atol));
  y.backward(golden.tensor("grad_y", dtype));
  EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol));
  if (golden.has("grad_target")) {
    EXPECT_TRUE(is_close(target.grad(), golden.tensor("grad_target", dtype), rtol, atol));
  }
}

TEST(Loss, AgreesWithPyTorch) {
  for (const GoldenCase& golden : test::load_golden("loss")) {
    expect_golden(golden, f64, 1e-12, 1e-13);
    expect_golden(golden, f32, 1e-5, 2e-6);
  }
}

// Scores ln 1, ln 2, ln 5 give probabilities 1/8, 2/8, 5/8.
TEST(CrossEntropy, WorkedByHand) {
  const Tensor x = tensor({{0, std::log(2.0), std::log(5.0)}, {0, std::log(2.0), std::log(5.0)}},
                          {.dtype = f64, .requires_grad = true});
  const Tensor target = tensor({2, 0}, {.dtype = i64});
  const Tensor loss = cross_entropy(x, target);
  EXPECT_NEAR(loss.item(), (std::log(8.0 / 5) + std::log(8.0)) / 2, 1e-15);
  loss.backward();
  const Tensor expected = tensor({{1, 2, 5 - 8}, {1 - 8, 2, 5}}, {.dtype = f64}) * (1.0 / 16);
  EXPECT_TRUE(is_close(x.grad(), expected, 1e-14));

  const Tensor one = x.detach()[0];
  EXPECT_NEAR(cross_entropy(one, scalar(2, {.dtype = i64})).item(), std::log(8.0 / 5), 1e-15)
      << "without a batch";
}

// As above; half and half are mean losses of both.
TEST(CrossEntropy, OfProbabilitiesWorkedByHand) {
  const Tensor x =
      tensor({{0, std::log(2.0), std::log(5.0)}}, {.dtype = f64, .requires_grad = true});
  const Tensor loss = cross_entropy(x, tensor({{0.5, 0, 0.5}}, {.dtype = f64}));
  EXPECT_NEAR(loss.item(), (std::log(8.0) + std::log(8.0 / 5)) / 2, 1e-15);
  loss.backward();
  EXPECT_TRUE(is_close(x.grad(), tensor({{1 - 4, 2, 5 - 4}}, {.dtype = f64}) * (1.0 / 8), 1e-14));
}

// Certain probabilities are class numbers, but for the mean by class weights.
TEST(CrossEntropy, OfCertainProbabilitiesIsThatOfNumbers) {
  Generator generator(1);
  const Tensor x = randn({6, 5}, {.dtype = f64}, generator);
  const Tensor numbers = randint(0, 5, {6}, {.dtype = i64}, generator);
  const Tensor certain = one_hot(numbers, 5).to(f64), weight = rand({5}, {.dtype = f64}, generator);
  for (const double smoothing : {0.0, 0.3}) {
    const CrossEntropyOptions mean{.label_smoothing = smoothing};
    EXPECT_TRUE(is_close(cross_entropy(x, certain, mean), cross_entropy(x, numbers, mean), 1e-14));
    const CrossEntropyOptions each{
        .weight = weight, .label_smoothing = smoothing, .reduction = Reduction::kNone};
    EXPECT_TRUE(is_close(cross_entropy(x, certain, each), cross_entropy(x, numbers, each), 1e-13));
  }
}

TEST(CrossEntropy, IsLogSoftmaxThenNll) {
  Generator generator(1);
  const Tensor x = randn({6, 5, 3, 2}, {.dtype = f64}, generator);
  const Tensor target = randint(0, 5, {6, 3, 2}, {.dtype = i64}, generator);
  const Tensor weight = rand({5}, {.dtype = f64}, generator);
  const Tensor views[] = {x, x.contiguous(MemoryFormat::kChannelsLast),
                          x.transpose(2, 3).contiguous().transpose(2, 3)};
  for (const Tensor& view : views) {
    EXPECT_TRUE(is_close(cross_entropy(view, target, {.weight = weight}),
                         nll_loss(log_softmax(x, 1), target, {.weight = weight}), 1e-14));
  }
}

TEST(CrossEntropy, TakesLabelsOfAnyLayoutAndEmptyBatches) {
  Generator generator(1);
  const Tensor x = randn({4, 5, 3}, {}, generator);
  const Tensor target = randint(0, 5, {3, 4}, {.dtype = i64}, generator).t();
  EXPECT_TRUE(equal(cross_entropy(x, target), cross_entropy(x, target.contiguous())));
  const Tensor nothing = zeros({0, 5}, {.requires_grad = true});
  EXPECT_EQ(
      cross_entropy(nothing, zeros({0}, {.dtype = i64}), {.reduction = Reduction::kNone}).numel(),
      0);
  const Tensor sum =
      cross_entropy(nothing, zeros({0}, {.dtype = i64}), {.reduction = Reduction::kSum});
  EXPECT_EQ(sum.item(), 0);
  sum.backward();
  EXPECT_EQ(nothing.grad().sizes(), Shape({0, 5}));
}

TEST(CrossEntropy, MeanOverNothingIsNan) {
  const Tensor target = full({3}, -100, {.dtype = i64});
  EXPECT_TRUE(std::isnan(cross_entropy(zeros({3, 4}), target).item()));
  EXPECT_EQ(cross_entropy(zeros({3, 4}), target, {.reduction = Reduction::kSum}).item(), 0);
  EXPECT_TRUE(std::isnan(nll_loss(zeros({3, 4}), target).item()));
}

TEST(Loss, GradientsAgreeWithDifferences) {
  Generator generator(1);
  const TensorOptions leaf{.dtype = f64, .requires_grad = true};
  const Tensor x = randn({4, 3, 2}, leaf, generator), other = randn({4, 3, 2}, leaf, generator);
  const Tensor weight = rand({3}, {.dtype = f64}, generator);
  Tensor target = randint(0, 3, {4, 2}, {.dtype = i64}, generator);
  target[1][0].fill_(-100);
  const auto expect_ok = [](const GradCheck& check) { EXPECT_TRUE(check.ok) << check.message; };
  for (const Reduction reduction : {Reduction::kMean, Reduction::kSum, Reduction::kNone}) {
    expect_ok(check_gradients(
        [&](const Tensors& in) {
          return cross_entropy(in[0], target,
                               {.weight = weight, .label_smoothing = 0.2, .reduction = reduction});
        },
        {x}));
    expect_ok(check_gradients(
        [&](const Tensors& in) {
          return cross_entropy(in[0], in[1],
                               {.weight = weight, .label_smoothing = 0.2, .reduction = reduction});
        },
        {x, other}));
    expect_ok(check_gradients(
        [&](const Tensors& in) {
          return nll_loss(in[0], target, {.weight = weight, .reduction = reduction});
        },
        {x}));
    expect_ok(check_gradients([&](const Tensors& in) { return mse_loss(in[0], in[1], reduction); },
                              {x, other}));
    expect_ok(check_gradients([&](const Tensors& in) { return l1_loss(in[0], in[1], reduction); },
                              {x, other}));
    expect_ok(check_gradients(
        [&](const Tensors& in) {
          return binary_cross_entropy_with_logits(in[0], in[1],
                                                  {.weight = weight.view({3, 1}),
                                                   .pos_weight = weight.view({3, 1}),
                                                   .reduction = reduction});
        },
        {x, other}));
  }
}

TEST(Loss, AbsoluteErrorWorkedByHand) {
  const Tensor x = tensor({1, -2, 3}, {.requires_grad = true}), target = tensor({3, -2, 2.5});
  const Tensor loss = l1_loss(x, target);
  EXPECT_FLOAT_EQ(loss.item<float>(), 2.5f / 3);
  loss.backward();
  EXPECT_TRUE(is_close(x.grad(), tensor({-1.0 / 3, 0, 1.0 / 3}), 1e-6));
}

TEST(Loss, NamesTheFirstBadLabelAndItsPlace) {
  const Tensor x = zeros({4, 10});
  EXPECT_EQ(message_of<IndexError>([&] {
              cross_entropy(x, tensor({1, 9, 10, -1}, {.dtype = i64}));
            }),
            "cross_entropy: target expected a class in [0, 10) or -100, got 10 (at [2])");
  EXPECT_EQ(message_of<IndexError>([&] {
              nll_loss(x, tensor({1, 9, -7, 3}, {.dtype = i64}));
            }),
            "nll_loss: target expected a class in [0, 10) or -100, got -7 (at [2])");
  EXPECT_EQ(message_of<IndexError>([&] {
              cross_entropy(zeros({2, 3, 2}), tensor({{0, 255}, {1, 4}}, {.dtype = i64}),
                            {.ignore_index = 255});
            }),
            "cross_entropy: target expected a class in [0, 3) or 255, got 4 (at [1, 1])");
}

TEST(Loss, SaysWhatItDoesNotTake) {
  const Tensor x = zeros({4, 10}), labels = zeros({4}, {.dtype = i64});
  EXPECT_EQ(message_of<ShapeError>([&] { cross_entropy(x, zeros({5}, {.dtype = i64})); }),
            "cross_entropy: target expected shape [4], got [5] (x [4, 10])");
  EXPECT_EQ(message_of<ShapeError>([&] { cross_entropy(scalar(1), labels); }),
            "cross_entropy: x expected 1 or more dimensions, got 0");
  EXPECT_EQ(message_of<DTypeError>([&] { cross_entropy(x, zeros({4}, {.dtype = i32})); }),
            "cross_entropy: target expected dtype i64, got i32");
  EXPECT_EQ(message_of<DTypeError>([&] {
              cross_entropy(x, zeros({4, 10}, {.dtype = f64}));
            }),
            "cross_entropy: target expected dtype i64, or f32 as x, got f64");
  EXPECT_EQ(message_of<ShapeError>([&] { cross_entropy(x, zeros({4})); }),
            "cross_entropy: target of probabilities expected shape [4, 10], got [4]");
  EXPECT_EQ(message_of<ArgumentError>([&] { cross_entropy(x, x, {.ignore_index = 3}); }),
            "cross_entropy: ignore_index expected negative with probabilities, got 3");
  EXPECT_EQ(message_of<DTypeError>([&] { cross_entropy(labels, labels); }),
            "cross_entropy: dtype expected f32, f64, got i64");
  EXPECT_EQ(message_of<ShapeError>([&] { cross_entropy(x, labels, {.weight = ones({9})}); }),
            "cross_entropy: weight expected shape [10], got [9]");
  EXPECT_EQ(message_of<DTypeError>(
                [&] { cross_entropy(x, labels, {.weight = ones({10}, {.dtype = f64})}); }),
            "cross_entropy: weight expected dtype f32, got f64");
  EXPECT_EQ(message_of<ArgumentError>([&] { cross_entropy(x, labels, {.label_smoothing = 1.5}); }),
            "cross_entropy: label_smoothing expected in [0, 1], got 1.5");
  EXPECT_EQ(message_of<ShapeError>([&] {
              mse_loss(x, zeros({4, 1}));
            }),
            "mse_loss: target expected shape [4, 10], got [4, 1]");
  EXPECT_EQ(message_of<DTypeError>([&] {
              l1_loss(x, zeros({4, 10}, {.dtype = f64}));
            }),
            "l1_loss: target expected dtype f32, got f64");
  EXPECT_EQ(message_of<ShapeError>([&] {
              binary_cross_entropy_with_logits(x, zeros({4, 10}), {.pos_weight = ones({4, 1, 10})});
            }),
            "binary_cross_entropy_with_logits: pos_weight expected to broadcast to [4, 10], got "
            "[4, 1, 10]");
}

}  // namespace
}  // namespace fovea
