// Constants and shapes in every form, and their errors.

#include <limits>

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using Ints = std::vector<std::int64_t>;

Tensor one(const std::string& op, int opset, const Attributes& attributes, const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0];
}

Tensor ints(const Ints& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())});
}

TEST(ConstantOperator, ComesInEveryKindOfAttribute) {
  const Tensor value = tensor({{1, 2}}).to(f16);
  EXPECT_TRUE(equal(one("Constant", 6, {{"value", value}}, {}), value));
  EXPECT_TRUE(equal(one("Constant", 12, {{"value_float", 2.5}}, {}), scalar(2.5)));
  EXPECT_TRUE(
      equal(one("Constant", 12, {{"value_int", std::int64_t{3}}}, {}), scalar(3, {.dtype = i64})));
  EXPECT_TRUE(equal(one("Constant", 12, {{"value_floats", std::vector<double>{1, 0.5}}}, {}),
                    tensor({1, 0.5})));
  EXPECT_TRUE(equal(one("Constant", 12, {{"value_ints", Ints{4, -5}}}, {}), ints({4, -5})));
  EXPECT_EQ(node_error("Constant", 12, {}, {}),
            "Constant \"n\" (opset 12): attributes expected exactly one of value, value_float, "
            "value_floats, value_int and value_ints, got 0");
  EXPECT_EQ(node_error("Constant", 12, {{"value_int", std::int64_t{3}}, {"value", value}}, {}),
            "Constant \"n\" (opset 12): attributes expected exactly one of value, value_float, "
            "value_floats, value_int and value_ints, got 2");
}

TEST(ConstantOfShapeOperator, RepeatsAValueOfAnyDtype) {
  EXPECT_TRUE(equal(one("ConstantOfShape", 9, {}, {ints({2, 3})}), zeros({2, 3})));
  EXPECT_TRUE(equal(one("ConstantOfShape", 9, {}, {ints({})}), scalar(0)));
  for (const DType dtype : kAllDTypes) {
    const Tensor value = ones({1}, {.dtype = dtype});
    EXPECT_TRUE(equal(one("ConstantOfShape", 9, {{"value", value}}, {ints({2, 0, 3})}),
                      zeros({2, 0, 3}, {.dtype = dtype})));
    EXPECT_TRUE(equal(one("ConstantOfShape", 20, {{"value", value}}, {ints({3})}),
                      ones({3}, {.dtype = dtype})));
  }
  EXPECT_EQ(node_error("ConstantOfShape", 9, {{"value", zeros({2})}}, {ints({2})}),
            "ConstantOfShape \"n\" (opset 9): attribute \"value\" expected 1 element, got shape "
            "[2]");
  EXPECT_EQ(node_error("ConstantOfShape", 9, {}, {ints({2, -1})}),
            "ConstantOfShape \"n\" (opset 9): shape expected sizes of at least 0, got -1");
}

TEST(ShapeOperator, GivesAPartFromOperatorSet15On) {
  const Tensor x = zeros({2, 3, 4});
  const auto part = [&](std::int64_t start, std::int64_t end) {
    return one("Shape", 15, {{"start", start}, {"end", end}}, {x});
  };
  EXPECT_TRUE(equal(one("Shape", 6, {}, {x}), ints({2, 3, 4})));
  EXPECT_TRUE(equal(part(1, 3), ints({3, 4})));
  EXPECT_TRUE(equal(part(-2, -1), ints({3})));
  EXPECT_TRUE(equal(part(-9, 9), ints({2, 3, 4})));
  EXPECT_TRUE(equal(part(2, 1), ints({})));
  EXPECT_TRUE(equal(one("Shape", 15, {}, {scalar(1)}), ints({})));
  EXPECT_TRUE(equal(one("Size", 13, {}, {x}), scalar(24, {.dtype = i64})));
}

TEST(RangeOperator, CountsUpAndDownInItsDtype) {
  const auto range = [](DType dtype, double start, double limit, double delta) {
    const TensorOptions options{.dtype = dtype};
    return one("Range", 11, {},
               {scalar(start, options), scalar(limit, options), scalar(delta, options)});
  };
  for (const DType dtype : {f32, f64, i16, i32, i64}) {
    EXPECT_TRUE(equal(range(dtype, 1, 8, 3), tensor({1, 4, 7}).to(dtype)));
    EXPECT_TRUE(equal(range(dtype, 5, -1, -2), tensor({5, 3, 1}).to(dtype)));
    EXPECT_EQ(range(dtype, 5, 6, -1).numel(), 0);
  }
  EXPECT_TRUE(equal(range(f64, 0, 1, 0.25), tensor({0, 0.25, 0.5, 0.75}, {.dtype = f64})));
  EXPECT_EQ(node_error("Range", 11, {}, {scalar(0), scalar(1), scalar(0)}),
            "Range \"n\" (opset 11): delta expected not to be 0, got 0");
  EXPECT_EQ(node_error("Range", 11, {}, {scalar(0), scalar(1e30), scalar(1)}),
            "Range \"n\" (opset 11): range expected fewer than 2^53 numbers, got 1e+30");
  EXPECT_EQ(node_error("Range", 11, {}, {scalar(0), zeros({2}), scalar(1)}),
            "Range \"n\" (opset 11): inputs expected of 1 element, got shape [2]");
  EXPECT_EQ(node_error("Range", 11, {}, {scalar(0), scalar(1, {.dtype = i64}), scalar(1)}),
            "Range \"n\" (opset 11): inputs expected of one dtype, got f32 and i64");
}

TEST(RangeOperator, CountsWholeNumbersBeyondWhatADoubleHas) {
  const auto range = [](std::int64_t start, std::int64_t limit, std::int64_t delta) {
    const auto number = [](std::int64_t value) { return from_data(Ints{value}, {}); };
    return one("Range", 11, {}, {number(start), number(limit), number(delta)})
        .to_vector<std::int64_t>();
  };
  constexpr std::int64_t kOdd = (std::int64_t{1} << 53) + 1;
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(range(kOdd, kOdd + 2, 1), (Ints{kOdd, kOdd + 1}));
  EXPECT_EQ(range(kMost, kMost - 3, -2), (Ints{kMost, kMost - 2}));
  EXPECT_EQ(range(-kMost, kMost, kMost), (Ints{-kMost, 0}));
}

}  // namespace
}  // namespace fovea::graph
