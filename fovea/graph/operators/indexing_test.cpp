// Slices, picks and borders in operator sets and of dtypes that ONNX's conformance tests leave out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using testing::ElementsAre;
using Ints = std::vector<std::int64_t>;

Tensor ints(const Ints& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())});
}
std::vector<int> values_of(const std::string& op, int opset, const Attributes& attributes,
                           const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0].to_vector<int>();
}

TEST(IndexingOperators, EveryDtypeIsMoved) {
  for (const DType dtype : kAllDTypes) {
    const Tensor x = ints({1, 0, 1, 1}).to(dtype);
    const auto expect = [&](const char* op, int opset, const Attributes& attributes,
                            const Tensors& inputs, const std::vector<int>& values) {
      const Tensor y = run_node(op, opset, attributes, inputs)[0];
      EXPECT_EQ(y.dtype(), dtype) << op;
      EXPECT_EQ(y.to_vector<int>(), values) << op << " of " << dtype;
    };
    expect("Slice", 13, {}, {x, ints({1}), ints({4}), {}, ints({2})}, {0, 1});
    expect("Slice", 13, {}, {x, ints({-1}), ints({-5}), {}, ints({-2})}, {1, 0});
    expect("Gather", 13, {}, {x, ints({1, -1, 0})}, {0, 1, 1});
    expect("GatherElements", 13, {}, {x, ints({-3, 0}).to(i32)}, {0, 1});
    expect("Split", 13, {}, {x}, {1, 0, 1, 1});
    expect("Pad", 13, {}, {x, ints({1, 2}), scalar(1, {.dtype = f32}).to(dtype)},
           {1, 1, 0, 1, 1, 1, 1});
    expect("Pad", 13, {{"mode", "edge"}}, {x[1].view({1}), ints({1, 1})}, {0, 0, 0});
    expect("OneHot", 11, {}, {ints({1, -2}), ints({3}), ints({0, 1}).to(dtype)},
           {0, 1, 0, 0, 1, 0});
    expect("DepthToSpace", 13, {{"blocksize", std::int64_t{2}}}, {x.view({1, 4, 1, 1})},
           {1, 0, 1, 1});
    expect("SpaceToDepth", 13, {{"blocksize", std::int64_t{2}}}, {x.view({1, 1, 2, 2})},
           {1, 0, 1, 1});
  }
}

TEST(IndexingOperators, SlicesByAttributesBelowOpset10) {
  const Tensor x = arange(12).view({3, 4});
  EXPECT_THAT(values_of("Slice", 6, {{"starts", Ints{1, -3}}, {"ends", Ints{9, -1}}}, {x}),
              ElementsAre(5, 6, 9, 10));
  EXPECT_THAT(
      values_of("Slice", 9, {{"starts", Ints{1}}, {"ends", Ints{2}}, {"axes", Ints{1}}}, {x}),
      ElementsAre(1, 5, 9));
}

TEST(IndexingOperators, SlicesBackwardsToTheVeryBeginning) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto slice = [](std::int64_t start, std::int64_t end, std::int64_t step) {
    return values_of("Slice", 10, {},
                     {arange(5), ints({start}), ints({end}), ints({0}), ints({step})});
  };
  EXPECT_THAT(slice(kMost, kLeast, -1), ElementsAre(4, 3, 2, 1, 0));
  EXPECT_THAT(slice(-1, kLeast, -2), ElementsAre(4, 2, 0));
  EXPECT_THAT(slice(3, 0, -1), ElementsAre(3, 2, 1));
  EXPECT_THAT(slice(3, kLeast, kLeast), ElementsAre(3));
  EXPECT_THAT(slice(1, 3, -1), ElementsAre());
  EXPECT_THAT(slice(kLeast, kMost, kMost), ElementsAre(0));
}

TEST(IndexingOperators, GathersWithIndicesOfAnyRank) {
  const Tensor x = arange(6).view({3, 2});
  EXPECT_EQ(run_node("Gather", 6, {}, {x, scalar(2, {.dtype = i64})})[0].sizes(), Shape{2});
  const Tensor y = run_node("Gather", 11, {{"axis", std::int64_t{-1}}},
                            {x, ints({1, 0, -1}).to(i32).view({3, 1})})[0];
  EXPECT_EQ(y.sizes(), (Shape{3, 3, 1}));
  EXPECT_THAT(y.to_vector<int>(), ElementsAre(1, 0, 1, 3, 2, 3, 5, 4, 5));
}

