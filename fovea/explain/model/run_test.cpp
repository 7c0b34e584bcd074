#include "fovea/explain/model/run.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "fovea/graph/graph_module.h"
#include "fovea/graph/trace.h"
#include "fovea/models/model_cost.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const ModelRun& run) {
  std::vector<std::string> names;
  for (const LayerRun& layer : run.layers) names.push_back(layer.name);
  return names;
}

TEST(RunModel, NamesModulesAndWhatTheyDoBetweenThem) {
  const auto net = models::make_model("fashion-cnn", {{"image_size", "8"}});
  const ModelRun run = evaluate_model(*net, zeros({2, 1, 8, 8}));
  EXPECT_THAT(names_of(run),
              ElementsAre("layer1.0", "layer1.1", "layer1.2", "layer1.3", "layer2.0", "layer2.1",
                          "layer2.2", "layer2.3", "flatten", "fc1", "drop", "fc2", "fc3"));
  EXPECT_EQ(run.layers[0].type, "Conv2d");
  EXPECT_EQ(run.layers[0].op, "Conv");
  EXPECT_EQ(run.layers[0].inputs.size(), 3u);
  EXPECT_EQ(run.layers[8].type, "Flatten");
  EXPECT_EQ(run.layers[10].type, "Dropout");
  EXPECT_EQ(run.layers[10].op, "");
  EXPECT_TRUE(net->is_training());
  for (const auto& [name, part] : net->named_modules()) EXPECT_FALSE(part->has_forward_hooks());
}

// A module that runs twice, two sums, and one of them after a module.
class Residual final : public nn::Module {
 public:
  Residual() {
    register_module("act", act_);
    register_module("conv", conv_);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor y = act_(conv_(x) + x);
    return act_(conv_(relu(y)) + y);
  }

 private:
  nn::ReLU act_;
  nn::Conv2d conv_{{.in_channels = 2, .out_channels = 2, .kernel_size = 3, .padding = 1}};
};

TEST(RunModel, NamesAreThoseOfTheTrace) {
  Residual net;
  const ModelRun run = evaluate_model(net, randn({1, 2, 5, 5}));
  EXPECT_THAT(names_of(run),
              ElementsAre("conv", "add", "act", "relu_1", "conv_1", "add_1", "act_1"));
  std::set<std::string> traced;
  for (const graph::Node& node : graph::trace(net, {1, 2, 5, 5}).nodes) traced.insert(node.name);
  for (const LayerRun& layer : run.layers) {
    if (layer.type != layer.op) continue;
    EXPECT_TRUE(traced.contains(layer.name)) << layer.name;
  }
}

TEST(RunModel, GivesWhatTheKernelsComputed) {
  Residual net;
  net.eval();
  const Tensor x = randn({1, 2, 5, 5});
  const ModelRun run = run_model(net, x);
  EXPECT_TRUE(equal(run.output.detach(), net(x).detach()));
  EXPECT_TRUE(equal(run.layers.back().output().detach(), run.output.detach()));
  // What one layer gives the next one reads.
  EXPECT_EQ(run.layers[1].inputs[0].impl(), run.layers[0].output().impl());
  // On the tape, so that gradients with respect to it can be asked for.
  const Tensors gradients = grad(run.output.sum(), {run.layers[0].output()});
  EXPECT_EQ(gradients[0].sizes(), (Shape{1, 2, 5, 5}));
}

TEST(RunModel, OfGraphsTheNodesAreTheLayers) {
  const auto net = models::make_model("lenet5");
  net->eval();
  const NoGrad no_grad;
  graph::GraphModule module(graph::trace(*net, {1, 1, 32, 32}));
  const Tensor x = rand({1, 1, 32, 32});
  const ModelRun run = evaluate_model(module, x), own = evaluate_model(*net, x);
  EXPECT_EQ(run.layers.size(), own.layers.size());
  EXPECT_EQ(run.layers.front().name, "conv1");
  EXPECT_EQ(run.layers.front().type, "Conv");
  EXPECT_TRUE(equal(run.output, own.output));
}

TEST(RunModel, AGraphOfAFixedBatchIsFilledUp) {
  const auto net = models::make_model("lenet5");
  net->eval();
  graph::Graph graph = graph::trace(*net, {3, 1, 32, 32});
  graph.inputs[0].sizes[0] = 3;
  graph::GraphModule module(graph);
  const Tensor x = rand({1, 1, 32, 32});
  const NoGrad no_grad;
  const ModelRun run = evaluate_model(module, x);
  EXPECT_EQ(run.output.sizes(), (Shape{3, 10}));
  EXPECT_TRUE(allclose(run.output.narrow(0, 0, 1), (*net)(x), 1e-5, 1e-6));
}

