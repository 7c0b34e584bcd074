#include "fovea/tensor/ops/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
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

/// The function of a row that is a layer, which has no parameters; empty when there is none.
std::function<Tensor(const Tensor&)> layer_function(const std::string& op) {
#define FOVEA_LAYER(Class, Word, name, ...) \
  if (op == #name) return [](const Tensor& x) { return fovea::name(x); };
#define FOVEA_OMIT(...)
  FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_LAYER, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_LAYER
  return {};
}

/// The activation that a golden case calls; empty for operations of other families.
std::function<Tensor(const Tensor&)> function_of(const GoldenCase& golden) {
  const std::string op = golden.op();
  if (op == "leaky_relu") {
    return
        [slope = golden.number("negative_slope")](const Tensor& x) { return leaky_relu(x, slope); };
  }
  if (op == "hardtanh") {
    return [low = golden.number("min_val"), high = golden.number("max_val")](const Tensor& x) {
      return hardtanh(x, low, high);
    };
  }
  if (op == "relu6") return [](const Tensor& x) { return relu6(x); };
  if (op == "gelu") {
    const GeluForm form = golden.text("approximate") == "tanh" ? GeluForm::kTanh : GeluForm::kErf;
    return [form](const Tensor& x) { return gelu(x, form); };
  }
  if (op == "softplus") return [](const Tensor& x) { return softplus(x); };
  if (op == "elu") return [a = golden.number("alpha")](const Tensor& x) { return elu(x, a); };
  if (op == "celu") return [a = golden.number("alpha")](const Tensor& x) { return celu(x, a); };
  if (op == "selu") return [](const Tensor& x) { return selu(x); };
  if (op == "hardsigmoid") return [](const Tensor& x) { return hardsigmoid(x); };
  if (op == "threshold") {
    return [at = golden.number("threshold"), value = golden.number("value")](const Tensor& x) {
      return threshold(x, at, value);
    };
  }
  if (op == "prelu") {
    return [weight = golden.tensor("weight")](const Tensor& x) {
      return prelu(x, weight.to(x.dtype()));
    };
  }
  if (op == "softmax" || op == "log_softmax") {
    const int dim = static_cast<int>(golden.integer("dim"));
    if (op == "softmax") return [dim](const Tensor& x) { return softmax(x, dim); };
    return [dim](const Tensor& x) { return log_softmax(x, dim); };
  }
  return layer_function(op);
}

void expect_golden(const GoldenCase& golden, DType dtype, double rtol, double atol) {
  SCOPED_TRACE(golden.name() + " " + golden.op() + " " + std::string(name_of(dtype)));
  const Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
  const Tensor y = function_of(golden)(x);
  EXPECT_TRUE(is_close(y.detach(), golden.tensor("y", dtype), rtol, atol));
  y.backward(golden.tensor("grad_y", dtype));
  EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol));
}

TEST(Activation, AgreesWithPyTorch) {
  for (const GoldenCase& golden : test::load_golden("activation")) {
    ASSERT_TRUE(function_of(golden)) << golden.op();
    // Where PyTorch 1.13 is off in f64: hardsigmoid's slope is 1/6 rounded to f32, and softplus is
    // x from 20 on, which is e^-20 less than it should be.
    const double rtol = golden.op() == "hardsigmoid" ? 0x1p-24
                        : golden.op() == "softplus"  ? std::exp(-20)
                                                     : 1e-12;
    expect_golden(golden, f64, rtol, 1e-13);
    expect_golden(golden, f32, 1e-5, 2e-6);
  }
}

TEST(Activation, AgreesWithPyTorchOnNanInfinitiesAndExtremes) {
  int cases = 0;
  for (const GoldenCase& golden : test::load_golden("special")) {
    if (!function_of(golden)) continue;
    expect_golden(golden, f64, 1e-12, 1e-13);
    ++cases;
  }
  EXPECT_EQ(cases, 17);
}

TEST(Activation, ReluPassesTheGradientWhereItIsNan) {
  const Tensor x =
      tensor({-1, 0, std::numeric_limits<double>::quiet_NaN(), 2}, {.requires_grad = true});
  relu(x).sum().backward();  // dense f32: the vector loop
  EXPECT_TRUE(equal(x.grad(), tensor({0, 0, 1, 1})));
}

// Dense f32 takes the vector loops, over more than a vector and a tail.
TEST(Activation, HardtanhHasNoGradientAtItsBounds) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor once = tensor({-1, 0, 3, 6, 7, nan});
  const Tensor x = once.expand({7, 6}).clone().set_requires_grad();
  const Tensor y = relu6(x);
  EXPECT_TRUE(is_close(y.detach(), tensor({0, 0, 3, 6, 6, nan}).expand({7, 6})));
  y.sum().backward();
  EXPECT_TRUE(equal(x.grad(), tensor({0, 0, 1, 0, 0, 1}).expand({7, 6})));
  const Tensor strided = x.detach().transpose(0, 1).set_requires_grad();
  relu6(strided).backward(ones({7, 6}).transpose(0, 1));
  EXPECT_TRUE(equal(strided.grad().transpose(0, 1), x.grad()));
}

