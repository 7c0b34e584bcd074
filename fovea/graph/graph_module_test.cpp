#include "fovea/graph/graph_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/onnx.h"
#include "fovea/graph/trace.h"
#include "fovea/graph/weights.h"
#include "fovea/kernels/kernels.h"
#include "fovea/nn/nn.h"
#include "fovea/optim/adam.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea::graph {
namespace {

using test::message_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::shared_ptr<nn::Sequential> network() {
  manual_seed(1);
  auto made = std::make_shared<nn::Sequential>(
      nn::Conv2d({.in_channels = 1, .out_channels = 3, .kernel_size = 3}), nn::BatchNorm2d(3),
      nn::ReLU(), nn::Flatten(), nn::Linear(12, 2));
  made->eval();
  return made;
}

TEST(GraphModule, HasTheWeightsOfTheModel) {
  const auto original = network();
  GraphModule module(parse_onnx(encode_onnx(trace(*original, {2, 1, 4, 4})), "m.onnx"));
  EXPECT_THAT(names_of(module.named_parameters()),
              ElementsAre("0.weight", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias"));
  EXPECT_THAT(names_of(module.named_buffers()), ElementsAre("1.running_mean", "1.running_var"));
}

TEST(GraphModule, GradientsAreThoseOfTheModel) {
  const auto original = network();
  GraphModule module(trace(*original, {2, 1, 4, 4}));
  const Tensor x = randn({3, 1, 4, 4});
  (*original)(x).sum().backward();
  module(x).sum().backward();
  const NamedTensors expected = original->named_parameters();
  for (const auto& [name, parameter] : module.named_parameters()) {
    const auto found =
        std::ranges::find(expected, name, [](const auto& entry) { return entry.first; });
    ASSERT_NE(found, expected.end());
    EXPECT_TRUE(allclose(parameter.grad(), found->second.grad(), 1e-4, 1e-5)) << name;
  }
}

// Blocks of every length, with and without bias, and layers that join with nothing.
Graph graph_of_blocks() {
  manual_seed(3);
  nn::Sequential made(
      nn::Conv2d({.in_channels = 2, .out_channels = 6, .kernel_size = 3, .padding = 1}),
      nn::BatchNorm2d(6), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2}),
      nn::Conv2d({.in_channels = 6,
                  .out_channels = 8,
                  .kernel_size = 3,
                  .padding = 1,
                  .groups = 2,
                  .bias = false}),
      nn::BatchNorm2d(8), nn::ReLU(),
      nn::Conv2d({.in_channels = 8, .out_channels = 4, .kernel_size = 1}), nn::BatchNorm2d(4),
      nn::MaxPool2d({.kernel_size = 2, .stride = 1}),
      nn::Conv2d({.in_channels = 4, .out_channels = 4, .kernel_size = 3, .stride = 2}), nn::ReLU(),
      nn::BatchNorm2d(4), nn::Flatten(), nn::Linear(36, 5), nn::ReLU(), nn::Linear(5, 3));
  for (int i = 0; i < 5; ++i) made(randn({6, 2, 16, 16}) * 2 + 1);  // statistics of their own
  made.eval();
  return trace(made, {2, 2, 16, 16});
}

TEST(GraphModule, JoinedNeighboursGiveTheSameGradients) {
  GraphModule module(graph_of_blocks());
  Tensor x = randn({5, 2, 16, 16}, {.requires_grad = true});
  const Tensor share = randn({5, 3});
  const auto gradients = [&](const Tensor& y) {
    module.zero_grad();
    x.zero_grad();
    (y * share).sum().backward();
    Tensors result = {x.grad().clone()};
    for (const Tensor& parameter : module.parameters()) result.push_back(parameter.grad().clone());
    return result;
  };
  const Tensor joined = module(x), apart = module.program().run({x})[0];
  EXPECT_TRUE(allclose(joined, apart, 1e-5, 1e-5));
  if (kernels::has_kernel(x.device(), &kernels::KernelTable::conv_block_forward)) {
    const std::string tape = tape_to_string(joined);
    for (const char* name : {"conv_block", "batch_norm", "MaxPool", "linear_relu_dropout"})
      EXPECT_THAT(tape, HasSubstr(name));
    EXPECT_THAT(tape, Not(HasSubstr("conv2d")));
  }
  EXPECT_THAT(tape_to_string(apart), Not(HasSubstr("conv_block")));
  const Tensors actual = gradients(joined), expected = gradients(apart);
  ASSERT_EQ(actual.size(), 20U);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    // Sums of at most 1280 products, whose rounding grows with the largest.
    const double bound = 1e-5 * max(abs(expected[i])).item();
    EXPECT_TRUE(allclose(actual[i], expected[i], 1e-5, bound)) << i;
  }
}