/// "a + b > c" for each layer.
std::vector<std::string> edges_of(const ModelRun& run) {
  std::vector<std::string> edges;
  for (const LayerRun& layer : run.layers) {
    std::string text;
    for (const std::string& source : layer.sources) text += (text.empty() ? "" : " + ") + source;
    edges.push_back(text + " > " + layer.name);
  }
  return edges;
}

TEST(RunModel, SaysWhoseOutputsALayerReads) {
  Residual net;
  EXPECT_THAT(edges_of(evaluate_model(net, randn({1, 2, 5, 5}))),
              ElementsAre("input > conv", "conv + input > add", "add > act", "act > relu_1",
                          "relu_1 > conv_1", "conv_1 + act > add_1", "add_1 > act_1"));
}

TEST(RunModel, SourcesLookThroughWhatIsNoLayer) {
  const auto net = models::make_model("fashion-cnn", {{"image_size", "8"}});
  const ModelRun run = evaluate_model(*net, zeros({2, 1, 8, 8}));
  for (std::size_t i = 0; i < run.layers.size(); ++i)
    EXPECT_THAT(run.layers[i].sources,
                ElementsAre(i == 0 ? std::string(kInputName) : run.layers[i - 1].name));
}

TEST(RunModel, OfGraphsTheSourcesAreThoseOfTheModules) {
  const auto net = models::make_model("resnet18", {{"image_size", "32"}, {"num_classes", "10"}});
  net->eval();
  const NoGrad no_grad;
  const Tensor x = rand({1, 3, 32, 32});
  const ModelRun own = evaluate_model(*net, x);
  graph::GraphModule module(graph::trace(*net, {1, 3, 32, 32}));
  const ModelRun run = evaluate_model(module, x);
  ASSERT_EQ(run.layers.size(), own.layers.size());
  std::map<std::string, std::string> names = {{kInputName, kInputName}};
  for (std::size_t i = 0; i < own.layers.size(); ++i) {
    names[own.layers[i].name] = run.layers[i].name;
    std::vector<std::string> renamed;
    for (const std::string& source : own.layers[i].sources) renamed.push_back(names.at(source));
    EXPECT_THAT(run.layers[i].sources, testing::UnorderedElementsAreArray(renamed))
        << run.layers[i].name;
  }
}

TEST(RunModel, TellsWhereTheTimeGoes) {
  const auto net = models::make_model("lenet5");
  net->eval();
  const NoGrad no_grad;
  graph::GraphModule graph(graph::trace(*net, {1, 1, 32, 32}));
  for (nn::Module* const module : std::initializer_list<nn::Module*>{net.get(), &graph}) {
    const ModelRun run = evaluate_model(*module, rand({1, 1, 32, 32}));
    double sum = 0;
    for (const LayerRun& layer : run.layers) {
      EXPECT_GE(layer.milliseconds, 0) << layer.name;
      if (layer.op == "Conv") {
        EXPECT_GT(layer.milliseconds, 0) << layer.name;
      }
      sum += layer.milliseconds;
    }
    EXPECT_EQ(sum, run.milliseconds());
  }
}

// What fovea summary says of a model.
void expect_costs(nn::Module& module, const Shape& input) {
  Shape batch = input;
  batch.insert(0, 2);
  const ModelRun run = evaluate_model(module, zeros(batch));
  const models::ModelCost cost = models::measure_cost(module, input);
  std::map<std::string, const LayerRun*> layers;
  std::int64_t parameters = 0, multiply_adds = 0;
  for (const LayerRun& layer : run.layers) {
    layers[layer.name] = &layer;
    parameters += layer.parameters;
    multiply_adds += multiply_adds_of(layer);
  }
  EXPECT_EQ(parameters, cost.parameters);
  EXPECT_EQ(multiply_adds, cost.multiply_adds);
  for (const models::LayerCost& layer : cost.layers) {
    if (!layers.contains(layer.name)) continue;  // a module that runs again
    EXPECT_EQ(multiply_adds_of(*layers[layer.name]), layer.multiply_adds) << layer.name;
    EXPECT_EQ(layers[layer.name]->parameters, layer.parameters) << layer.name;
  }
}

TEST(RunModel, CountsWhatSummaryCounts) {
  const auto cnn = models::make_model("fashion-cnn");
  expect_costs(*cnn, {1, 28, 28});
  const auto mobile = models::make_model("mobilenet_v2", {{"num_classes", "10"}});
  expect_costs(*mobile, {3, 32, 32});
  cnn->eval();
  const NoGrad no_grad;
  graph::GraphModule graph(graph::trace(*cnn, {1, 1, 28, 28}));
  expect_costs(graph, {1, 28, 28});
}

}  // namespace
}  // namespace fovea::explain
