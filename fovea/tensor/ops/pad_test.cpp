#include "fovea/tensor/ops/pad.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <new>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

PadMode mode_of(const std::string& name) {
  if (name == "reflect") return PadMode::kReflect;
  if (name == "replicate") return PadMode::kReplicate;
  return name == "circular" ? PadMode::kCircular : PadMode::kConstant;
}

TEST(Pad, AgreesWithPyTorch) {
  for (const test::GoldenCase& golden : test::load_golden("pad")) {
    SCOPED_TRACE(golden.name());
    const Shape amounts = golden.shape("pad");
    for (const DType dtype : {f64, f32}) {
      Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
      const Tensor y = pad(x, {amounts.begin(), amounts.end()}, mode_of(golden.text("mode")),
                           golden.number("value"));
      EXPECT_TRUE(is_close(y, golden.tensor("y", dtype)));
      y.backward(golden.tensor("grad_y", dtype));
      const double tolerance = dtype == f64 ? 1e-14 : 2e-6;
      EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), tolerance, tolerance));
    }
  }
}

TEST(Pad, EachMode) {
  const Tensor x = tensor({1, 2, 3, 4});
  EXPECT_THAT(pad(x, {2, 2}).to_vector(), ElementsAre(0, 0, 1, 2, 3, 4, 0, 0));
  EXPECT_THAT(pad(x, {2, 2}, PadMode::kReflect).to_vector(), ElementsAre(3, 2, 1, 2, 3, 4, 3, 2));
  EXPECT_THAT(pad(x, {2, 2}, PadMode::kReplicate).to_vector(), ElementsAre(1, 1, 1, 2, 3, 4, 4, 4));
  EXPECT_THAT(pad(x, {2, 2}, PadMode::kCircular).to_vector(), ElementsAre(3, 4, 1, 2, 3, 4, 1, 2));
}

TEST(Pad, NegativeAmountsCrop) {
  const Tensor x = arange(12).view({3, 4});
  EXPECT_THAT(pad(x, {-1, -2}).to_vector<int>(), ElementsAre(1, 5, 9));
  EXPECT_THAT(pad(x, {-3, 1, 0, -2}, PadMode::kConstant, 7).to_vector<int>(), ElementsAre(3, 7));
  EXPECT_EQ(pad(x, {-4, 0}).sizes(), (Shape{3, 0}));
  EXPECT_EQ(pad(x, {}).sizes(), x.sizes());
}

TEST(Pad, TakesEveryDTypeAndLayout) {
  for (const DType dtype : kAllDTypes) {
    if (dtype == boolean) continue;  // every value would be the same
    SCOPED_TRACE(str(dtype));
    const Tensor x = arange(6).view({2, 3}).to(dtype).t();
    EXPECT_THAT(pad(x, {1, 0, 0, 1}, PadMode::kConstant, 9).to(i64).to_vector<int>(),
                ElementsAre(9, 0, 3, 9, 1, 4, 9, 2, 5, 9, 9, 9));
    EXPECT_THAT(pad(x, {0, 0, 1, 0}, PadMode::kReflect).to(i64).to_vector<int>(),
                ElementsAre(1, 4, 0, 3, 1, 4, 2, 5));
  }
  const Tensor image = zeros({2, 3, 4, 4}).contiguous(MemoryFormat::kChannelsLast);
  EXPECT_TRUE(pad(image, {1, 1, 1, 1}).is_contiguous(MemoryFormat::kChannelsLast));
  EXPECT_THAT(pad(zeros({0, 2}), {1, 0, 2, 0}, PadMode::kConstant, 1).to_vector(),
              ElementsAre(1, 1, 1, 1, 1, 1));
}

TEST(Pad, GradientsAreThoseOfDifferences) {
  Generator generator(1);
  const Tensor x = randn({2, 3, 4}, {.dtype = f64}, generator).set_requires_grad();
  const auto expect_ok = [&](const std::vector<std::int64_t>& pads, PadMode mode) {
    const GradCheck result =
        check_gradients([&](const Tensors& in) { return pad(in[0], pads, mode, 0.5); }, {x});
    EXPECT_TRUE(result.ok) << result.message;
  };
  expect_ok({1, 2, 0, 1}, PadMode::kConstant);
  expect_ok({-1, 2, 1, -2, 1, 0}, PadMode::kConstant);
  expect_ok({3, 2, 2, 1}, PadMode::kReflect);
  expect_ok({5, 2, 2, 4, 1, 1}, PadMode::kReplicate);
  expect_ok({4, 2, 3, 1}, PadMode::kCircular);
}

TEST(Pad, SayWhatIsWrong) {
  const Tensor x = zeros({3, 4});
  EXPECT_EQ(message_of<ArgumentError>([&] {
              pad(x, {1, 2, 3});
            }),
            "pad: pads expected in pairs, got 3 ([1, 2, 3])");
  EXPECT_EQ(message_of<ShapeError>([&] {
              pad(x, {1, 1, 1, 1, 1, 1});
            }),
            "pad: pads expected for at most 2 dimensions, got 3 (input [3, 4])");
  EXPECT_EQ(message_of<ShapeError>([&] {
              pad(x, {-3, -2});
            }),
            "pad: pads expected to crop at most 4 of dimension 1, got -3 and -2 (input [3, 4])");
  EXPECT_EQ(message_of<ShapeError>([&] {
              pad(x, {INT64_MIN, INT64_MIN});
            }),
            str("pad: pads expected to crop at most 4 of dimension 1, got ", INT64_MIN, " and ",
                INT64_MIN, " (input [3, 4])"));
  EXPECT_EQ(message_of<ArgumentError>([&] {
              pad(x, {-1, 0}, PadMode::kReflect);
            }),
            "pad: pads expected at least 0 in mode reflect, got [-1, 0]");
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        pad(zeros({2, 0}), {1, 0}, PadMode::kReplicate);
      }),
      "pad: pads expected 0 of dimension 1, which is empty, in mode replicate, got 1 and 0 (input "
      "[2, 0])");
  EXPECT_EQ(message_of<ShapeError>([&] {
              pad(x, {1, 0}, tensor({1, 2}));
            }),
            "pad: value expected 1 element, got shape [2]");
  EXPECT_EQ(message_of<DTypeError>([&] {
              pad(x, {1, 0}, scalar(1, {.dtype = i64}));
            }),
            "pad: value expected f32, got i64");
}

// As NumPy: a ring goes round again, and between two mirrors there is no end.
TEST(Pad, GoesOnBeyondTheSize) {
  const Tensor x = tensor({1, 2, 3});
  EXPECT_TRUE(
      equal(pad(x, {4, 5}, PadMode::kCircular), tensor({3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2})));
  EXPECT_TRUE(
      equal(pad(x, {5, 4}, PadMode::kReflect), tensor({2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3})));
  EXPECT_TRUE(equal(pad(tensor({7}), {2, 1}, PadMode::kReflect), tensor({7, 7, 7, 7})));
  constexpr std::int64_t kOdd = (std::int64_t{1} << 53) + 1;
  const Tensor odd = from_data(std::vector<std::int64_t>{kOdd}, {1});
  EXPECT_TRUE(equal(pad(odd, {1, 0}, odd), cat({odd, odd}, 0)));
}

TEST(Pad, WithoutMemoryIsBadAllocInEveryBuild) {
  const Tensor x = ones({1});
  EXPECT_THROW(pad(x, {std::int64_t{1} << 58, 0}, PadMode::kReplicate), std::bad_alloc);
}

}  // namespace
}  // namespace fovea
