// Shapes in operator sets and of dtypes that ONNX's conformance tests leave out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using Ints = std::vector<std::int64_t>;

Tensor ints(const Ints& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())});
}
Shape sizes_of(const std::string& op, int opset, const Attributes& attributes,
               const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0].sizes();
}

TEST(ShapeOperators, EveryDtypeIsMoved) {
  for (const DType dtype : kAllDTypes) {
    const Tensor x = ints({1, 0, 1, 1, 0, 1}).view({1, 2, 3}).to(dtype);
    const auto expect = [&](const char* op, int opset, const Attributes& attributes,
                            const Tensors& inputs, const std::vector<int>& values) {
      const Tensor y = run_node(op, opset, attributes, inputs)[0];
      EXPECT_EQ(y.dtype(), dtype) << op;
      EXPECT_EQ(y.to_vector<int>(), values) << op << " of " << dtype;
    };
    const std::vector<int> same{1, 0, 1, 1, 0, 1};
    expect("Flatten", 13, {}, {x}, same);
    expect("Reshape", 13, {}, {x, ints({3, -1})}, same);
    expect("Squeeze", 13, {}, {x}, same);
    expect("Unsqueeze", 13, {}, {x, ints({0})}, same);
    expect("Transpose", 13, {}, {x}, {1, 1, 0, 0, 1, 1});
    expect("Concat", 13, {{"axis", std::int64_t{2}}}, {x, x}, {1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1});
    expect("Expand", 13, {}, {x, ints({2, 1, 1})}, {1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1});
    expect("Tile", 13, {}, {x, ints({1, 2, 1})}, {1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1});
  }
}

TEST(ShapeOperators, AxesAreAttributesBelowOpset13) {
  const Tensor x = zeros({1, 3, 1, 2});
  EXPECT_EQ(sizes_of("Squeeze", 6, {{"axes", Ints{0, 2}}}, {x}), (Shape{3, 2}));
  EXPECT_EQ(sizes_of("Squeeze", 11, {{"axes", Ints{-2}}}, {x}), (Shape{1, 3, 2}));
  EXPECT_EQ(sizes_of("Squeeze", 13, {}, {x, ints({-4})}), (Shape{3, 1, 2}));
  EXPECT_EQ(sizes_of("Unsqueeze", 6, {{"axes", Ints{4, 0}}}, {zeros({3, 2, 4})}),
            (Shape{1, 3, 2, 4, 1}));
  EXPECT_EQ(sizes_of("Unsqueeze", 13, {}, {x[0], ints({-1, 1})}), (Shape{3, 1, 1, 2, 1}));
}

TEST(ShapeOperators, ReshapeOfZero) {
  const Tensor x = zeros({2, 0, 3});
  EXPECT_EQ(sizes_of("Reshape", 6, {}, {x, ints({0, 0, 1, 3})}), (Shape{2, 0, 1, 3}));
  EXPECT_EQ(sizes_of("Reshape", 14, {{"allowzero", std::int64_t{1}}}, {x, ints({5, 0})}),
            (Shape{5, 0}));
  EXPECT_EQ(sizes_of("Reshape", 14, {}, {zeros({2, 6}), ints({0, 2, 3})}), (Shape{2, 2, 3}));
  EXPECT_EQ(sizes_of("Reshape", 14, {}, {zeros({1, 1}), ints({})}), Shape());
}

TEST(ShapeOperators, ViewsShareMemory) {
  const Tensor x = zeros({2, 3, 4, 5}).contiguous(MemoryFormat::kChannelsLast);
  const Tensor plain = zeros({2, 3, 1, 1}).contiguous(MemoryFormat::kChannelsLast);
  const auto shares = [](const Tensor& a, const Tensor& b) {
    return a.impl()->storage == b.impl()->storage;
  };
  EXPECT_TRUE(shares(x, run_node("Transpose", 13, {{"perm", Ints{0, 2, 3, 1}}}, {x})[0]));
  EXPECT_TRUE(shares(x, run_node("Unsqueeze", 13, {}, {x, ints({0})})[0]));
  EXPECT_TRUE(shares(plain, run_node("Flatten", 13, {}, {plain})[0]));
  EXPECT_TRUE(shares(plain, run_node("Squeeze", 13, {}, {plain})[0]));
  EXPECT_TRUE(shares(plain, run_node("Reshape", 13, {}, {plain, ints({0, -1})})[0]));
}