TEST(GraphModule, LearnsAndLeavesTheGraphItCameFromAlone) {
  const auto original = network();
  const Graph graph = trace(*original, {2, 1, 4, 4});
  const Tensor before = graph.initializers.at("0.weight").clone();
  GraphModule module(graph);
  optim::Adam optimizer(module.parameters(), {.lr = 0.05});
  const Tensor x = randn({8, 1, 4, 4});
  const Tensor target = randint(0, 2, {8});
  double first = 0, last = 0;
  for (int i = 0; i < 30; ++i) {
    const Tensor loss = nn::functional::cross_entropy(module(x), target);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    (i == 0 ? first : last) = loss.item();
  }
  EXPECT_LT(last, first / 2);
  EXPECT_TRUE(equal(graph.initializers.at("0.weight"), before));
  EXPECT_FALSE(equal(module.graph().initializers.at("0.weight"), before));
}

// y = x w' + b, where a Transpose stands between w and the product: [4, 3] for [3, 4].
Graph transposed_graph() {
  return {.inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 4}}},
          .outputs = {{.name = "y", .dtype = f32, .sizes = {kFree, 3}}},
          .nodes = {{.name = "turn",
                     .op = "Transpose",
                     .inputs = {"w"},
                     .outputs = {"wt"},
                     .attributes = {{"perm", std::vector<std::int64_t>{1, 0}}}},
                    {.name = "product", .op = "MatMul", .inputs = {"x", "wt"}, .outputs = {"p"}},
                    {.name = "half", .op = "Mul", .inputs = {"p", "c"}, .outputs = {"h"}},
                    {.name = "shift", .op = "Add", .inputs = {"h", "b"}, .outputs = {"y"}}},
          .initializers = {{"w", randn({3, 4})}, {"b", zeros({3})}, {"c", full({}, 0.5)}}};
}

// Folding the Transpose would cut the weight off from its gradient.
TEST(GraphModule, LearnsThroughAChangeOfShape) {
  manual_seed(2);
  GraphModule module(transposed_graph());
  EXPECT_THAT(names_of(module.named_parameters()), ElementsAre("w", "b"));
  EXPECT_THAT(names_of(module.named_buffers()), ElementsAre("c"));
  module(ones({2, 4})).sum().backward();
  EXPECT_TRUE(equal(module.parameters()[0].grad(), ones({3, 4})));
  EXPECT_TRUE(equal(module.parameters()[1].grad(), full({3}, 2)));
}

// y = w x': the weight comes first.
TEST(GraphModule, LearnsTheFirstFactorOfAProduct) {
  GraphModule module({.inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 4}}},
                      .outputs = {{.name = "y", .dtype = f32, .sizes = {3, kFree}}},
                      .nodes = {{.name = "product",
                                 .op = "Gemm",
                                 .inputs = {"w", "x"},
                                 .outputs = {"y"},
                                 .attributes = {{"transB", std::int64_t{1}}}}},
                      .initializers = {{"w", zeros({3, 4})}}});
  EXPECT_THAT(names_of(module.named_parameters()), ElementsAre("w"));
  module(ones({2, 4})).sum().backward();
  EXPECT_TRUE(equal(module.parameters()[0].grad(), full({3, 4}, 2)));
}

TEST(GraphModule, WeightsAreTakenAndGivenBack) {
  Graph graph = transposed_graph();
  const auto weights = take_weights(graph, weights_of(graph));
  EXPECT_EQ(weights.size(), 3u);
  EXPECT_TRUE(graph.initializers.empty());
  ASSERT_EQ(graph.inputs.size(), 4u);
  EXPECT_EQ(sizes_to_string(graph.inputs[3]), "[3, 4]");
  check_graph(graph);
  give_weights(graph, weights);
  EXPECT_EQ(graph.inputs.size(), 1u);
  EXPECT_TRUE(equal(graph.initializers.at("w"), weights.at("w")));
}

