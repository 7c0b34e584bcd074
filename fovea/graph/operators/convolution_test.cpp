// Convolutions of operator sets, borders and dtypes that ONNX's conformance tests leave out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/program.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/module.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/conv_transpose.h"
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

TEST(ConvolutionOperators, ConvIsTheTensorOperation) {
  const Tensor x = randn({2, 4, 9, 8}), weight = randn({6, 2, 3, 2}), bias = randn({6});
  const Tensor y = run_node("Conv", 11,
                            {{"group", std::int64_t{2}},
                             {"strides", Ints{2, 1}},
                             {"pads", Ints{1, 0, 2, 3}},
                             {"dilations", Ints{1, 2}}},
                            {x, weight, bias})[0];
  EXPECT_TRUE(equal(y, conv2d(x, weight, bias,
                              {.stride = {2, 1},
                               .padding = Padding(PerDim{1, 0}, PerDim{2, 3}),
                               .dilation = {1, 2},
                               .groups = 2})));
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
}

TEST(ConvolutionOperators, SameBordersPutTheOddElementWhereTheyAreTold) {
  const Tensor x = row({1, 2, 3, 4}), weight = row({1, 10});
  const auto conv = [&](const char* mode, std::int64_t stride) {
    return run_node("Conv", 6, {{"auto_pad", mode}, {"strides", Ints{stride}}}, {x, weight})[0]
        .to_vector();
  };
  EXPECT_THAT(conv("SAME_UPPER", 1), ElementsAre(21, 32, 43, 4));
  EXPECT_THAT(conv("SAME_LOWER", 1), ElementsAre(10, 21, 32, 43));
  EXPECT_THAT(conv("SAME_UPPER", 3), ElementsAre(21, 4));
  EXPECT_THAT(conv("VALID", 1), ElementsAre(21, 32, 43));
  EXPECT_THAT(conv("NOTSET", 3), ElementsAre(21));
}

TEST(ConvolutionOperators, HalfPrecisionIsComputedInF32) {
  const Tensor x = row({1, 2, 3}).to(f16), weight = row({0.5, 2}).to(f16);
  for (const char* op : {"Conv", "ConvTranspose"}) {
    const Tensor y = run_node(op, 11, {}, {x, weight, tensor({1}).to(f16)})[0];
    EXPECT_EQ(y.dtype(), f16);
    EXPECT_EQ(y.to_vector()[0], op == std::string("Conv") ? 5.5f : 1.5f);
  }
}

TEST(ConvolutionOperators, ConvTransposeOfEveryRank) {
  for (int spatial = 1; spatial <= 3; ++spatial) {
    Shape x_sizes{2, 4}, weight_sizes{4, 3};
    for (int i = 0; i < spatial; ++i) {
      x_sizes.push_back(3 + i);
      weight_sizes.push_back(2 + i);
    }
    const Tensor x = randn(x_sizes), weight = randn(weight_sizes), bias = randn({6});
    const auto each = static_cast<std::size_t>(spatial);
    const Tensor y = run_node("ConvTranspose", 11,
                              {{"group", std::int64_t{2}},
                               {"strides", Ints(each, 2)},
                               {"pads", Ints(2 * each, 1)},
                               {"output_padding", Ints(each, 1)}},
                              {x, weight, bias})[0];
    const ConvTransposeOptions options{.stride = 2, .padding = 1, .output_padding = 1, .groups = 2};
    const auto f = spatial == 1   ? conv_transpose1d
                   : spatial == 2 ? conv_transpose2d
                                  : conv_transpose3d;
    EXPECT_TRUE(equal(y, f(x, weight, bias, options)));
  }
}

