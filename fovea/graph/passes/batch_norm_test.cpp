#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/passes.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/graph_passes.h"

namespace fovea::graph {
namespace {

using test::expect_kept;
using test::expect_same_results;
using test::graph_of;
using test::node;
using test::operators_of;
using test::trained;
using ::testing::ElementsAre;

TEST(FoldBatchNorm, IntoConvolutionsWithAndWithoutBias) {
  const auto network = trained(
      std::make_shared<nn::Sequential>(
          nn::Conv2d({.in_channels = 2, .out_channels = 6, .kernel_size = 3, .groups = 2}),
          nn::BatchNorm2d(6),
          nn::Conv2d({.in_channels = 6, .out_channels = 4, .kernel_size = 1, .bias = false}),
          nn::BatchNorm2d(4), nn::ReLU()),
      {4, 2, 8, 8});
  Graph graph = trace(*network, {2, 2, 8, 8});
  const Graph before = graph;
  fold_batch_norm(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Conv", "Conv", "Relu"));
  // 25 products a sum, normalised to size 1: some tens of eps.
  expect_same_results(before, graph, randn({3, 2, 8, 8}), 1e-5);
  EXPECT_TRUE(equal(before.initializers.at("0.weight"), network->state_dict()[0].second));
}

TEST(FoldBatchNorm, NotWhereTheConvolutionHasAnotherReader) {
  nn::Sequential network(nn::Conv2d({.in_channels = 2, .out_channels = 2, .kernel_size = 1}),
                         nn::BatchNorm2d(2));
  Graph graph = trace(network, {2, 2, 4, 4});
  graph.outputs.push_back(graph.values.at("0"));
  fold_batch_norm(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Conv", "BatchNormalization"));
}

// y = BatchNormalization(x w' + b), x [N, 2] and y [N, 3].
Graph normalized_product() {
  Graph graph = graph_of({node("Gemm", {"x", "w", "b"}, {"p"}),
                          node("BatchNormalization", {"p", "g", "s", "m", "v"}, {"y"})},
                         {"y"});
  graph.nodes[0].attributes["transB"] = std::int64_t{1};
  for (const char* name : {"b", "g", "s", "m"}) graph.initializers[name] = randn({3});
  graph.initializers["v"] = rand({3});
  graph.initializers["w"] = randn({3, 2});
  return graph;
}

TEST(FoldBatchNorm, IntoProducts) {
  const Graph before = normalized_product();
  Graph graph = before;
  fold_batch_norm(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Gemm"));
  expect_same_results(before, graph, randn({4, 2}), 1e-4);
}

TEST(FoldBatchNorm, NotWhereItIsNoFixedScaleAndShift) {
  const Tensor x = randn({4, 2});
  Graph graph = normalized_product();
  graph.nodes[0].attributes["beta"] = 0.5;
  expect_kept(graph, fold_batch_norm, x);
  graph = normalized_product();
  graph.initializers["b"] = randn({1, 3});  // not one number a channel, though it is a bias
  expect_kept(graph, fold_batch_norm, x);
  graph = normalized_product();
  graph.nodes[1].attributes["training_mode"] = std::int64_t{1};
  expect_kept(graph, fold_batch_norm, x);
  graph = normalized_product();
  graph.opset = 13;  // here the outputs say that it is training
  graph.nodes[1].outputs = {"y", "mean", "var", "saved_mean", "saved_var"};
  expect_kept(graph, fold_batch_norm, x);
}

// conv: 1x1 of one channel, then batch norm: w = scale / sqrt(variance).
Graph conv_and_norm(DType dtype, float weight, float scale, float variance) {
  Graph graph = graph_of({node("Conv", {"x", "w"}, {"c"}),
                          node("BatchNormalization", {"c", "s", "b", "m", "v"}, {"y"})},
                         {"y"});
  graph.nodes[1].attributes["epsilon"] = 0.0;
  graph.inputs[0] = {.name = "x", .dtype = dtype, .has_sizes = false};
  graph.initializers = {{"w", full({1, 1, 1, 1}, weight).to(dtype)},
                        {"s", full({1}, scale)},
                        {"b", full({1}, 0)},
                        {"m", full({1}, 0)},
                        {"v", full({1}, variance)}};
  return graph;
}

TEST(FoldBatchNorm, StaysApartWhereItsWeightsLeaveTheirType) {
  const Tensor x = tensor({0, 1e-3, 2e-3}).view({1, 1, 1, 3});
  const auto folds = [&](DType dtype, float weight, float scale, float variance) {
    const Graph before = conv_and_norm(dtype, weight, scale, variance);
    Graph graph = before;
    fold_batch_norm(graph);
    // Roundings of a weight, of a product and of the result, of half a digit each.
    expect_same_results(before, graph, x.to(dtype), dtype == bf16 ? 3 * 0x1p-8 : 3 * 0x1p-11);
    return graph.nodes.size() == 1;
  };
  EXPECT_TRUE(folds(f16, 30, 2, 4));
  EXPECT_FALSE(folds(f16, 30, 50, 1e-4f));  // 30 * 5000: f16 ends at 65504
  EXPECT_FALSE(folds(f16, -30, 50, 1e-4f));
  EXPECT_FALSE(folds(f16, 0.02f, 1e-2f, 16));  // 5e-5: below its normal numbers, 6.1e-5
  EXPECT_TRUE(folds(f16, 0.02f, 0, 16));       // nothing is exact
  EXPECT_TRUE(folds(bf16, 30, 50, 1e-4f));
  EXPECT_FALSE(folds(bf16, 3e30f, 5e10f, 1));
  EXPECT_TRUE(folds(f32, 3e20f, 5e10f, 1));
  EXPECT_FALSE(folds(f32, 3e30f, 5e10f, 1));
  // A shift that is too large, and one weight that is small beside the others.
  Graph shifted = conv_and_norm(f16, 1, 2, 1);
  shifted.initializers["b"] = full({1}, 1e5);
  fold_batch_norm(shifted);
  EXPECT_EQ(shifted.nodes.size(), 2U);
  Graph sparse = conv_and_norm(f16, 1, 2, 1);
  sparse.initializers["w"] = tensor({1, 1e-7}).view({1, 1, 1, 2}).to(f16);
  fold_batch_norm(sparse);
  EXPECT_EQ(sparse.nodes.size(), 1U);
}

// Names that a pass makes up are nobody's yet: whether an input, a node's result or an output.
TEST(FoldBatchNorm, TakesNoNameThatIsThere) {
  for (const std::string taken : {"w.folded", "w.folded.bias"}) {
    Graph before = conv_and_norm(f32, 2, 3, 1);
    before.nodes[1].outputs[0] = taken;
    before.nodes.push_back(node("Neg", {taken}, {"y"}));
    Graph graph = before;
    fold_batch_norm(graph);
    EXPECT_EQ(graph.nodes.size(), 2U);
    expect_same_results(before, graph, ones({1, 1, 1, 2}), 1e-6);

    before = conv_and_norm(f32, 2, 3, 1);
    before.inputs.push_back({.name = taken, .dtype = f32, .has_sizes = false});
    graph = before;
    fold_batch_norm(graph);
    check_graph(graph);
    EXPECT_EQ(graph.nodes.size(), 1U);
  }
}

}  // namespace
}  // namespace fovea::graph
