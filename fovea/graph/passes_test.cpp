#include "fovea/graph/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/program.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/on_device.h"

namespace fovea::graph {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> operators_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.op);
  return names;
}

Node node(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  Node made;
  made.op = std::move(op);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

// x [N, 2] -> outputs.
Graph graph_of(std::vector<Node> nodes, std::vector<std::string> outputs) {
  Graph graph;
  graph.inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 2}}};
  for (const std::string& name : outputs)
    graph.outputs.push_back({.name = name, .dtype = f32, .sizes = {kFree, 2}});
  graph.nodes = std::move(nodes);
  return graph;
}

void expect_same_results(const Graph& a, const Graph& b, const Tensor& x, double tolerance = 0) {
  const NoGrad no_grad;
  check_graph(b);
  const Tensors expected = Program(a).run({x}), actual = Program(b).run({x});
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_TRUE(allclose(actual[i], expected[i], tolerance, tolerance));
}

// The pass must not touch the graph.
void expect_kept(const Graph& before, void (*pass)(Graph&), const Tensor& x) {
  Graph graph = before;
  pass(graph);
  EXPECT_EQ(operators_of(graph), operators_of(before));
  expect_same_results(before, graph, x);
}

TEST(RemoveDead, TakesOutWhatNobodyUses) {
  Graph graph = graph_of({node("Relu", {"x"}, {"a"}), node("Exp", {"x"}, {"b"}),
                          node("Neg", {"b"}, {"c"}), node("Neg", {"a"}, {"y"})},
                         {"y"});
  graph.initializers["unused"] = zeros({2});
  remove_dead(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Neg"));
  EXPECT_TRUE(graph.initializers.empty());
}

TEST(RemoveIdentities, KeepsTheNamesOfOutputs) {
  const Graph before = graph_of(
      {node("Identity", {"x"}, {"a"}), node("Relu", {"a"}, {"b"}), node("Dropout", {"b"}, {"c"}),
       node("Neg", {"c"}, {"d"}), node("Identity", {"d"}, {"y"}), node("Identity", {"x"}, {"z"})},
      {"y", "z"});
  Graph graph = before;
  remove_identities(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Neg", "Identity"));
  EXPECT_EQ(graph.nodes[1].outputs[0], "y");
  expect_same_results(before, graph, randn({3, 2}));
}

TEST(RemoveIdentities, AnOutputThatOthersReadKeepsItsCopy) {
  const Graph before = graph_of(
      {node("Relu", {"x"}, {"a"}), node("Identity", {"a"}, {"y"}), node("Neg", {"a"}, {"z"})},
      {"y", "z"});
  Graph graph = before;
  remove_identities(graph);
  expect_same_results(before, graph, randn({3, 2}));
}

// Whoever reads what an Identity gives reads its source when it is gone.
TEST(RemoveIdentities, CountTheReadersOfWhatTheyTakeOut) {
  const Graph before = graph_of({node("Relu", {"x"}, {"a"}), node("Identity", {"a"}, {"b"}),
                                 node("Identity", {"b"}, {"y"}), node("Neg", {"b"}, {"z"})},
                                {"y", "z"});
  Graph graph = before;
  remove_identities(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Identity", "Neg"));
  expect_same_results(before, graph, randn({3, 2}));
}

TEST(RemoveIdentities, LeaveDropoutThatMayTrainOrGivesItsMask) {
  Graph graph =
      graph_of({node("Dropout", {"x", "", "train"}, {"a"}), node("Neg", {"a"}, {"y"})}, {"y"});
  graph.initializers["train"] = full({}, 0).to(boolean);
  expect_kept(graph, remove_identities, randn({3, 2}));
  graph = graph_of({node("Dropout", {"x"}, {"a", "mask"}), node("Neg", {"a"}, {"y"}),
                    node("Cast", {"mask"}, {"z"})},
                   {"y", "z"});
  graph.nodes[2].attributes["to"] = std::int64_t{1};
  expect_kept(graph, remove_identities, randn({3, 2}));
}

TEST(FoldConstants, ComputesWhatIsConstant) {
  Graph graph = graph_of(
      {node("Exp", {"w"}, {"a"}), node("Neg", {"a"}, {"b"}), node("Add", {"x", "b"}, {"y"})},
      {"y"});
  graph.initializers["w"] = tensor({1, 2});
  const Graph before = graph;
  fold_constants(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Add"));
  EXPECT_EQ(graph.initializers.size(), 1u);
  expect_same_results(before, graph, randn({3, 2}));
}

TEST(FoldConstants, LeavesWhatWouldGrow) {
  Graph graph =
      graph_of({node("Expand", {"w", "shape"}, {"a"}), node("Add", {"x", "a"}, {"y"})}, {"y"});
  graph.initializers["w"] = tensor({1, 2});
  graph.initializers["shape"] = tensor({100, 2}).to(i64);
  fold_constants(graph, 64);
  EXPECT_THAT(operators_of(graph), ElementsAre("Expand", "Add"));
}

TEST(FoldConstants, ComputesLargeValuesThatReplaceAsLargeOnes) {
  Graph graph = graph_of({node("Neg", {"w"}, {"a"}), node("Add", {"x", "a"}, {"y"})}, {"y"});
  graph.initializers["w"] = randn({100, 2});
  fold_constants(graph, 64);
  EXPECT_THAT(operators_of(graph), ElementsAre("Add"));
}

TEST(FoldConstants, LeavesWhatIsDrawnAnewInEachRun) {
  Graph graph =
      graph_of({node("Dropout", {"w", "", "train"}, {"a"}), node("Add", {"x", "a"}, {"y"})}, {"y"});
  graph.initializers["w"] = tensor({1, 2});
  graph.initializers["train"] = full({}, 1).to(boolean);
  fold_constants(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Dropout", "Add"));
}

// A network whose running statistics have moved.
std::shared_ptr<nn::Sequential> trained(std::shared_ptr<nn::Sequential> network, const Shape& x) {
  manual_seed(5);
  for (int i = 0; i < 4; ++i) (*network)(randn(x) * 2 + 1);
  return network;
}

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

// Annotations are for people: types come from the operators.
TEST(RemoveIdentities, DoesNotBelieveWhatIsNotedOfAValue) {
  Node cast = node("Cast", {"a"}, {"y"});
  cast.attributes["to"] = std::int64_t{1};  // f32
  Graph before = graph_of({node("Add", {"x", "x"}, {"a"}), cast}, {"y"});
  before.inputs[0].dtype = i64;
  before.values["a"] = {.name = "a", .dtype = f32};  // it is i64
  expect_kept(before, remove_identities, ones({1, 2}, {.dtype = i64}));
  EXPECT_EQ(Program(before).run({ones({1, 2}, {.dtype = i64})})[0].dtype(), f32);
  // What is known needs no note: inputs, constants, casts, and what keeps its operand's type.
  Node shape = node("Shape", {"x"}, {"s"}), to_i64 = node("Cast", {"s"}, {"t"});
  to_i64.attributes["to"] = std::int64_t{7};
  Graph known = graph_of(
      {node("Relu", {"x"}, {"a"}), cast, shape, to_i64, node("Neg", {"t"}, {"z"})}, {"y", "z"});
  remove_identities(known);
  EXPECT_THAT(operators_of(known), ElementsAre("Relu", "Shape", "Neg"));
}

TEST(RemoveIdentities, KnowsTheTypesThatOperatorsGive) {
  // Each of these makes another type than that of its first input, which a Cast to f32 shows.
  const auto kept = [](Node made, std::map<std::string, Tensor> constants) {
    Node cast = node("Cast", {made.outputs[0]}, {"y"});
    cast.attributes["to"] = std::int64_t{1};
    Graph graph = graph_of({std::move(made), cast}, {"y"});
    graph.initializers = std::move(constants);
    remove_identities(graph);
    return graph.nodes.size() == 2;
  };
  for (const char* op : {"Shape", "Size", "IsNaN", "ArgMax"})
    EXPECT_TRUE(kept(node(op, {"x"}, {"a"}), {})) << op;
  for (const char* op : {"Equal", "Less", "GreaterOrEqual"})
    EXPECT_TRUE(kept(node(op, {"x", "x"}, {"a"}), {})) << op;
  EXPECT_TRUE(kept(node("CastLike", {"x", "k"}, {"a"}), {{"k", zeros({}, {.dtype = f16})}}));
  EXPECT_TRUE(kept(node("Where", {"k", "h", "h"}, {"a"}),
                   {{"k", ones({}, {.dtype = boolean})}, {"h", zeros({}, {.dtype = f16})}}));
  EXPECT_TRUE(kept(node("OneHot", {"x", "d", "v"}, {"a"}),
                   {{"d", tensor({3})}, {"v", zeros({2}, {.dtype = i64})}}));
  EXPECT_FALSE(kept(node("Where", {"k", "x", "x"}, {"a"}), {{"k", ones({}, {.dtype = boolean})}}));
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

// Of a Reshape to constant sizes that begin with the batch's, of what depends on the images.
TEST(FreeBatch, FreesTheFirstSizeOfAReshape) {
  using Ints = std::vector<std::int64_t>;
  const auto freed = [](const Ints& sizes, Attributes attributes = {}) {
    Node reshape = node("Reshape", {"x", "sizes"}, {"y"});
    reshape.attributes = std::move(attributes);
    Graph graph = graph_of({reshape}, {"y"});
    graph.inputs[0].sizes = {3, 8};
    graph.initializers["sizes"] = from_data(sizes, {static_cast<std::int64_t>(sizes.size())});
    free_batch(graph, 3);
    EXPECT_EQ(graph.inputs[0].sizes, (Ints{kFree, 8}));
    EXPECT_FALSE(graph.nodes[0].attributes.contains("allowzero") && sizes[1] != 0);
    return graph.initializers.at(graph.nodes[0].inputs[1]).to_vector<std::int64_t>();
  };
  const Attributes zeros{{"allowzero", std::int64_t{1}}};
  EXPECT_THAT(freed({3, 2, 4}), ElementsAre(-1, 2, 4));
  EXPECT_THAT(freed({3, 2, -1}), ElementsAre(0, 2, -1));
  EXPECT_THAT(freed({3, 0}), ElementsAre(-1, 0));
  EXPECT_THAT(freed({3, -1}, zeros), ElementsAre(0, -1));
  EXPECT_THAT(freed({3, 0}, zeros), ElementsAre(3, 0));
  EXPECT_THAT(freed({2, 12}), ElementsAre(2, 12));
  EXPECT_THAT(freed({-1, 3}), ElementsAre(-1, 3));

  // Sizes that others read too stay theirs: a weight has no batch.
  Graph graph = graph_of({node("Reshape", {"w", "sizes"}, {"v"}),
                          node("Reshape", {"x", "sizes"}, {"r"}), node("Add", {"r", "v"}, {"y"})},
                         {"y"});
  graph.inputs[0].sizes = {3, 2};
  graph.initializers = {{"sizes", from_data(Ints{3, 2}, {2})}, {"w", ones({6})}};
  free_batch(graph, 3);
  EXPECT_EQ(graph.nodes[0].inputs[1], "sizes");
  EXPECT_EQ(graph.nodes[1].inputs[1], "sizes.free");
}

TEST(Widen, MakesF32OfAllHalves) {
  Node cast = node("Cast", {"x"}, {"h"});
  cast.attributes["to"] = std::int64_t{10};
  Node constant = node("Constant", {}, {"k"});
  constant.attributes["value"] = ones({2}, {.dtype = bf16});
  Graph graph = graph_of(
      {cast, constant, node("Mul", {"h", "k"}, {"m"}), node("Add", {"m", "w"}, {"y"})}, {"y"});
  graph.outputs[0].dtype = f16;
  graph.initializers["w"] = ones({2}, {.dtype = f16});
  widen(graph);
  EXPECT_EQ(graph.outputs[0].dtype, f32);
  EXPECT_EQ(Program(graph).run({tensor({{70000, 0}})})[0].to_vector()[0],
            70001);  // f16 ends before
}

}  // namespace
}  // namespace fovea::graph