TEST(IndexingOperators, SplitsOfEveryOpset) {
  const Tensor x = arange(7);
  const auto lengths = [&](int opset, const Attributes& attributes, const Tensors& inputs,
                           int outputs) {
    Ints result;
    for (const Tensor& part : run_node("Split", opset, attributes, inputs, outputs))
      result.push_back(part.size(0));
    return result;
  };
  EXPECT_THAT(lengths(6, {{"split", Ints{2, 5}}}, {x}, 2), ElementsAre(2, 5));
  EXPECT_THAT(lengths(13, {}, {x, ints({4, 0, 3})}, 3), ElementsAre(4, 0, 3));
  EXPECT_THAT(lengths(13, {}, {x}, 7), ElementsAre(1, 1, 1, 1, 1, 1, 1));
  EXPECT_THAT(lengths(18, {{"num_outputs", std::int64_t{3}}}, {x}, 3), ElementsAre(3, 3, 1));
  EXPECT_EQ(run_node("Split", 18, {{"num_outputs", std::int64_t{3}}}, {x}, 3)[2].item<int>(), 6);
}

TEST(IndexingOperators, PadsOfEveryOpset) {
  const Tensor x = arange(1, 5, 1, {.dtype = f32});
  EXPECT_THAT(values_of("Pad", 6, {{"pads", Ints{1, 2}}, {"value", 9.0}}, {x}),
              ElementsAre(9, 1, 2, 3, 4, 9, 9));
  EXPECT_THAT(values_of("Pad", 11, {{"mode", "reflect"}}, {x, ints({3, 1})}),
              ElementsAre(4, 3, 2, 1, 2, 3, 4, 3));
  EXPECT_THAT(values_of("Pad", 19, {{"mode", "wrap"}}, {x, ints({2, 1})}),
              ElementsAre(3, 4, 1, 2, 3, 4, 1));
  EXPECT_THAT(values_of("Pad", 11, {{"mode", "edge"}}, {x, ints({-2, 1})}), ElementsAre(3, 4, 4));
  EXPECT_THAT(values_of("Pad", 11, {}, {x, ints({-1, -2})}), ElementsAre(2));
  const Tensor plane = x.view({2, 2});
  EXPECT_THAT(values_of("Pad", 18, {}, {plane, ints({1, 0}), {}, ints({-1})}),
              ElementsAre(0, 1, 2, 0, 3, 4));
  // One before and one after, of columns, then of rows.
  EXPECT_THAT(values_of("Pad", 18, {}, {plane, ints({1, 0, 0, 1}), {}, ints({1, 0}).to(i32)}),
              ElementsAre(0, 1, 2, 0, 3, 4, 0, 0, 0));
}

TEST(IndexingOperators, OneHotLeavesIndicesOutsideOff) {
  const Tensor x = ints({0, 3, -4}).to(f32);
  const Tensor y =
      run_node("OneHot", 9, {{"axis", std::int64_t{0}}}, {x, tensor({3}), tensor({2, 5})})[0];
  EXPECT_EQ(y.sizes(), (Shape{3, 3}));
  EXPECT_THAT(y.to_vector(), ElementsAre(5, 2, 2, 2, 2, 2, 2, 2, 2));
}

TEST(IndexingOperators, DepthAndSpaceAreEachOthersInverse) {
  const Tensor x = randn({2, 8, 3, 2});
  const Attributes block{{"blocksize", std::int64_t{2}}};
  const Tensor space = run_node("DepthToSpace", 6, block, {x})[0];
  EXPECT_EQ(space.sizes(), (Shape{2, 2, 6, 4}));
  EXPECT_TRUE(equal(run_node("SpaceToDepth", 6, block, {space})[0], x));
}

TEST(IndexingOperators, GradientsFlow) {
  const Tensor x = randn({3, 4}, {.dtype = f64}).set_requires_grad();
  const auto expect = [&](const char* op, const Attributes& attributes, Tensors more) {
    more.insert(more.begin(), Tensor());
    const auto f = [&](const Tensors& in) {
      more[0] = in[0];
      return run_node(op, 19, attributes, more)[0];
    };
    EXPECT_TRUE(check_gradients(f, {x}).ok) << op;
  };
  expect("Slice", {}, {ints({2, 0}), ints({-9, 3}), {}, ints({-1, 2})});
  expect("Gather", {{"axis", std::int64_t{1}}}, {ints({1, 1, -1})});
  expect("GatherElements", {}, {ints({1, 1, 0, -1}).view({1, 4})});
  expect("Split", {{"axis", std::int64_t{1}}}, {ints({4})});
  expect("Pad", {{"mode", "wrap"}}, {ints({1, -1, 2, 0})});
}

