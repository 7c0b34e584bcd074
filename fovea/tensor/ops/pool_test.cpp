#include "fovea/tensor/ops/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

using ExtremePool = std::tuple<Tensor, Tensor> (*)(const Tensor&, const MaxPoolOptions&);
using AvgPool = Tensor (*)(const Tensor&, const AvgPoolOptions&);
using AdaptivePool = Tensor (*)(const Tensor&, const PerDim&);

const std::map<std::string, ExtremePool> kExtremePools = {
    {"max_pool1d", max_pool1d_with_indices}, {"max_pool2d", max_pool2d_with_indices},
    {"max_pool3d", max_pool3d_with_indices}, {"min_pool1d", min_pool1d_with_indices},
    {"min_pool2d", min_pool2d_with_indices}, {"min_pool3d", min_pool3d_with_indices}};
using AdaptiveMaxPool = std::tuple<Tensor, Tensor> (*)(const Tensor&, const PerDim&);
const std::map<std::string, AdaptiveMaxPool> kAdaptiveMaxPools = {
    {"adaptive_max_pool1d", adaptive_max_pool1d_with_indices},
    {"adaptive_max_pool2d", adaptive_max_pool2d_with_indices},
    {"adaptive_max_pool3d", adaptive_max_pool3d_with_indices}};
const std::map<std::string, AvgPool> kAvgPools = {
    {"avg_pool1d", avg_pool1d}, {"avg_pool2d", avg_pool2d}, {"avg_pool3d", avg_pool3d}};
const std::map<std::string, AdaptivePool> kAdaptivePools = {
    {"adaptive_avg_pool1d", adaptive_avg_pool1d},
    {"adaptive_avg_pool2d", adaptive_avg_pool2d},
    {"adaptive_avg_pool3d", adaptive_avg_pool3d}};

MaxPoolOptions max_options(const test::GoldenCase& golden) {
  return {.kernel_size = golden.shape("kernel_size"),
          .stride = golden.shape("stride"),
          .padding = golden.shape("padding"),
          .dilation = golden.shape("dilation"),
          .ceil_mode = golden.flag("ceil_mode")};
}

/// Runs the case in `dtype`; y and the indices.
std::tuple<Tensor, Tensor> run(const test::GoldenCase& golden, const Tensor& x) {
  const std::string op = golden.op();
  if (const auto found = kExtremePools.find(op); found != kExtremePools.end()) {
    return found->second(x, max_options(golden));
  }
  if (const auto found = kAvgPools.find(op); found != kAvgPools.end()) {
    return {found->second(x, {.kernel_size = golden.shape("kernel_size"),
                              .stride = golden.shape("stride"),
                              .padding = golden.shape("padding"),
                              .ceil_mode = golden.flag("ceil_mode"),
                              .count_include_pad = golden.flag("count_include_pad")}),
            Tensor()};
  }
  if (const auto found = kAdaptiveMaxPools.find(op); found != kAdaptiveMaxPools.end()) {
    return found->second(x, golden.shape("output_size"));
  }
  return {kAdaptivePools.at(op)(x, golden.shape("output_size")), Tensor()};
}

TEST(Pool, AgreesWithPyTorch) {
  for (const test::GoldenCase& golden : test::load_golden("pool")) {
    SCOPED_TRACE(golden.name() + " " + golden.op());
    for (const DType dtype : {f64, f32}) {
      const double rtol = dtype == f64 ? 1e-13 : 1e-5, atol = dtype == f64 ? 1e-14 : 1e-6;
      Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
      const auto [y, indices] = run(golden, x);
      EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), rtol, atol));
      EXPECT_EQ(indices.defined(), golden.has("indices"));
      if (indices.defined()) {
        EXPECT_TRUE(is_close(indices, golden.tensor("indices")));
      }
      y.backward(golden.tensor("grad_y", dtype));
      EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), rtol, atol));
    }
  }
}

// NaN wins, whatever the padding; infinities are values like others.
TEST(Pool, SpecialValuesAgreeWithPyTorch) {
  int cases = 0;
  for (const test::GoldenCase& golden : test::load_golden("special")) {
    if (!kExtremePools.contains(golden.op())) continue;
    SCOPED_TRACE(golden.name() + " " + golden.op());
    ++cases;
    for (const DType dtype : {f64, f32}) {
      Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
      const auto [y, indices] = run(golden, x);
      EXPECT_TRUE(is_close(y, golden.tensor("y", dtype)));
      EXPECT_TRUE(is_close(indices, golden.tensor("indices")));
      y.backward(golden.tensor("grad_y", dtype));
      EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype)));
    }
  }
  EXPECT_EQ(cases, 6);
}

