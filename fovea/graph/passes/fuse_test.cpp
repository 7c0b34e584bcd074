#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/passes.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/graph_passes.h"
#include "tests/support/on_device.h"

namespace fovea::graph {
namespace {

using test::expect_kept;
using test::expect_same_results;
using test::graph_of;
using test::node;
using test::operators_of;
using test::trained;
using ::testing::ElementsAre;

TEST(Fuse, JoinsBlocksAndLinearLayers) {
  const auto network =
      trained(std::make_shared<nn::Sequential>(
                  nn::Conv2d({.in_channels = 2, .out_channels = 6, .kernel_size = 3, .padding = 1}),
                  nn::BatchNorm2d(6), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2}),
                  nn::Conv2d({.in_channels = 6, .out_channels = 4, .kernel_size = 3}),
                  nn::MaxPool2d({.kernel_size = 2, .stride = 1}), nn::Flatten(), nn::Linear(4, 3),
                  nn::ReLU(), nn::Linear(3, 3)),
              {4, 2, 8, 8});
  Graph graph = trace(*network, {2, 2, 8, 8});
  const Graph before = graph;
  optimize(graph);
  EXPECT_THAT(operators_of(graph),
              ElementsAre("ConvBlock", "Conv", "MaxPool", "Flatten", "LinearRelu", "Gemm"));
  expect_same_results(before, graph, randn({3, 2, 8, 8}), 1e-5);
}

// x [N, 2, 5, 5] through a convolution of three outputs to "c", and on by `nodes`.
Graph after_conv(std::vector<Node> nodes, const std::string& output) {
  nodes.insert(nodes.begin(), node("Conv", {"x", "w"}, {"c"}));
  Graph graph = graph_of(std::move(nodes), {output});
  graph.inputs[0].has_sizes = false;
  graph.initializers = {
      {"w", randn({3, 2, 1, 1})}, {"low", full({}, -0.5)}, {"high", full({}, 0.5)}};
  return graph;
}

void expect_fused(const Graph& before, const std::vector<std::string>& operators, const Tensor& x) {
  Graph graph = before;
  fuse(graph);
  EXPECT_EQ(operators_of(graph), operators);
  expect_same_results(before, graph, x, 1e-6);
}

TEST(Fuse, PutsLimitsIntoConvolutions) {
  const Tensor x = randn({2, 2, 5, 5});
  expect_fused(after_conv({node("Relu", {"c"}, {"y"})}, "y"), {"ConvAddClamp"}, x);
  expect_fused(after_conv({node("Clip", {"c", "low", "high"}, {"y"})}, "y"), {"ConvAddClamp"}, x);
  expect_fused(after_conv({node("Clip", {"c", "", "high"}, {"y"})}, "y"), {"ConvAddClamp"}, x);
  expect_fused(after_conv({node("Clip", {"c", "low"}, {"a"}), node("Relu", {"a"}, {"y"})}, "y"),
               {"ConvAddClamp", "Relu"}, x);  // it has limits already
  expect_fused(after_conv({node("Clip", {"c", "high", "low"}, {"y"})}, "y"), {"Conv", "Clip"},
               x);  // crossed: all is low
  expect_fused(after_conv({node("Relu", {"x"}, {"low1"}), node("ReduceMax", {"low1"}, {"m"}),
                           node("Clip", {"c", "", "m"}, {"y"})},
                          "y"),
               {"Conv", "Relu", "ReduceMax", "Clip"}, x);  // not known beforehand
  Graph old = after_conv({node("Clip", {"c"}, {"y"})}, "y");
  old.opset = 6;
  old.nodes[1].attributes = {{"min", -0.5}, {"max", 0.25}};
  expect_fused(old, {"ConvAddClamp"}, x);
}

