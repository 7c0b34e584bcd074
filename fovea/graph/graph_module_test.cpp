#include "fovea/graph/graph_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/onnx.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/nn.h"
#include "fovea/optim/adam.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {
namespace {

using ::testing::ElementsAre;

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
              ElementsAre("0.bias", "0.weight", "1.bias", "1.weight", "4.bias", "4.weight"));
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

TEST(GraphModule, Errors) {
  const auto original = network();
  Graph graph = trace(*original, {2, 1, 4, 4});
  graph.outputs.push_back(graph.values.at("0"));
  try {
    GraphModule module(graph);
    ADD_FAILURE();
  } catch (const ArgumentError& error) {
    EXPECT_STREQ(error.what(), "graph: a module expected one input and one output, got 1 and 2");
  }
  graph.outputs.pop_back();
  Node node;
  node.op = "ArgMax";
  node.name = "best";
  node.inputs = {graph.outputs[0].name};
  node.outputs = {"best"};
  graph.nodes.push_back(node);
  graph.outputs[0].name = "best";
  try {
    GraphModule module(graph);
    ADD_FAILURE();
  } catch (const ArgumentError& error) {
    EXPECT_STREQ(error.what(),
                 "graph: operators after a weight expected to have gradients, got ArgMax \"best\"");
  }
}

}  // namespace
}  // namespace fovea::graph