TEST(ShapeOperators, ConcatKeepsActivationsChannelsLast) {
  const Tensor x = randn({2, 3, 4, 5}).contiguous(MemoryFormat::kChannelsLast);
  const Attributes channels{{"axis", std::int64_t{-3}}};
  const Tensor y = run_node("Concat", 11, channels, {x, x, x})[0];
  EXPECT_EQ(y.sizes(), (Shape{2, 9, 4, 5}));
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
  EXPECT_TRUE(equal(y.narrow(1, 6, 3), x));
  EXPECT_TRUE(run_node("Concat", 11, channels, {x.contiguous(), x})[0].is_contiguous());
}

TEST(ShapeOperators, GradientsFlow) {
  const Tensor x = randn({2, 1, 3}, {.dtype = f64}).set_requires_grad();
  const auto expect = [&](const char* op, const Attributes& attributes, const Tensor& second) {
    const auto f = [&](const Tensors& in) {
      return run_node(op, 13, attributes, second.defined() ? Tensors{in[0], second} : in)[0];
    };
    EXPECT_TRUE(check_gradients(f, {x}).ok) << op;
  };
  expect("Flatten", {}, {});
  expect("Reshape", {}, ints({3, -1}));
  expect("Transpose", {}, {});
  expect("Squeeze", {}, ints({1}));
  expect("Unsqueeze", {}, ints({1}));
  expect("Expand", {}, ints({2, 4, 3}));
  expect("Tile", {}, ints({2, 3, 1}));
}

TEST(ShapeOperators, ErrorsNameTheNode) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(node_error("Flatten", 13, {{"axis", std::int64_t{3}}}, {x}),
            "Flatten \"n\" (opset 13): axis expected in [-2, 2], got 3");
  EXPECT_EQ(node_error("Reshape", 14, {}, {x}),
            "Reshape \"n\" (opset 14): shape expected, got none");
  EXPECT_EQ(node_error("Reshape", 14, {}, {x, ints({1, 2, 0})}),
            "Reshape \"n\" (opset 14): shape expected 0 only where the input has a dimension, got "
            "[1, 2, 0] (input [2, 3])");
  EXPECT_EQ(node_error("Reshape", 14, {}, {x, ints(Ints(9, 1))}),
            "Reshape \"n\" (opset 14): shape expected at most 8 dimensions, got 9");
  EXPECT_EQ(node_error("Transpose", 13, {{"perm", Ints{0, 0}}}, {x}),
            "Transpose \"n\" (opset 13): perm expected every dimension once, got [0, 0]");
  EXPECT_EQ(node_error("Transpose", 13, {{"perm", Ints{0}}}, {x}),
            "Transpose \"n\" (opset 13): perm expected 2 dimensions, got [0] (input [2, 3])");
  EXPECT_EQ(node_error("Squeeze", 13, {}, {x, ints({0})}),
            "Squeeze \"n\" (opset 13): axis 0 expected size 1, got [2, 3]");
  EXPECT_EQ(node_error("Unsqueeze", 13, {}, {x, ints({0, 0})}),
            "Unsqueeze \"n\" (opset 13): axes expected each once, got 0 twice");
  EXPECT_EQ(node_error("Unsqueeze", 13, {}, {x, ints({4})}),
            "Unsqueeze \"n\" (opset 13): axis expected in [-3, 3), got 4");
  EXPECT_EQ(node_error("Concat", 13, {}, {x}),
            "Concat \"n\" (opset 13): attribute \"axis\" expected an int, got none");
  EXPECT_EQ(node_error("Tile", 13, {}, {x, ints({1})}),
            "Tile \"n\" (opset 13): repeats expected 2 numbers, got 1");
  EXPECT_EQ(node_error("Tile", 13, {}, {x, ints({1, -1})}),
            "Tile \"n\" (opset 13): repeats expected at least 0, got -1");
  EXPECT_EQ(node_error("Transpose", 13, {{"perm", Ints(9, 0)}}, {x}),
            "Transpose \"n\" (opset 13): perm expected at most 8 dimensions, got 9");
  EXPECT_EQ(node_error("Unsqueeze", 13, {}, {x}),
            "Unsqueeze \"n\" (opset 13): axes expected, got none");
  EXPECT_EQ(node_error("Unsqueeze", 13, {}, {x, ints(Ints(7, 0))}),
            "Unsqueeze \"n\" (opset 13): output expected at most 8 dimensions, got 9");
  EXPECT_EQ(node_error("Concat", 13, {{"axis", std::int64_t{0}}}, {}),
            "Concat \"n\" (opset 13): inputs expected at least one, got none");
}

}  // namespace
}  // namespace fovea::graph