TEST(Activation, SoftplusIsTheIntegralOfTheSigmoid) {
  const Tensor x = tensor({-1000, -2, 0, 3, 1000}, {.dtype = f64, .requires_grad = true});
  const Tensor y = softplus(x);
  const std::vector<double> expected{0, std::log1p(std::exp(-2.0)), std::log(2.0),
                                     3 + std::log1p(std::exp(-3.0)), 1000};
  EXPECT_TRUE(is_close(y.detach(), from_data(expected, {5}), 1e-15));
  y.sum().backward();
  EXPECT_TRUE(is_close(x.grad(), sigmoid(x.detach()), 1e-14));
}

const std::function<Tensor(const Tensor&)> kFunctions[] = {
#define FOVEA_LAYER(Class, Word, name, ...) [](const Tensor& x) { return fovea::name(x); },
#define FOVEA_OMIT(...)
    FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_LAYER, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_LAYER
        [](const Tensor& x){return leaky_relu(x, 0.1);
}  // namespace
, [](const Tensor& x) { return hardtanh(x, -0.5, 1.5); }, [](const Tensor& x) { return relu6(x); },
    [](const Tensor& x) { return gelu(x); },
    [](const Tensor& x) { return gelu(x, GeluForm::kTanh); },
    [](const Tensor& x) { return softplus(x); }, [](const Tensor& x) { return elu(x, 0.7); },
    [](const Tensor& x) { return selu(x); }, [](const Tensor& x) { return celu(x, 0.7); },
    [](const Tensor& x) { return hardsigmoid(x, 0.2, 0.4); },
    [](const Tensor& x) { return threshold(x, 0.2, -1); },
    [](const Tensor& x) { return softmax(x, 0); }, [](const Tensor& x) { return softmax(x, -1); },
    [](const Tensor& x) { return log_softmax(x, 0); },
    [](const Tensor& x) { return log_softmax(x, -1); },
};  // namespace fovea

TEST(Activation, GradientsAgreeWithDifferences) {
  Generator generator(1);
  for (const auto& f : kFunctions) {
    for (const Shape& sizes : {Shape{}, Shape{4}, Shape{3, 5}, Shape{2, 3, 2, 2}}) {
      const Tensor x = randn(sizes, {.dtype = f64, .requires_grad = true}, generator);
      const GradCheck check = check_gradients([&](const Tensors& in) { return f(in[0]); }, {x});
      EXPECT_TRUE(check.ok) << sizes << ": " << check.message;
    }
  }
}

TEST(Activation, TakesViewsOfAnyLayout) {
  Generator generator(2);
  for (const auto& f : kFunctions) {
    for (const DType dtype : {f32, f64}) {
      const Tensor base = randn({4, 6, 5, 3}, {.dtype = dtype}, generator);
      const Tensor views[] = {base.transpose(1, 3),
                              base.slice(1, 1, 6, 2),
                              base.select(2, 1),
                              base.narrow(0, 0, 1).expand({3, 6, 5, 3}),
                              base.slice(0, 2, 2),
                              base.at({1, 2, 3, 0}),
                              base.contiguous(MemoryFormat::kChannelsLast)};
      for (const Tensor& view : views) {
        const double rtol =
            dtype == f32 ? 1e-6 : 1e-15;  // a strided row may take another code path
        EXPECT_TRUE(is_close(f(view), f(view.contiguous().clone()), rtol, rtol)) << view.sizes();
      }
    }
  }
}

TEST(Activation, SaysWhatItDoesNotTake) {
  const Tensor whole = zeros({2}, {.dtype = i64});
  EXPECT_EQ(message_of<DTypeError>([&] { relu(whole); }), "relu: dtype expected f32, f64, got i64");
  EXPECT_EQ(message_of<DTypeError>([&] { softmax(whole, 0); }),
            "softmax: dtype expected f32, f64, got i64");
  EXPECT_EQ(message_of<IndexError>([&] {
              log_softmax(zeros({2, 3}), 2);
            }),
            "log_softmax: dim expected in [-2, 1], got 2");
  EXPECT_EQ(message_of<ArgumentError>(
                [&] { leaky_relu(zeros({2}), std::numeric_limits<double>::infinity()); }),
            "leaky_relu: negative_slope expected a finite number, got inf");
  EXPECT_EQ(message_of<ArgumentError>([&] { celu(zeros({2}), 0); }),
            "celu: alpha expected a finite number other than 0, got 0");
  EXPECT_EQ(message_of<ArgumentError>([] { hardtanh(zeros({2}), 1, 1); }),
            "hardtanh: low expected below high, got 1 and 1");
  EXPECT_EQ(message_of<DTypeError>([&] { relu6(whole); }),
            "relu6: dtype expected f32, f64, got i64");
}