TEST(ConvolutionOperators, ConvTransposeMeetsAnOutputShape) {
  const Tensor x = row({1, 2}), weight = row({1, 10, 100});
  const auto spread = [&](std::int64_t size, const char* mode) {
    return run_node("ConvTranspose", 11,
                    {{"output_shape", Ints{size}}, {"auto_pad", mode}, {"strides", Ints{2}}},
                    {x, weight})[0]
        .to_vector();
  };
  // Without borders: 1 10 102 20 200.
  EXPECT_THAT(spread(5, "NOTSET"), ElementsAre(1, 10, 102, 20, 200));
  EXPECT_THAT(spread(4, "SAME_UPPER"), ElementsAre(1, 10, 102, 20));
  EXPECT_THAT(spread(4, "SAME_LOWER"), ElementsAre(10, 102, 20, 200));
  EXPECT_THAT(spread(8, "NOTSET"), ElementsAre(1, 10, 102, 20, 200, 0, 0, 0));
  const Tensor same = run_node("ConvTranspose", 11,
                               {{"auto_pad", "SAME_UPPER"}, {"strides", Ints{2}}}, {x, weight})[0];
  EXPECT_THAT(same.to_vector(), ElementsAre(1, 10, 102, 20));
}

TEST(ConvolutionOperators, ConvTransposeIsTraced) {
  struct Up final : nn::Module {
    const Tensor weight = randn({6, 2, 3, 2}), bias = randn({4});
    Tensor forward(const Tensor& x) override {
      return conv_transpose2d(x, weight, bias,
                              {.stride = {2, 3},
                               .padding = Padding(PerDim{1, 0}, PerDim{0, 1}),
                               .output_padding = {3, 0},
                               .groups = 2,
                               .dilation = {1, 2}});
    }
  } up;
  const Tensor x = randn({5, 6, 4, 3});
  EXPECT_TRUE(allclose(Program(trace(up, {2, 6, 4, 3})).run({x})[0], up(x), 1e-6, 1e-6));
}

TEST(ConvolutionOperators, GradientsFlow) {
  const TensorOptions leaf{.dtype = f64, .requires_grad = true};
  const Tensor x = randn({1, 2, 5, 4}, leaf), weight = randn({2, 3, 3, 2}, leaf);
  const Attributes attributes{{"strides", Ints{2, 1}}, {"auto_pad", "SAME_LOWER"}};
  const auto spread = [&](const Tensors& in) {
    return run_node("ConvTranspose", 11, attributes, in)[0];
  };
  EXPECT_TRUE(check_gradients(spread, {x, weight, randn({3}, leaf)}).ok);
  const auto conv = [&](const Tensors& in) { return run_node("Conv", 11, attributes, in)[0]; };
  EXPECT_TRUE(check_gradients(conv, {x, randn({3, 2, 3, 2}, leaf), randn({3}, leaf)}).ok);
}

TEST(ConvolutionOperators, ErrorsNameTheNode) {
  const Tensor x = row({1, 2, 3}), weight = row({1, 2});
  EXPECT_EQ(node_error("Conv", 11, {{"group", std::int64_t{0}}}, {x, weight}),
            "Conv \"n\" (opset 11): group expected at least 1, got 0");
  EXPECT_EQ(node_error("Conv", 11, {{"kernel_shape", Ints{3}}}, {x, weight}),
            "Conv \"n\" (opset 11): weight expected kernel_shape [3], got [1, 1, 2]");
  EXPECT_EQ(node_error("Conv", 11, {{"strides", Ints{1, 1}}}, {x, weight}),
            "Conv \"n\" (opset 11): attributes expected for 1 spatial dimensions, got [1, 1]");
  EXPECT_EQ(node_error("Conv", 11, {}, {x.view({1, 1, 1, 3}), weight}),
            "Conv \"n\" (opset 11): input expected 3 dimensions as the weight has, got "
            "[1, 1, 1, 3]");
  EXPECT_EQ(node_error("Conv", 11, {{"pads", Ints{1, -1}}}, {x, weight}),
            "Conv \"n\" (opset 11): pads expected at least 0, got -1");
  EXPECT_EQ(node_error("Conv", 11, {{"dilations", Ints{1, 1, 1, 1}}}, {x, weight}),
            "Conv \"n\" (opset 11): dilations expected 1 to 3 numbers, got 4");
  EXPECT_EQ(node_error("ConvTranspose", 11, {{"output_padding", Ints{-1}}}, {x, weight}),
            "ConvTranspose \"n\" (opset 11): output_padding expected at least 0, got -1");
  EXPECT_EQ(node_error("ConvTranspose", 11, {{"output_shape", Ints{1, 2}}}, {x, weight}),
            "ConvTranspose \"n\" (opset 11): output_shape expected 1 numbers, got 2");
}

}  // namespace
}  // namespace fovea::graph