TEST(GraphModule, IsAGraphAgain) {
  GraphModule module(transposed_graph());
  const Graph graph = trace(module, {2, 4});
  EXPECT_EQ(graph.nodes.size(), 4u);
  EXPECT_TRUE(equal(graph.initializers.at("w"), module.parameters()[0]));
}

TEST(GraphModule, Errors) {
  const auto original = network();
  Graph graph = trace(*original, {2, 1, 4, 4});
  graph.outputs.push_back(graph.values.at("0"));
  EXPECT_EQ(message_of<ArgumentError>([&] { GraphModule module(graph); }),
            "graph: a module expected one input and one output, got 1 and 2");
  graph.outputs.pop_back();
  graph.nodes.push_back(
      {.name = "best", .op = "ArgMax", .inputs = {graph.outputs[0].name}, .outputs = {"best"}});
  graph.outputs[0].name = "best";
  GraphModule module(graph);
  const std::string refused =
      "graph: operators after a weight expected to have gradients, got ArgMax \"best\"";
  EXPECT_EQ(message_of<ParseError>([&] { module.check_trainable(); }), refused);
  EXPECT_EQ(message_of<ParseError>([&] { module(zeros({1, 1, 4, 4})); }), refused);
  module.eval();
  EXPECT_EQ(module(zeros({1, 1, 4, 4})).dtype(), i64);  // to be run is no training

  Graph clash = transposed_graph();
  clash.initializers["b.x"] = clash.initializers.extract("b").mapped();
  clash.initializers["b"] = full({}, 0.5);
  clash.nodes[2].inputs[1] = "b";
  clash.nodes[3].inputs[1] = "b.x";
  EXPECT_EQ(message_of<ArgumentError>([&] { GraphModule bad(clash); }),
            "register_module: name expected to be new, got \"b\" (GraphModule)");
}

/// A Constant node of `value`.
Node constant_node(const std::string& name, const Tensor& value) {
  return {.name = {},
          .op = "Constant",
          .inputs = {},
          .outputs = {name},
          .attributes = {{"value", value}}};
}

// Exporters keep weights as initializers, as Constant nodes, or in half precision before a Cast.
TEST(GraphModule, LearnsWeightsInEveryForm) {
  const Tensor w = randn({3, 4}).to(f16).to(f32), b = randn({3}).to(f16).to(f32);
  const auto network = [&](std::vector<Node> before, std::map<std::string, Tensor> constants) {
    Graph graph{.inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 4}}},
                .outputs = {{.name = "y", .dtype = f32, .sizes = {kFree, 3}}},
                .nodes = std::move(before),
                .initializers = std::move(constants)};
    graph.nodes.push_back({.name = "product",
                           .op = "Gemm",
                           .inputs = {"x", "w", "b"},
                           .outputs = {"y"},
                           .attributes = {{"transB", std::int64_t{1}}}});
    return graph;
  };
  const auto cast = [](const std::string& from, const std::string& to) {
    return Node{.name = {},
                .op = "Cast",
                .inputs = {from},
                .outputs = {to},
                .attributes = {{"to", std::int64_t{1}}}};
  };
  const Tensor x = randn({2, 4});
  const Tensor expected = Program(network({}, {{"w", w}, {"b", b}})).run({x})[0];
  const auto check = [&](const Graph& graph, const std::vector<std::string>& names) {
    GraphModule module(graph);
    EXPECT_EQ(names_of(module.named_parameters()), names);
    EXPECT_TRUE(allclose(module(x), expected, 1e-6, 1e-6));
    module(x).sum().backward();
    for (const Tensor& parameter : module.parameters()) {
      EXPECT_EQ(parameter.dtype(), f32);
      EXPECT_TRUE(parameter.grad().defined());
    }
  };
  check(network({}, {{"w", w}, {"b", b}}), {"w", "b"});
  check(network({constant_node("w", w), constant_node("b", b)}, {}), {"w", "b"});
  check(network({constant_node("w", w)}, {{"b", b}}), {"w", "b"});
  check(network({cast("wh", "w"), cast("bh", "b")}, {{"wh", w.to(f16)}, {"bh", b.to(f16)}}),
        {"wh", "bh"});
  check(network({constant_node("wh", w.to(f16)), cast("wh", "w"), constant_node("b", b)}, {}),
        {"wh", "b"});
  // One that computes in half precision learns in f32.
  Graph half = network({cast("yh", "y")}, {{"w", w.to(f16)}, {"b", b.to(f16)}});
  std::swap(half.nodes[0], half.nodes[1]);
  half.nodes[0].outputs = {"yh"};
  half.nodes[0].inputs[0] = "xh";
  half.nodes.insert(half.nodes.begin(), cast("x", "xh"));
  half.nodes[0].attributes["to"] = std::int64_t{10};
  check(half, {"w", "b"});
}

