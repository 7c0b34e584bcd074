// Poolings of operator sets, borders and dtypes that ONNX's conformance tests leave out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using testing::ElementsAre;
using Ints = std::vector<std::int64_t>;

Tensor row(const std::vector<float>& values) {
  return from_data(values, {1, 1, static_cast<std::int64_t>(values.size())});
}

TEST(PoolOperators, MaxPoolWithAnotherBorderAtEachEnd) {
  const Attributes attributes{
      {"kernel_shape", Ints{3}}, {"strides", Ints{2}}, {"pads", Ints{0, 2}}};
  const Tensors out = run_node("MaxPool", 12, attributes, {row({1, 5, 2, 7, 3, -4})}, 2);
  EXPECT_THAT(out[0].to_vector(), ElementsAre(5, 7, 3));
  EXPECT_THAT(out[1].to_vector<std::int64_t>(), ElementsAre(1, 3, 4));
}

TEST(PoolOperators, IndicesCountAllOfTheInput) {
  const Tensor x = arange(0, 2 * 2 * 2 * 4, 1, {.dtype = f32}).view({2, 2, 2, 4});
  const Attributes attributes{{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}};
  EXPECT_THAT(run_node("MaxPool", 8, attributes, {x}, 2)[1].to_vector<std::int64_t>(),
              ElementsAre(5, 7, 13, 15, 21, 23, 29, 31));
  Attributes by_column = attributes;
  by_column["storage_order"] = std::int64_t{1};
  // Position (1, 1) is 1 + 1 * 2, (1, 3) is 1 + 3 * 2, both behind 8 elements a channel.
  EXPECT_THAT(run_node("MaxPool", 8, by_column, {x}, 2)[1].to_vector<std::int64_t>(),
              ElementsAre(3, 7, 11, 15, 19, 23, 27, 31));
}

TEST(PoolOperators, NarrowDtypesKeepTheirValuesAndDtype) {
  const Attributes attributes{{"kernel_shape", Ints{2}}};
  for (const DType dtype : {u8, i8, f16, bf16, f64}) {
    const Tensor y = run_node("MaxPool", 12, attributes, {row({3, 120, 7}).to(dtype)})[0];
    EXPECT_EQ(y.dtype(), dtype);
    EXPECT_THAT(y.to_vector(), ElementsAre(120, 120)) << dtype;
  }
  const Tensor mean = run_node("AveragePool", 11, attributes, {row({3, 120, 7}).to(f16)})[0];
  EXPECT_EQ(mean.dtype(), f16);
  EXPECT_THAT(mean.to_vector(), ElementsAre(61.5, 63.5));
}