// The textbook's example: a 4x4 input, windows of 2x2, stride 2.
TEST(Pool, TextbookExample) {
  const Tensor x =
      tensor({{3, -1, 12, -1}, {-3, 1, 0, 1}, {2, -3, 0, 1}, {3, -2, 4, -1}}).view({1, 1, 4, 4});
  const auto values = [](const Tensor& y) { return y.to_vector(); };
  EXPECT_THAT(values(max_pool2d(x, {.kernel_size = 2, .stride = 2})), ElementsAre(3, 12, 3, 4));
  EXPECT_THAT(values(avg_pool2d(x, {.kernel_size = 2, .stride = 2})), ElementsAre(0, 3, 0, 1));
  EXPECT_THAT(values(min_pool2d(x, {.kernel_size = 2, .stride = 2})), ElementsAre(-3, -1, -3, -1));
  EXPECT_EQ(max_pool2d(x, {.kernel_size = 2}).sizes(), (Shape{1, 1, 2, 2}));
}

TEST(Pool, OutputSize) {
  EXPECT_EQ(pool_output_size(28, 2, 2, 0), 14);
  EXPECT_EQ(pool_output_size(7, 2, 2, 0), 3);
  EXPECT_EQ(pool_output_size(7, 2, 2, 0, 1, true), 4);
  EXPECT_EQ(pool_output_size(8, 2, 2, 0, 1, true), 4);
  EXPECT_EQ(pool_output_size(5, 2, 3, 1, 1, true), 2);  // a third would start in the border behind
  EXPECT_EQ(pool_output_size(3, 4, 2, 0), 0);
  EXPECT_EQ(pool_output_size(3, 4, 2, 0, 1, true), 1);
  EXPECT_EQ(pool_output_size(11, 3, 3, 1, 2, true), 4);
  EXPECT_THROW(pool_output_size(INT64_MAX, 2, 2, 1), ShapeError);
}

TEST(Pool, DivisorOverride) {
  const Tensor x = ones({1, 1, 4, 4}).set_requires_grad();
  const Tensor y = avg_pool2d(x, {.kernel_size = 2, .padding = 1, .divisor_override = 8});
  EXPECT_THAT(y.to_vector(), ElementsAre(0.125, 0.25, 0.125, 0.25, 0.5, 0.25, 0.125, 0.25, 0.125));
  y.sum().backward();
  EXPECT_TRUE(is_close(x.grad(), full({1, 1, 4, 4}, 0.125)));
}

TEST(Pool, GlobalAverage) {
  const Tensor x = arange(24).to(f32).view({2, 2, 3, 2}).set_requires_grad();
  const Tensor y = global_avg_pool(x);
  EXPECT_EQ(y.sizes(), (Shape{2, 2, 1, 1}));
  EXPECT_THAT(y.to_vector(), ElementsAre(2.5, 8.5, 14.5, 20.5));
  EXPECT_EQ(global_avg_pool(zeros({2, 3, 5})).sizes(), (Shape{2, 3, 1}));
}

TEST(Pool, GlobalMaximum) {
  const Tensor x = arange(24).to(f32).view({2, 2, 3, 2}).set_requires_grad();
  const Tensor y = global_max_pool(x);
  EXPECT_EQ(y.sizes(), (Shape{2, 2, 1, 1}));
  EXPECT_THAT(y.to_vector(), ElementsAre(5, 11, 17, 23));
  EXPECT_EQ(global_max_pool(zeros({2, 3, 5})).sizes(), (Shape{2, 3, 1}));
  y.sum().backward();
  EXPECT_THAT(x.grad().narrow(0, 0, 1).narrow(1, 0, 1).flatten().to_vector(),
              ElementsAre(0, 0, 0, 0, 0, 1));
}