TEST(IndexingOperators, ErrorsNameTheNode) {
  const Tensor x = arange(6);
  EXPECT_EQ(node_error("Slice", 13, {}, {x}),
            "Slice \"n\" (opset 13): starts and ends expected, got none");
  EXPECT_EQ(node_error("Slice", 13, {}, {x, ints({0}), ints({1}), {}, ints({0})}),
            "Slice \"n\" (opset 13): steps expected other than 0, got 0");
  EXPECT_EQ(node_error("Slice", 13, {}, {x, ints({0}), ints({1, 2})}),
            "Slice \"n\" (opset 13): starts, ends, axes and steps expected of one length, got 1 "
            "starts");
  EXPECT_EQ(node_error("Gather", 13, {{"axis", std::int64_t{1}}}, {x, ints({0})}),
            "Gather \"n\" (opset 13): axis expected in [-1, 1), got 1");
  EXPECT_EQ(node_error("Gather", 13, {}, {x, tensor({0})}),
            "Gather \"n\" (opset 13): indices expected whole numbers, got f32");
  EXPECT_EQ(node_error("Split", 13, {}, {x}, 4),
            "Split \"n\" (opset 13): dimension expected a multiple of 4 outputs, got 6");
  EXPECT_EQ(node_error("Split", 13, {}, {x, ints({2, 5})}, 2),
            "Split \"n\" (opset 13): split expected to sum to 6, got 5 after 2");
  EXPECT_EQ(node_error("Split", 13, {}, {x, ints({2, 3})}, 2),
            "Split \"n\" (opset 13): split expected to sum to 6, got 5");
  EXPECT_EQ(node_error("Split", 18, {{"num_outputs", std::int64_t{3}}}, {x}, 2),
            "Split \"n\" (opset 18): num_outputs expected the number of outputs 2, got 3");
  EXPECT_EQ(node_error("Pad", 18, {{"mode", "wrap"}}, {x, ints({1, 1})}),
            "Pad \"n\" (opset 18): mode expected constant, reflect, edge or (from opset 19) wrap, "
            "got \"wrap\"");
  EXPECT_EQ(node_error("Pad", 18, {}, {x, ints({1})}),
            "Pad \"n\" (opset 18): pads expected 2 numbers, got 1");
  EXPECT_EQ(node_error("Pad", 18, {}, {x}), "Pad \"n\" (opset 18): pads expected, got none");
  EXPECT_EQ(node_error("OneHot", 11, {}, {x, ints({0}), ints({0, 1})}),
            "OneHot \"n\" (opset 11): depth expected at least 1, got 0");
  EXPECT_EQ(node_error("DepthToSpace", 11, {{"blocksize", std::int64_t{2}}}, {zeros({1, 2, 1, 1})}),
            "DepthToSpace \"n\" (opset 11): input expected [n, c, h, w] with c a multiple of 4, "
            "got [1, 2, 1, 1]");
  EXPECT_EQ(node_error("SpaceToDepth", 11, {}, {x}),
            "SpaceToDepth \"n\" (opset 11): attribute \"blocksize\" expected an int, got none");
  EXPECT_EQ(node_error("Split", 13, {}, {x}, 0),
            "Split \"n\" (opset 13): outputs expected at least one, got none");
  EXPECT_EQ(node_error("OneHot", 11, {}, {x, ints({3, 4}), ints({0, 1})}),
            "OneHot \"n\" (opset 11): depth expected one number, got [2]");
  EXPECT_EQ(node_error("OneHot", 11, {}, {x, ints({3}), ints({0, 1, 2})}),
            "OneHot \"n\" (opset 11): values expected shape [2], got [3]");
  EXPECT_EQ(
      node_error("OneHot", 11, {}, {zeros(Shape::filled(kMaxDims, 1)), ints({3}), ints({0, 1})}),
      "OneHot \"n\" (opset 11): indices expected fewer dimensions, got "
      "[1, 1, 1, 1, 1, 1, 1, 1]");
  const Attributes unknown_mode{{"blocksize", std::int64_t{2}}, {"mode", "RDC"}};
  EXPECT_EQ(node_error("DepthToSpace", 11, unknown_mode, {zeros({1, 4, 1, 1})}),
            "DepthToSpace \"n\" (opset 11): mode expected DCR or CRD, got \"RDC\"");
  EXPECT_EQ(node_error("Pad", 13, {}, {zeros({2}), ints({1, 1}), zeros({2})}),
            "Pad \"n\" (opset 13): constant_value expected 1 element, got shape [2]");
  EXPECT_EQ(
      node_error("SpaceToDepth", 11, {{"blocksize", std::int64_t{2}}}, {zeros({1, 1, 3, 2})}),
      "SpaceToDepth \"n\" (opset 11): input expected [n, c, h, w] with h and w multiples of 2, "
      "got [1, 1, 3, 2]");
}