// Of 9 elements between borders of 3, windows of 7 begin at -3, 0, 3 and 6; the last one has 3
// elements and the border's 3, not 7 (onnx/onnx issue 5276).
TEST(PoolOperators, AveragesDoNotCountWhatLiesBeyondTheBorder) {
  const Tensor x = row({1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const int opset : {10, 19}) {
    const Tensor y = run_node("AveragePool", opset,
                              {{"kernel_shape", Ints{7}},
                               {"strides", Ints{3}},
                               {"pads", Ints{3, 3}},
                               {"ceil_mode", std::int64_t{1}},
                               {"count_include_pad", std::int64_t{1}}},
                              {x})[0];
    EXPECT_THAT(y.to_vector(), ElementsAre(10.0f / 7, 4, 39.0f / 7, 24.0f / 6));
  }
}

TEST(PoolOperators, NoWindowStartsInTheBorderAtTheEnd) {
  const Attributes attributes{
      {"kernel_shape", Ints{1}}, {"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}};
  EXPECT_THAT(run_node("AveragePool", 19, attributes, {row({1, 2, 3, 4})})[0].to_vector(),
              ElementsAre(1, 3));
}

TEST(PoolOperators, AveragesWithDilationAndUnevenBorders) {
  const Tensor x = row({1, 2, 3, 4, 5});
  Attributes attributes{{"kernel_shape", Ints{2}}, {"dilations", Ints{3}}, {"pads", Ints{1, 2}}};
  EXPECT_THAT(run_node("AveragePool", 19, attributes, {x})[0].to_vector(),
              ElementsAre(3, 2.5, 3.5, 3, 4));
  attributes["count_include_pad"] = std::int64_t{1};
  EXPECT_THAT(run_node("AveragePool", 19, attributes, {x})[0].to_vector(),
              ElementsAre(1.5, 2.5, 3.5, 1.5, 2));
}

TEST(PoolOperators, LpPools) {
  const Tensor x = row({3, -4, 0, 12});
  const Attributes attributes{{"kernel_shape", Ints{2}}, {"strides", Ints{2}}};
  EXPECT_THAT(run_node("LpPool", 11, attributes, {x})[0].to_vector(), ElementsAre(5, 12));
  Attributes ones = attributes;
  ones["p"] = std::int64_t{1};
  EXPECT_THAT(run_node("LpPool", 18, ones, {x})[0].to_vector(), ElementsAre(7, 12));
  EXPECT_THAT(run_node("GlobalLpPool", 6, {}, {x})[0].to_vector(), ElementsAre(13));
  Attributes cubes = attributes;
  cubes["p"] = std::int64_t{3};
  EXPECT_NEAR(run_node("LpPool", 11, cubes, {x})[0].to_vector()[0], std::cbrt(27 + 64), 1e-5);
}

TEST(PoolOperators, GlobalPoolsOfOneToThreeDimensions) {
  for (const Shape& sizes : {Shape{2, 3, 4}, Shape{2, 3, 2, 2}, Shape{2, 3, 1, 2, 2}}) {
    const Tensor x = arange(0, 24, 1, {.dtype = f32}).view(sizes);
    EXPECT_THAT(run_node("GlobalAveragePool", 6, {}, {x})[0].to_vector(),
                ElementsAre(1.5, 5.5, 9.5, 13.5, 17.5, 21.5));
    EXPECT_THAT(run_node("GlobalMaxPool", 6, {}, {x})[0].to_vector(),
                ElementsAre(3, 7, 11, 15, 19, 23));
  }
}

TEST(PoolOperators, GradientsFlow) {
  const Tensor x = randn({1, 2, 5, 4}, {.dtype = f64}).set_requires_grad();
  const Attributes attributes{
      {"kernel_shape", Ints{3, 2}}, {"pads", Ints{0, 1, 2, 0}}, {"dilations", Ints{1, 2}}};
  for (const char* op : {"MaxPool", "AveragePool", "LpPool"}) {
    const auto f = [&](const Tensors& in) { return run_node(op, 19, attributes, in)[0]; };
    const GradCheck check = check_gradients(f, {x});
    EXPECT_TRUE(check.ok) << op << ": " << check.message;
  }
}

TEST(PoolOperators, ErrorsNameTheNode) {
  const Tensor x = row({1, 2, 3});
  EXPECT_EQ(node_error("MaxPool", 12, {}, {x}),
            "MaxPool \"n\" (opset 12): attribute \"kernel_shape\" expected ints, got none");
  EXPECT_EQ(node_error("MaxPool", 12, {{"kernel_shape", Ints{2, 2}}}, {x}),
            "MaxPool \"n\" (opset 12): input expected 4 dimensions, got [1, 1, 3]");
  EXPECT_EQ(node_error("MaxPool", 12, {{"kernel_shape", Ints{2}}, {"strides", Ints{1, 1}}}, {x}),
            "MaxPool \"n\" (opset 12): strides expected 1 numbers, got 2");
  EXPECT_EQ(node_error("MaxPool", 12, {{"kernel_shape", Ints{2}}, {"strides", Ints{0}}}, {x}),
            "MaxPool \"n\" (opset 12): strides expected at least 1, got 0");
  EXPECT_EQ(node_error("MaxPool", 12, {{"kernel_shape", Ints{std::int64_t{1} << 31}}}, {x}),
            "MaxPool \"n\" (opset 12): kernel_shape expected below 2^31, got 2147483648");
  EXPECT_EQ(node_error("MaxPool", 12, {{"kernel_shape", Ints{2}}, {"pads", Ints{1}}}, {x}),
            "MaxPool \"n\" (opset 12): pads expected 2 numbers, got 1");
  EXPECT_EQ(node_error("MaxPool", 12, {{"kernel_shape", Ints{2}}, {"pads", Ints{0, 2}}}, {x}),
            "MaxPool \"n\" (opset 12): pads expected smaller than the window, got [0] and [2] "
            "(kernel_shape [2], dilations [1])");
  EXPECT_EQ(node_error("AveragePool", 12, {{"kernel_shape", Ints{4}}}, {x}),
            "AveragePool \"n\" (opset 12): input expected to hold a window, got [1, 1, 3] "
            "(kernel_shape [4])");
  EXPECT_EQ(
      node_error("AveragePool", 12, {{"kernel_shape", Ints{2}}, {"auto_pad", "SAME"}}, {x}),
      "AveragePool \"n\" (opset 12): auto_pad expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, "
      "got \"SAME\"");
  EXPECT_EQ(node_error("MaxPool", 12,
                       {{"kernel_shape", Ints{2}}, {"storage_order", std::int64_t{2}}}, {x}),
            "MaxPool \"n\" (opset 12): storage_order expected 0 or 1, got 2");
  EXPECT_EQ(node_error("LpPool", 12, {{"kernel_shape", Ints{2}}, {"p", std::int64_t{0}}}, {x}),
            "LpPool \"n\" (opset 12): p expected at least 1, got 0");
  EXPECT_EQ(node_error("GlobalMaxPool", 12, {}, {x.view({3})}),
            "GlobalMaxPool \"n\" (opset 12): input expected 3 to 5 dimensions [n, c, spatial...], "
            "got [3]");
}

TEST(PoolOperators, GlobalPoolsTakeAnyNumberOfSpatialDimensions) {
  const Tensor x = arange(16, {.dtype = f32}).view({1, 2, 1, 2, 1, 4});
  const auto of = [&](const char* op) {
    const Tensor y = run_node(op, 13, {}, {x})[0];
    EXPECT_EQ(y.sizes(), (Shape{1, 2, 1, 1, 1, 1})) << op;
    return y.to_vector<double>();
  };
  EXPECT_EQ(of("GlobalAveragePool"), (std::vector<double>{3.5, 11.5}));
  EXPECT_EQ(of("GlobalMaxPool"), (std::vector<double>{7, 15}));
  const std::vector<double> norms = of("GlobalLpPool");
  EXPECT_NEAR(norms[0], std::sqrt(140.0), 1e-5);  // 0 + 1 + 4 + ... + 49
}

}  // namespace
}  // namespace fovea::graph