// Windows of 7 elements in 3 are [0, 3), [2, 5), [4, 7): they share elements 2 and 4.
TEST(Pool, AdaptiveMaximumByHand) {
  const Tensor x = tensor({1, 9, 3, 2, 4, 0, 5}).view({1, 1, 7}).set_requires_grad();
  const auto [y, indices] = adaptive_max_pool1d_with_indices(x, 3);
  EXPECT_THAT(y.to_vector(), ElementsAre(9, 4, 5));
  EXPECT_THAT(indices.to_vector<std::int64_t>(), ElementsAre(1, 4, 6));
  EXPECT_THAT(adaptive_max_pool1d(x, 3).to_vector(), ElementsAre(9, 4, 5));
}

Tensor random(const Shape& sizes, std::uint64_t seed) {
  Generator generator(seed);
  return randn(sizes, {.dtype = f64}, generator).set_requires_grad();
}

TEST(Pool, GradientsAreThoseOfDifferences) {
  const auto expect_ok = [](const auto& pool, const Shape& sizes) {
    const GradCheck result =
        check_gradients([&](const Tensors& in) { return pool(in[0]); }, {random(sizes, 1)});
    EXPECT_TRUE(result.ok) << result.message;
  };
  const MaxPoolOptions extreme{.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true};
  const AvgPoolOptions average{.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true};
  expect_ok([&](const Tensor& x) { return max_pool1d(x, extreme); }, {2, 3, 8});
  expect_ok([&](const Tensor& x) { return max_pool2d(x, extreme); }, {2, 3, 6, 5});
  expect_ok([&](const Tensor& x) { return min_pool3d(x, extreme); }, {1, 2, 4, 5, 4});
  expect_ok([&](const Tensor& x) { return avg_pool1d(x, average); }, {2, 3, 8});
  expect_ok([&](const Tensor& x) { return avg_pool2d(x, average); }, {2, 3, 6, 5});
  expect_ok([&](const Tensor& x) { return avg_pool3d(x, average); }, {1, 2, 4, 5, 4});
  expect_ok([&](const Tensor& x) { return adaptive_avg_pool2d(x, {3, 4}); }, {2, 3, 7, 5});
  expect_ok([&](const Tensor& x) { return global_avg_pool(x); }, {2, 3, 4, 5});
  expect_ok([&](const Tensor& x) { return adaptive_max_pool2d(x, {3, 4}); }, {2, 3, 7, 5});
  expect_ok([&](const Tensor& x) { return global_max_pool(x); }, {2, 3, 4, 5});
}

// Transposed, sliced, expanded and channels-last inputs give what their contiguous copy gives, and
// the gradient too.
TEST(Pool, AnyLayoutOfTheInput) {
  const Tensor base = random({4, 6, 8, 10}, 2).detach();
  const Tensors inputs = {base.transpose(2, 3), base.slice(3, 1, 10, 2), base.slice(1, 0, 6, 2),
                          base.narrow(2, 0, 1).expand({4, 6, 8, 10}),
                          base.contiguous(MemoryFormat::kChannelsLast)};
  for (const Tensor& input : inputs) {
    Tensor x = input.detach().set_requires_grad(),
           copy = input.contiguous().clone().set_requires_grad();
    const auto pools = [](const Tensor& t) {
      return max_pool2d(t, {.kernel_size = 2}).sum() + adaptive_max_pool2d(t, 3).sum() +
             (avg_pool2d(t, {.kernel_size = 3}) * 2.0).sum();
    };
    const Tensor y = pools(x), expected = pools(copy);
    EXPECT_TRUE(is_close(y, expected, 1e-13));
    y.backward();
    expected.backward();
    EXPECT_TRUE(is_close(x.grad(), copy.grad(), 1e-13));
  }
}

// A gradient that is broadcast or transposed reaches the kernel as a dense one.
TEST(Pool, AnyLayoutOfTheGradient) {
  const Tensor x = random({2, 3, 4, 4}, 3);
  const Tensor y = max_pool2d(x, {.kernel_size = 2});
  const Tensor once = grad(y, {x}, ones({2, 3, 2, 2}, {.dtype = f64}), true)[0];
  EXPECT_TRUE(
      is_close(grad(y, {x}, ones({1, 1, 1, 1}, {.dtype = f64}).expand({2, 3, 2, 2}))[0], once));
}

