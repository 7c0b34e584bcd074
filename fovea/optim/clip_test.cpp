#include "fovea/optim/clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fovea/optim/sgd.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::optim {
namespace {

using test::GoldenCase;
using test::is_close;
using test::message_of;

void expect_golden(const GoldenCase& golden, DType dtype, double rtol) {
  SCOPED_TRACE(golden.name() + " " + golden.op());
  Tensors parameters;
  for (int i = 0; golden.has(str("g", i)); ++i) {
    const Tensor gradient = golden.tensor(str("g", i), dtype);
    parameters.push_back(zeros_like(gradient).set_requires_grad());
    parameters.back().set_grad(gradient.clone());
  }
  if (golden.op() == "clip_grad_norm") {
    const double norm_type = golden.is_text("norm_type") ? HUGE_VAL : golden.number("norm_type");
    const double norm = clip_grad_norm_(parameters, golden.number("max_norm"), norm_type);
    const double expected = golden.tensor("total_norm").item();
    EXPECT_NEAR(norm, expected, rtol * expected);
  } else {
    clip_grad_value_(parameters, golden.number("clip_value"));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_TRUE(is_close(parameters[i].grad(), golden.tensor(str("g", i, "_after"), dtype), rtol))
        << i;
  }
}

TEST(Clip, AgreesWithPyTorch) {
  for (const GoldenCase& golden : test::load_golden("clip")) {
    expect_golden(golden, f64, 1e-13);
    expect_golden(golden, f32, 1e-5);
  }
}

// The gradients (3, 0) and (4) have norm 5.
TEST(Clip, WorkedByHandInAnOptimizersBlock) {
  Tensor a = zeros({2}, {.dtype = f64, .requires_grad = true}),
         b = zeros({1}, {.dtype = f64, .requires_grad = true});
  const Tensor unused = zeros({3}, {.dtype = f64, .requires_grad = true});
  SGD optimizer({a, unused, b}, {.lr = 1});
  a.set_grad(tensor({3, 0}, {.dtype = f64}));
  b.set_grad(tensor({4}, {.dtype = f64}));
  EXPECT_DOUBLE_EQ(clip_grad_norm_(optimizer.parameters(), 10), 5);
  EXPECT_EQ(b.grad()[0].item(), 4) << "short enough already";
  EXPECT_DOUBLE_EQ(clip_grad_norm_(optimizer.parameters(), 1), 5);
  EXPECT_NEAR(a.grad()[0].item(), 0.6, 1e-6);
  optimizer.step();
  EXPECT_NEAR(b.detach()[0].item(), -0.8, 1e-6);
}

TEST(Clip, OfNothingIsZero) {
  EXPECT_EQ(clip_grad_norm_({zeros({2}, {.requires_grad = true})}, 1), 0);
}

TEST(Clip, NanShowsOrThrows) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double norm_type : {2.0, 1.0, HUGE_VAL}) {
    Tensor p = zeros({2}, {.requires_grad = true});
    p.set_grad(tensor({1, nan}));
    EXPECT_EQ(
        message_of<NumericError>([&] { clip_grad_norm_({p}, 1, norm_type, NonFinite::kThrow); }),
        "clip_grad_norm_: norm of the gradients expected to be finite, got nan");
    EXPECT_EQ(p.grad()[0].item(), 1) << "nothing has changed";
    EXPECT_TRUE(std::isnan(clip_grad_norm_({p}, 1, norm_type)));
    EXPECT_TRUE(std::isnan(p.grad()[0].item()));
  }
}

TEST(Clip, ChecksItsArguments) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of<ArgumentError>([&] { clip_grad_norm_({}, nan); }),
            "clip_grad_norm_: max_norm expected >= 0, got nan");
  EXPECT_EQ(message_of<ArgumentError>([&] { clip_grad_norm_({}, 1, 0); }),
            "clip_grad_norm_: norm_type expected > 0, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { clip_grad_value_({}, -1); }),
            "clip_grad_value_: clip_value expected >= 0, got -1");
}

}  // namespace
}  // namespace fovea::optim