// ONNX cuts a negative step's start to the first element, where NumPy finds nothing.
TEST(IndexingOperators, SlicesBackwardsFromBeforeTheFirst) {
  const auto slice = [](std::int64_t size, std::int64_t start, std::int64_t end,
                        std::int64_t step) {
    const auto one = [](std::int64_t value) { return from_data(Ints{value}, {1}); };
    return run_node("Slice", 13, {},
                    {arange(static_cast<double>(size), {.dtype = i64}), one(start), one(end),
                     one(0), one(step)})[0]
        .to_vector<std::int64_t>();
  };
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_THAT(slice(5, -100, -200, -1), ElementsAre(0));
  EXPECT_THAT(slice(5, -6, kLeast, -3), ElementsAre(0));
  EXPECT_THAT(slice(5, -5, -100, -1), ElementsAre(0));
  EXPECT_THAT(slice(5, 100, -100, -2), ElementsAre(4, 2, 0));
  EXPECT_THAT(slice(5, -100, 0, -1), ElementsAre());  // the end is not among them
  EXPECT_THAT(slice(5, -100, -5, -1), ElementsAre());
  EXPECT_THAT(slice(0, -100, -200, -1), ElementsAre());
  EXPECT_THAT(slice(5, -100, -200, 1), ElementsAre());  // forwards both ends are the beginning
}

TEST(IndexingOperators, PadKeepsEveryDigit) {
  constexpr std::int64_t kOdd = (std::int64_t{1} << 53) + 1;
  const auto padded = [](const Tensor& x, const Tensor& value, const Ints& pads) {
    return run_node("Pad", 13, {},
                    {x, from_data(pads, {static_cast<std::int64_t>(pads.size())}), value})[0];
  };
  EXPECT_THAT(
      padded(from_data(Ints{1}, {1}), from_data(Ints{kOdd}, {}), {1, 2}).to_vector<std::int64_t>(),
      ElementsAre(kOdd, 1, kOdd, kOdd));
  // Also where it crops, and of one element in a list.
  EXPECT_THAT(padded(from_data(Ints{1, 2}, {2}), from_data(Ints{-kOdd}, {1}), {-1, 1})
                  .to_vector<std::int64_t>(),
              ElementsAre(2, -kOdd));
  const Tensor most = from_data(std::vector<std::uint64_t>{~std::uint64_t{0} - 1}, {});
  EXPECT_EQ(to_bytes(padded(most.view({1}), most, {1, 0})),
            to_bytes(cat({most.view({1}), most.view({1})}, 0)));
  EXPECT_THAT(padded(tensor({1}), {}, {1, 0}).to_vector(), ElementsAre(0, 1));
}

// As if the data lay on a ring, or between two mirrors.
TEST(IndexingOperators, PadWrapsAndReflectsBeyondTheSize) {
  const auto padded = [](const char* mode, const std::vector<float>& x, const Ints& pads) {
    return run_node("Pad", 19, {{"mode", mode}},
                    {from_data(x, {static_cast<std::int64_t>(x.size())}),
                     from_data(pads, {static_cast<std::int64_t>(pads.size())})})[0]
        .to_vector();
  };
  EXPECT_THAT(padded("wrap", {1, 2}, {3, 4}), ElementsAre(2, 1, 2, 1, 2, 1, 2, 1, 2));
  EXPECT_THAT(padded("wrap", {1, 2, 3}, {7, 0}), ElementsAre(3, 1, 2, 3, 1, 2, 3, 1, 2, 3));
  EXPECT_THAT(padded("wrap", {7}, {2, 1}), ElementsAre(7, 7, 7, 7));
  EXPECT_THAT(padded("reflect", {1, 2, 3}, {5, 4}),
              ElementsAre(2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3));
  EXPECT_THAT(padded("reflect", {7}, {2, 1}), ElementsAre(7, 7, 7, 7));
}

}  // namespace
}  // namespace fovea::graph