// A number of the network itself is no weight, nor is what it is computed from.
TEST(GraphModule, TakesNoNumberForAWeight) {
  Graph graph{
      .inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 1, 2, 2}}},
      .outputs = {{.name = "y", .dtype = f32, .has_sizes = false}},
      .nodes = {{.name = "shift", .op = "Add", .inputs = {"x", "w"}, .outputs = {"a"}},
                {.name = "factor", .op = "Mul", .inputs = {"half", "scales"}, .outputs = {"s"}},
                {.name = "up", .op = "Resize", .inputs = {"a", "", "s"}, .outputs = {"u"}},
                {.name = "cut", .op = "Clip", .inputs = {"u", "low"}, .outputs = {"c"}},
                constant_node("two", tensor({2, 2})),
                {.name = "scale", .op = "Mul", .inputs = {"c", "two"}, .outputs = {"y"}}},
      .initializers = {{"w", ones({1, 1, 2, 2})},
                       {"half", full({}, 0.5)},
                       {"scales", tensor({2, 2, 4, 2})},
                       {"low", full({}, -1)}}};
  std::swap(graph.nodes[4], graph.nodes[0]);  // the constant first
  std::swap(graph.nodes[4], graph.nodes[1]);
  sort_nodes(graph);
  EXPECT_EQ(numbers_of(graph), (std::set<std::string>{"half", "scales", "s", "low"}));
  GraphModule module(graph);
  EXPECT_THAT(names_of(module.named_parameters()), ElementsAre("w", "two"));
  EXPECT_TRUE(module.named_buffers().empty());
  EXPECT_EQ(module(zeros({3, 1, 2, 2})).sizes(), (Shape{3, 1, 4, 2}));
  // Whoever says which are the weights is believed.
  GraphModule chosen(graph, std::set<std::string>{"w", "low"});
  EXPECT_THAT(names_of(chosen.named_parameters()), ElementsAre("w"));
  EXPECT_THAT(names_of(chosen.named_buffers()), ElementsAre("low"));
}

// A graph for two samples serves five, two at a time, with the gradients of all.
TEST(GraphModule, AFixedBatchIsServedSoManyAtATime) {
  Graph graph{
      .inputs = {{.name = "x", .dtype = f32, .sizes = {2, 2, 2}}},
      .outputs = {{.name = "y", .dtype = f32, .sizes = {2, 3}}},
      .nodes = {{.name = "flat", .op = "Reshape", .inputs = {"x", "s"}, .outputs = {"f"}},
                {.name = "product", .op = "MatMul", .inputs = {"f", "w"}, .outputs = {"y"}}},
      .initializers = {{"s", tensor({2, 4}).to(i64)}, {"w", randn({4, 3})}}};
  const Tensor w = graph.initializers["w"];
  GraphModule module(graph);
  EXPECT_EQ(module.batch_size(), 2);
  for (const std::int64_t n : {1, 2, 5}) {
    const Tensor x = randn({n, 2, 2});
    module.zero_grad();
    const Tensor y = module(x);
    EXPECT_TRUE(allclose(y, matmul(x.view({n, 4}), w), 1e-6, 1e-6)) << n;
    y.sum().backward();
    const Tensor expected = x.view({n, 4}).sum({0}).view({4, 1}).expand({4, 3});
    EXPECT_TRUE(allclose(module.parameters()[0].grad(), expected, 1e-5, 1e-5)) << n;
  }
  graph.inputs[0].sizes[0] = kFree;
  EXPECT_EQ(GraphModule(graph).batch_size(), 0);
}

}  // namespace
}  // namespace fovea::graph