TEST(PRelu, WeightsMeetOneElementChannelsOrDimensions) {
  const Tensor x = tensor({{1, -2, 3}, {-4, 5, -6}});
  EXPECT_TRUE(equal(prelu(x, tensor({0.5})), tensor({{1, -1, 3}, {-2, 5, -3}})));
  EXPECT_TRUE(equal(prelu(x, tensor({0.5, 2, 3})), tensor({{1, -4, 3}, {-2, 5, -18}})));
  EXPECT_TRUE(equal(prelu(x, tensor({2, 0}).view({2, 1})), tensor({{1, -4, 3}, {0, 5, 0}})));
  EXPECT_TRUE(equal(prelu(tensor({-1, -1}), tensor({2, 3})), tensor({-2, -3})));
  EXPECT_TRUE(equal(prelu(x.to(i64), scalar(2, {.dtype = i64})),
                    tensor({{1, -4, 3}, {-8, 5, -12}}).to(i64)));
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        prelu(x, tensor({1, 2}));
      }),
      "prelu: weight expected 1 element, one a channel, or x's dimensions, got [2] (x [2, 3])");
  EXPECT_EQ(message_of<DTypeError>([&] { prelu(x, ones({1}, {.dtype = f64})); }),
            "prelu: operands expected of one dtype, got f32 and f64 (convert with .to(dtype))");
}

TEST(PRelu, GradientsOfInputAndWeightAgreeWithDifferences) {
  Generator generator(3);
  for (const Shape& slopes : {Shape{1}, Shape{3}, Shape{1, 3, 1}, Shape{2, 1, 4}, Shape{}}) {
    const Tensor x = randn({2, 3, 4}, {.dtype = f64, .requires_grad = true}, generator);
    const Tensor weight = randn(slopes, {.dtype = f64, .requires_grad = true}, generator);
    const GradCheck check =
        check_gradients([](const Tensors& in) { return prelu(in[0], in[1]); }, {x, weight});
    EXPECT_TRUE(check.ok) << slopes << ": " << check.message;
  }
}

TEST(Activation, HardFunctionsByHand) {
  const Tensor x = tensor({-4, -3, 0, 1.5, 3, 4, -INFINITY, INFINITY});
  // Minus infinity times 0 is no number, in PyTorch and ONNX too.
  EXPECT_TRUE(is_close(hardswish(x), tensor({0, 0, 0, 1.125, 3, 4, NAN, INFINITY})));
  EXPECT_TRUE(is_close(hardsigmoid(x), tensor({0, 0, 0.5, 0.75, 1, 1, 0, 1}), 1e-6));
  EXPECT_TRUE(equal(threshold(x, 1.5, 7), tensor({7, 7, 7, 7, 3, 4, 7, INFINITY})));
  for (const auto& f : kFunctions) {
    EXPECT_TRUE(isnan(f(tensor({NAN}))).item<bool>());
  }
}

// A kink has the slope of the side that is straight, as in PyTorch since 2.8; before, it was -0.5
// and, by how many elements there were, 1 or 1.5.
TEST(Activation, HardswishIsFlatAtMinusThreeAndHasSlopeOneAtThree) {
  for (const DType dtype : {f32, f64}) {
    const Tensor x =
        tensor({-3.5, -3, -1.5, 0, 1.5, 3, 3.5}, {.dtype = dtype, .requires_grad = true});
    hardswish(x).sum().backward();
    EXPECT_TRUE(equal(x.grad(), tensor({0, 0, 0, 0.5, 1, 1, 1}, {.dtype = dtype}))) << dtype;
  }
}

// Whatever arrives there: products with 0 would give NaN, or -0. Dense f32 takes vector loops.
TEST(Activation, WhatDoesNotPassTheGradientMakesIt0) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::pair<const char*, std::function<Tensor(const Tensor&)>> functions[] = {
      {"relu", [](const Tensor& x) { return relu(x); }},
      {"hardtanh", [](const Tensor& x) { return hardtanh(x, 0, 3); }},
      {"clamp", [](const Tensor& x) { return clamp(x, 0, 3); }},
      {"threshold", [](const Tensor& x) { return threshold(x, 0, -1); }},
  };
  for (const auto& [name, f] : functions) {
    for (const DType dtype : {f32, f64}) {
      for (const bool strided : {false, true}) {
        const Tensor memory = full({3, 2}, -1, {.dtype = dtype});
        const Tensor row = strided ? memory.select(1, 0) : memory.select(1, 0).clone();
        const Tensor x = row.detach().set_requires_grad();
        f(x).backward(tensor({kInf, -1, NAN}, {.dtype = dtype}));
        // 1 / 0 tells the two zeros apart.
        EXPECT_TRUE(equal(1 / x.grad(), full({3}, kInf, {.dtype = dtype})))
            << name << ", " << dtype << ", " << strided;
      }
    }
  }
}

TEST(Softmax, RowsSumToOne) {
  Generator generator(3);
  const Tensor y = softmax(randn({50, 10}, {}, generator), 1);
  EXPECT_TRUE(is_close(y.sum({1}), ones({50}), 1e-6));
}

}  // namespace
}  // namespace fovea