// A device that has no kernels for the nodes which are made.
TEST(Fuse, ItsNodesRunOnADeviceWithoutFusedKernels) {
  const test::OnDevice on(Device("late"));
  const auto network =
      trained(std::make_shared<nn::Sequential>(
                  nn::Conv2d({.in_channels = 2, .out_channels = 6, .kernel_size = 3, .padding = 1}),
                  nn::BatchNorm2d(6), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2}), nn::Flatten(),
                  nn::Linear(96, 3), nn::ReLU(), nn::Linear(3, 3)),
              {4, 2, 8, 8});
  Graph graph = trace(*network, {2, 2, 8, 8});
  const Graph before = graph;
  EXPECT_EQ(operators_of(before).back(), "Gemm");
  optimize(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("ConvBlock", "Flatten", "LinearRelu", "Gemm"));
  expect_same_results(before, graph, randn({3, 2, 8, 8}), 1e-5);
  const Tensor x = randn({2, 2, 5, 5});
  expect_fused(after_conv({node("Conv", {"x", "w"}, {"d"}), node("Add", {"c", "d"}, {"a"}),
                           node("Clip", {"a", "low", "high"}, {"y"})},
                          "y"),
               {"Conv", "ConvAddClamp"}, x);
}

TEST(Fuse, LeavesWhatSomebodyElseReads) {
  const Tensor x = randn({2, 2, 5, 5});
  const Node relu = node("Relu", {"c"}, {"r"});
  expect_kept(after_conv({relu, node("Neg", {"c"}, {"n"}), node("Mul", {"r", "n"}, {"y"})}, "y"),
              fuse, x);
  expect_kept(after_conv({node("Neg", {"c"}, {"n"}), relu, node("Mul", {"r", "n"}, {"y"})}, "y"),
              fuse, x);
  Graph shown = after_conv({relu}, "r");
  shown.outputs.push_back({.name = "c", .dtype = f32});
  expect_kept(shown, fuse, x);
  Graph product =
      graph_of({node("Gemm", {"x", "w", "b"}, {"c"}), relu, node("Add", {"c", "r"}, {"y"})}, {"y"});
  product.nodes[0].attributes = {{"transB", std::int64_t{1}}};
  product.initializers = {{"w", randn({2, 2})}, {"b", randn({2})}};
  expect_kept(product, fuse, randn({3, 2}));
}

TEST(Fuse, PutsAdditionsIntoConvolutions) {
  const Tensor x = randn({2, 2, 5, 5});
  const auto residual = [](std::vector<std::string> operands) {
    return after_conv({node("Conv", {"x", "w"}, {"d"}), node("Neg", {"d"}, {"n"}),
                       node("Add", std::move(operands), {"a"}), node("Relu", {"a"}, {"y"})},
                      "y");
  };
  // The convolution moves to where its other operand is there.
  for (const auto& operands : {std::vector<std::string>{"c", "n"}, {"n", "c"}})
    expect_fused(residual(operands), {"Conv", "Neg", "ConvAddClamp"}, x);
  expect_fused(after_conv({node("Conv", {"x", "w"}, {"d"}), node("Add", {"c", "d"}, {"y"})}, "y"),
               {"Conv", "ConvAddClamp"}, x);
  expect_fused(after_conv({node("Add", {"c", "c"}, {"y"})}, "y"), {"Conv", "Add"}, x);
  expect_fused(after_conv({node("Relu", {"c"}, {"r"}), node("Conv", {"x", "w"}, {"d"}),
                           node("Add", {"r", "r"}, {"a"}), node("Add", {"a", "d"}, {"y"})},
                          "y"),
               {"ConvAddClamp", "Add", "ConvAddClamp"}, x);
  // Either side may be broadcast.
  expect_fused(after_conv({node("ReduceMax", {"c"}, {"m"}), node("Conv", {"x", "w"}, {"d"}),
                           node("Add", {"d", "m"}, {"a"}), node("Relu", {"a"}, {"y"})},
                          "y"),
               {"Conv", "ReduceMax", "ConvAddClamp"}, x);
  // Pooling needs the convolution's result alone.
  Graph pooled = residual({"c", "n"});
  pooled.nodes.push_back(node("MaxPool", {"y"}, {"z"}));
  pooled.nodes.back().attributes = {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                                    {"strides", std::vector<std::int64_t>{2, 2}}};
  pooled.outputs[0].name = "z";
  expect_fused(pooled, {"Conv", "Neg", "ConvAddClamp", "MaxPool"}, x);
}