TEST(Pool, EmptyBatch) {
  const Tensor x = zeros({0, 3, 4, 4}).set_requires_grad();
  const Tensor y = max_pool2d(x, {.kernel_size = 2});
  EXPECT_EQ(y.sizes(), (Shape{0, 3, 2, 2}));
  EXPECT_EQ(avg_pool2d(x, {.kernel_size = 2}).sizes(), (Shape{0, 3, 2, 2}));
  EXPECT_EQ(global_avg_pool(x).sizes(), (Shape{0, 3, 1, 1}));
  y.sum().backward();
  EXPECT_EQ(x.grad().sizes(), x.sizes());
}

TEST(Pool, SayWhatIsWrong) {
  const Tensor x = zeros({2, 3, 8, 8});
  EXPECT_EQ(message_of<ShapeError>([] {
              max_pool2d(zeros({3, 8, 8}), {.kernel_size = 2});
            }),
            "max_pool2d: input expected 4 dimensions [n, c, h, w], got 3 (input [3, 8, 8])");
  EXPECT_EQ(message_of<ShapeError>([] {
              avg_pool1d(zeros({2, 3, 0}), {.kernel_size = 2});
            }),
            "avg_pool1d: input expected spatial sizes above 0, got [2, 3, 0]");
  EXPECT_EQ(message_of<ShapeError>([&] {
              min_pool2d(x, {.kernel_size = {3, 9}, .dilation = 2});
            }),
            "min_pool2d: input expected to hold a window, got [2, 3, 8, 8] (kernel_size [3, 9], "
            "padding [0, 0], dilation [2, 2])");
  EXPECT_EQ(message_of<DTypeError>([&] { max_pool2d(x.to(i64), {.kernel_size = 2}); }),
            "max_pool2d: dtype expected f32, f64, got i64");
  EXPECT_EQ(message_of<ArgumentError>([&] { max_pool2d(x, {.kernel_size = 3, .padding = 2}); }),
            "max_pool2d: padding expected at most half of kernel_size, got 2 (kernel_size 3)");
  EXPECT_EQ(message_of<ArgumentError>([&] { max_pool2d(x, {.kernel_size = 0}); }),
            "max_pool2d: kernel_size expected at least 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { max_pool2d(x, {.kernel_size = {}}); }),
            "max_pool2d: kernel_size expected, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              max_pool2d(x, {.kernel_size = 2, .stride = {1, 2, 3}});
            }),
            "max_pool2d: stride expected 1 or 2 numbers, got 3 ([1, 2, 3])");
  EXPECT_EQ(message_of<ArgumentError>([&] { max_pool2d(x, {.kernel_size = 2, .dilation = 0}); }),
            "max_pool2d: dilation expected at least 1, got 0");
  EXPECT_EQ(
      message_of<ArgumentError>([&] { avg_pool2d(x, {.kernel_size = 2, .divisor_override = -1}); }),
      "avg_pool2d: divisor_override expected above 0, got -1");
  EXPECT_EQ(message_of<ArgumentError>([&] { adaptive_avg_pool2d(x, 0); }),
            "adaptive_avg_pool2d: output_size expected at least 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { adaptive_max_pool2d(x, {}); }),
            "adaptive_max_pool2d: output_size expected, got none");
  EXPECT_EQ(message_of<ShapeError>([&] { adaptive_max_pool1d(x, 1); }),
            "adaptive_max_pool1d: input expected 3 dimensions [n, c, l], got 4 (input [2, 3, 8, "
            "8])");
  EXPECT_EQ(
      message_of<ShapeError>([] {
        global_max_pool(zeros({2, 3}));
      }),
      "global_max_pool: input expected 3 to 5 dimensions [n, c, spatial...], got 2 (input [2, 3])");
  EXPECT_EQ(
      message_of<ShapeError>([] {
        global_avg_pool(zeros({2, 3}));
      }),
      "global_avg_pool: input expected 3 to 5 dimensions [n, c, spatial...], got 2 (input [2, 3])");
}

TEST(Pool, IndicesAreMadeOnlyWhenNeeded) {
  const Tensor x = ones({1, 1, 2, 2}).set_requires_grad();
  EXPECT_THAT(tape_to_string(max_pool2d(x, {.kernel_size = 2})),
              testing::HasSubstr("i64 [1, 1, 1, 1]"));
  const NoGrad no_grad;
  EXPECT_TRUE(max_pool2d(x, {.kernel_size = 2}).is_leaf());
}

}  // namespace
}  // namespace fovea