// y = BatchNormalization(Conv(x)) with two channels.
Graph normalized_convolution() {
  Graph graph = graph_of({node("Conv", {"x", "w"}, {"c"}),
                          node("BatchNormalization", {"c", "g", "s", "m", "v"}, {"y"})},
                         {"y"});
  graph.inputs[0].has_sizes = false;
  graph.initializers["w"] = randn({2, 3, 1, 1});
  for (const char* name : {"g", "s", "m"}) graph.initializers[name] = randn({2});
  graph.initializers["v"] = rand({2});
  return graph;
}

TEST(FuseForTraining, JoinsNormalisationByConstants) {
  const Tensor x = randn({4, 3, 2, 2});
  Graph before = normalized_convolution();
  before.nodes[1].attributes["epsilon"] = 0.5;
  Graph graph = before;
  fuse_for_training(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("ConvBlock"));
  EXPECT_THAT(graph.nodes[0].inputs, ElementsAre("x", "w", "", "g", "s", "m", "v"));
  expect_same_results(before, graph, x, 1e-6);
}

TEST(FuseForTraining, LeavesOtherNormalisations) {
  const Tensor x = randn({4, 3, 2, 2});
  const Graph before = normalized_convolution();
  Graph graph = before;
  graph.nodes[1].attributes["training_mode"] = std::int64_t{1};
  expect_kept(graph, fuse_for_training, x);
  graph = before;
  graph.outputs.push_back({.name = "c", .has_sizes = false});  // somebody else reads it
  expect_kept(graph, fuse_for_training, x);
  graph = before;
  graph.nodes[1].inputs[1] = "scale";  // a value that is computed
  graph.nodes.insert(graph.nodes.begin(), node("Neg", {"g"}, {"scale"}));
  expect_kept(graph, fuse_for_training, x);
  graph = before;
  graph.opset = 8;
  graph.nodes[1].attributes["spatial"] = std::int64_t{0};  // statistics an element
  for (const char* name : {"g", "s", "m", "v"}) graph.initializers[name] = ones({2, 2, 2});
  expect_kept(graph, fuse_for_training, x);
  graph = before;
  graph.nodes[1].attributes["epsilon"] = -1.0;
  fuse_for_training(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Conv", "BatchNormalization"))
      << "it says what is wrong";
}

// Limits may be read from a file after the nodes were joined, and additions have no fused gradient.
TEST(FuseForTraining, LeavesLimitsAndAdditions) {
  const Tensor x = randn({2, 2, 5, 5});
  expect_kept(after_conv({node("Clip", {"c", "low", "high"}, {"y"})}, "y"), fuse_for_training, x);
  expect_kept(after_conv({node("Conv", {"x", "w"}, {"d"}), node("Add", {"c", "d"}, {"y"})}, "y"),
              fuse_for_training, x);
}

TEST(Fuse, LeavesConvolutionsThatABlockCannotCompute) {
  Graph graph = graph_of({node("Conv", {"x", "w"}, {"c"}), node("Relu", {"c"}, {"y"})}, {"y"});
  graph.inputs[0].has_sizes = false;
  graph.initializers["w"] = randn({3, 2, 3});
  expect_kept(graph, fuse, randn({2, 2, 8}));
  graph.initializers["w"] = randn({3, 2, 3, 3});
  graph.nodes[0].attributes["auto_pad"] = std::string("SAME_UPPER");
  expect_kept(graph, fuse, randn({2, 2, 8, 8}));
}

TEST(Fuse, LeavesWindowsThatABlockCannotPool) {
  using Ints = std::vector<std::int64_t>;
  Graph graph = graph_of({node("Conv", {"x", "w"}, {"c"}), node("MaxPool", {"c"}, {"y"})}, {"y"});
  graph.inputs[0].has_sizes = false;
  graph.initializers["w"] = randn({3, 2, 1, 1});
  const auto pool = [&](std::int64_t side, std::int64_t ceil_mode) {
    graph.nodes[1].attributes = {{"kernel_shape", Ints{side, side}},
                                 {"strides", Ints{side, side}},
                                 {"ceil_mode", ceil_mode}};
  };
  pool(2, 1);
  expect_kept(graph, fuse, randn({2, 2, 5, 5}));
  pool(20, 0);  // more places than a byte can tell apart
  expect_kept(graph, fuse, randn({1, 2, 20, 40}));
}

TEST(Fuse, LeavesProductsThatAreNoLinearLayer) {
  Graph graph = graph_of({node("Gemm", {"x", "w", "b"}, {"p"}), node("Relu", {"p"}, {"y"})}, {"y"});
  graph.initializers = {{"w", randn({3, 2})}, {"b", randn({1, 3})}};
  graph.nodes[0].attributes["transB"] = std::int64_t{1};
  expect_kept(graph, fuse, randn({4, 2}));
  graph.initializers["b"] = randn({3});
  graph.nodes[0].attributes["transA"] = std::int64_t{1};
  expect_kept(graph, fuse, randn({2, 2}));
}

// Operators compute f16 in f32; Fovea's own take what convolutions and products take.
TEST(Fuse, LeavesHalfPrecisionToTheOperators) {
  nn::Sequential network(nn::Conv2d({.in_channels = 2, .out_channels = 3, .kernel_size = 3}),
                         nn::ReLU(), nn::Flatten(), nn::Linear(12, 2), nn::ReLU());
  Graph graph = trace(network, {2, 2, 4, 4});
  for (auto& [name, tensor] : graph.initializers) tensor = tensor.to(f16);
  for (Value* value : {&graph.inputs[0], &graph.outputs[0]}) value->dtype = f16;
  const Graph before = graph;
  optimize(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Conv", "Relu", "Flatten", "Gemm", "Relu"));
  expect_same_results(before, graph, randn({3, 2, 4, 4}).to(f16));
}

// What the operator would refuse, or not know, is not joined in silence.
TEST(Fuse, LeavesAClipAloneThatIsNoneOfItsOpset) {
  const auto joined = [](int opset, Attributes attributes, const Tensor& low) {
    Node clip = node("Clip", {"c", low.defined() ? "low" : ""}, {"y"});
    clip.attributes = std::move(attributes);
    Graph graph = graph_of({node("Conv", {"x", "w"}, {"c"}), clip}, {"y"});
    graph.opset = opset;
    graph.initializers = {{"w", ones({1, 1, 1, 1})}};
    if (low.defined()) graph.initializers["low"] = low;
    fuse(graph);
    return graph.nodes.size() == 1;
  };
  EXPECT_TRUE(joined(13, {}, scalar(1)));
  EXPECT_FALSE(joined(13, {}, scalar(1, {.dtype = f64})));
  EXPECT_TRUE(joined(10, {{"min", 1.0}}, {}));
  const double infinity = std::numeric_limits<double>::infinity();
  Graph graph = graph_of({node("Conv", {"x", "w"}, {"c"}), node("Clip", {"c"}, {"y"})}, {"y"});
  graph.nodes[1].attributes["min"] = 1.0;  // below opset 11 it would be one
  graph.initializers = {{"w", ones({1, 1, 1, 1})}};
  fuse(graph);
  EXPECT_EQ(std::get<double>(graph.nodes[0].attributes.at("low")), -infinity);
}

}  // namespace
}  // namespace fovea::graph
