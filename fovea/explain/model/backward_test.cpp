#include "fovea/explain/model/backward.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fovea/explain/model/operations.h"
#include "fovea/explain/render.h"
#include "fovea/graph/graph_module.h"
#include "fovea/graph/trace.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"
#include "tests/support/draw.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using test::draw;
using test::get;
using test::is_null;
using test::number;
using test::places;
using testing::HasSubstr;
using testing::ThrowsMessage;

double element(Tensor tensor, const Shape& index) {
  for (const std::int64_t i : index) tensor = tensor.select(0, i);
  return tensor.item<double>();
}

/// Draws values of a run and holds the sums of their walks against the tape's gradients.
class CheckedBackward {
 public:
  CheckedBackward(nn::Module& module, const Tensor& x, std::int64_t index)
      : run_(differentiable_run(module, x)) {
    // The tape's gradients of weights, by a run of their own.
    const ModelRun other = differentiable_run(module, x);
    const Tensor score = other.output.select(0, 0).select(0, index);
    for (const LayerRun& layer : other.layers) {
      if (layer.inputs.size() < 2 || !layer.inputs[1].defined() || !layer.inputs[1].requires_grad())
        continue;
      weights_[layer.name] = grad(score, {layer.inputs[1]}, {}, true)[0];
    }
    gradients_ = layer_gradients(run_, index);
  }

  void visit(test::Random& random) {
    const auto last = static_cast<std::int64_t>(run_.layers.size()) - 1;
    const LayerRun& layer = run_.layers[static_cast<std::size_t>(draw(random, 0, last))];
    const Shape& sizes = layer.output().sizes();
    LayerOptions options{.layer = layer.name, .channel = draw(random, 0, sizes[1] - 1)};
    for (int i = 2; i < sizes.ndim(); ++i) options.at.push_back(draw(random, 0, sizes[i] - 1));
    SCOPED_TRACE(
        str(layer.name, " ", layer.type, " channel ", options.channel, " at ", options.at));
    check(layer, options, walk_backward(run_, gradients_, options));
  }

  const std::map<std::string, int>& summed() const { return summed_; }

 private:
  void check(const LayerRun& layer, const LayerOptions& options, const Walk& walk) {
    Shape index{0, options.channel};
    for (const std::int64_t place : options.at) index.push_back(place);
    EXPECT_EQ(number(get(walk, "value")), element(layer.output().detach(), index));
    EXPECT_EQ(number(get(walk, "upstream")), element(gradients_.of(layer.output()), index));
    const std::string& op = layer.op.empty() ? layer.type : layer.op;
    if (const Value& weight = get(walk, "weight"); !is_null(weight)) {
      const Shape at = places(get(weight, "at"));
      EXPECT_EQ(number(get(weight, "value")), element(layer.inputs[1].detach(), at));
      if (weights_.contains(layer.name)) {
        EXPECT_NEAR(number(get(weight, "sum")), element(weights_.at(layer.name), at),
                    1e-6 * number(get(weight, "size")) + 1e-30);
        ++summed_[op + " weight"];
      }
    }
    const Value& input = get(walk, "input");
    if (is_null(input)) return;
    const Shape at = places(get(input, "at"));
    EXPECT_EQ(number(get(input, "value")), element(layer.inputs[0].detach(), at));
    const double gradient = element(gradients_.of(layer.inputs[0]), at);
    EXPECT_EQ(number(get(input, "gradient")), gradient);
    if (is_null(get(input, "sum")) || has_branches(layer)) return;
    EXPECT_NEAR(number(get(input, "sum")), gradient, 1e-6 * number(get(input, "size")) + 1e-30);
    ++summed_[op];
  }

  /// Whether somebody else reads what the layer reads.
  bool has_branches(const LayerRun& layer) const {
    int readers = 0;
    for (const LayerRun& one : run_.layers)
      for (const Tensor& input : one.inputs)
        readers += input.defined() && input.impl() == layer.inputs[0].impl() ? 1 : 0;
    return readers > 1;
  }

  ModelRun run_;
  LayerGradients gradients_;
  std::map<std::string, Tensor> weights_;
  std::map<std::string, int> summed_;
};

void visit_model(nn::Module& module, const Shape& input, const std::vector<std::string>& kinds) {
  Shape batch = input;
  batch.insert(0, 1);
  CheckedBackward checked(module, rand(batch), 3);
  test::Random random(test::seed());
  for (int i = 0; i < 300; ++i) checked.visit(random);
  for (const std::string& kind : kinds) EXPECT_TRUE(checked.summed().contains(kind)) << kind;
}

std::shared_ptr<nn::Module> drawn_net(const std::string& name,
                                      const models::ModelOptions& options) {
  manual_seed(test::seed());
  return models::make_model(name, options);
}

TEST(WalkBackward, SumsOfFashionCnnAreTheTapesGradients) {
  visit_model(
      *drawn_net("fashion-cnn", {}), {1, 28, 28},
      {"Conv weight", "Conv", "BatchNormalization", "Relu", "MaxPool", "Gemm weight", "Gemm"});
}

TEST(WalkBackward, SumsOfResNetAreTheTapesGradients) {
  visit_model(*drawn_net("resnet18", {{"image_size", "16"}, {"num_classes", "10"}}), {3, 16, 16},
              {"Conv weight", "Conv", "Add", "GlobalAveragePool"});
}

TEST(WalkBackward, SumsOfGoogLeNetAreTheTapesGradients) {
  visit_model(*drawn_net("googlenet", {{"image_size", "32"}, {"num_classes", "10"}}), {3, 32, 32},
              {"Conv weight", "MaxPool"});
}

TEST(WalkBackward, SumsOfAGroupedNetworkAreTheTapesGradients) {
  visit_model(*drawn_net("mobilenet_v2", {{"image_size", "32"}, {"num_classes", "10"}}),
              {3, 32, 32}, {"Conv weight", "Conv"});
}

TEST(WalkBackward, SumsOfAGraphAreTheTapesGradients) {
  const auto net = drawn_net("lenet5", {});
  net->eval();
  const auto graph = [&] {
    const NoGrad no_grad;
    return std::make_shared<graph::GraphModule>(graph::trace(*net, {1, 1, 32, 32}));
  }();
  visit_model(*graph, {1, 32, 32}, {"Conv weight", "Conv", "Gemm weight", "Gemm", "MaxPool"});
}

// Strides, dilations and borders of every kind.
TEST(WalkBackward, SumsOfOddWindowsAreTheTapesGradients) {
  manual_seed(test::seed());
  nn::Sequential net(nn::Conv2d({.in_channels = 4,
                                 .out_channels = 6,
                                 .kernel_size = {3, 2},
                                 .stride = {2, 3},
                                 .padding = PerDim{2, 1},
                                 .dilation = {2, 1},
                                 .groups = 2}),
                     nn::AvgPool2d({.kernel_size = 3, .stride = 2, .padding = 1}),
                     nn::MaxPool2d({.kernel_size = 2, .stride = 1, .padding = 1}), nn::Flatten(),
                     nn::Linear(72, 5));
  visit_model(net, {4, 11, 10},
              {"Conv weight", "Conv", "AveragePool", "MaxPool", "Gemm weight", "Gemm"});
}

// 2 and 3 meet the weights 0.5 and -1 of one output, 4 and 0 of the other.
nn::Linear worked_linear() {
  nn::Linear net(2, 2);
  const NoGrad no_grad;
  for (auto& [name, parameter] : net.named_parameters()) {
    Tensor values = parameter;
    values.copy_(name == "weight" ? tensor({{0.5, -1}, {4, 0}}) : tensor({10, 20}));
  }
  return net;
}

TEST(WalkBackward, AFullyConnectedLayerByHand) {
  nn::Linear net = worked_linear();
  const ModelRun run = differentiable_run(net, tensor({{2, 3}}));
  LayerGradients gradients = layer_gradients(run, 0);
  gradients.name = "shoe";
  const Walk walk = walk_backward(run, gradients, {.layer = "linear", .channel = 0});
  EXPECT_EQ(walk.title.english, "linear (Linear): value 0, backwards");
  EXPECT_EQ(walk.title.korean, "linear (Linear): 값 0, 거꾸로");
  EXPECT_EQ(number(get(walk, "value")), 8) << "2 x 0.5 - 3 + 10";
  EXPECT_EQ(number(get(walk, "upstream")), 1);
  EXPECT_EQ(test::text(get(walk, "name")), "shoe");
  const Value& weight = get(walk, "weight");
  EXPECT_EQ(places(get(weight, "at")), Shape({0, 1})) << "3 is the larger input";
  EXPECT_EQ(number(get(weight, "sum")), 3);
  EXPECT_EQ(number(get(weight, "terms")), 1);
  const Value& input = get(walk, "input");
  EXPECT_EQ(places(get(input, "at")), Shape({0, 1}));
  EXPECT_EQ(number(get(input, "gradient")), -1);
  EXPECT_EQ(number(get(input, "sum")), -1) << "1 x (-1) + 0 x 0";
  const std::string words = test::notes(walk);
  EXPECT_THAT(words, HasSubstr("The value is 8. By how much the score of shoe, 8, changes"));
  EXPECT_THAT(words, HasSubstr("gradient of the weight = 3 x 1 = 3"));
  EXPECT_THAT(words, HasSubstr("gradient of the input value = -1"));
}

// The chapter's kernel of ones: each weight's gradient is the sum of what lay under it.
TEST(WalkBackward, AConvolutionByHand) {
  nn::Sequential net(nn::Conv2d({.in_channels = 1, .out_channels = 1, .kernel_size = 2}),
                     nn::Flatten(), nn::Linear(4, 1));
  {
    const NoGrad no_grad;
    for (Tensor parameter : net.parameters()) parameter.fill_(1);
  }
  const ModelRun run =
      differentiable_run(net, tensor({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}).view({1, 1, 3, 3}));
  const Walk walk =
      walk_backward(run, layer_gradients(run, 0), {.layer = "0", .channel = 0, .at = {0, 0}});
  const Value& weight = get(walk, "weight");
  EXPECT_EQ(places(get(weight, "at")), Shape({0, 0, 1, 1})) << "where 5 is, the largest there";
  EXPECT_EQ(number(get(weight, "sum")), 5 + 6 + 8 + 9);
  EXPECT_EQ(number(get(weight, "terms")), 4);
  EXPECT_EQ(number(get(get(walk, "input"), "sum")), 4) << "four windows see the middle";
  const Board& board = test::first<Board>(walk);
  EXPECT_THAT(test::marked(board, board.stops[0], Role::kRead), testing::ElementsAre(5, 6, 8, 9));
  EXPECT_THAT(test::marked(board, board.stops[0], Role::kWeigh), testing::ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(board.stops[0].lines.at(0), "28");
  EXPECT_THAT(to_text(walk), HasSubstr("gradient of the weight = 28"));
}

TEST(WalkBackward, MaxPoolingRoutesAndReluGates) {
  nn::Sequential net(nn::ReLU(), nn::MaxPool2d({.kernel_size = 2}), nn::Flatten(),
                     nn::Linear(1, 1));
  const ModelRun run = differentiable_run(net, tensor({{1, -2}, {3, 3}}).view({1, 1, 2, 2}));
  const LayerGradients gradients = layer_gradients(run, 0);
  const Walk pool = walk_backward(run, gradients, {.layer = "1", .at = {0, 0}});
  EXPECT_EQ(places(get(get(pool, "input"), "at")), Shape({0, 0, 1, 0})) << "the first of equals";
  EXPECT_EQ(number(get(get(pool, "input"), "sum")), number(get(pool, "upstream")));
  EXPECT_TRUE(is_null(get(pool, "weight")));
  EXPECT_THAT(test::notes(pool), HasSubstr("The largest value of a window gets all"));
  const Walk gate = walk_backward(run, gradients, {.layer = "0", .at = {0, 1}});
  EXPECT_EQ(number(get(get(gate, "input"), "sum")), 0) << "of -2";
  const Walk other = walk_backward(run, gradients, {.layer = "0", .at = {1, 1}});
  EXPECT_EQ(number(get(get(other, "input"), "sum")), 0) << "the pooling took the first 3";
}

TEST(WalkBackward, OfWhatIsNotWrittenOutBothGradientsAreShown) {
  nn::Sequential net(nn::Tanh(), nn::Linear(2, 1));
  const ModelRun run = differentiable_run(net, tensor({{0.5, 2}}));
  const LayerGradients gradients = layer_gradients(run, 0);
  const Walk walk = walk_backward(run, gradients, {.layer = "0", .channel = 1});
  const Value& input = get(walk, "input");
  EXPECT_TRUE(is_null(get(input, "sum")));
  EXPECT_NEAR(number(get(input, "gradient")),
              number(get(walk, "upstream")) * (1 - std::tanh(2.0) * std::tanh(2.0)), 1e-6);
  EXPECT_THAT(test::notes(walk), HasSubstr("gradient: "));
}

TEST(WalkBackward, SaysWhereAnotherBranchReadsTheValue) {
  const auto net = drawn_net("resnet18", {{"image_size", "16"}, {"num_classes", "10"}});
  const ModelRun run = differentiable_run(*net, rand({1, 3, 16, 16}));
  const LayerGradients gradients = layer_gradients(run, 1);
  int said = 0;
  for (std::int64_t channel = 0; channel < 8; ++channel) {
    const Walk walk = walk_backward(run, gradients,
                                    {.layer = "layer1.0.conv1", .channel = channel, .at = {1, 1}});
    said += test::notes(walk).find("Another branch reads the value too") != std::string::npos;
  }
  EXPECT_GT(said, 0);
}

TEST(WalkBackward, EveryWordIsInBothLanguages) {
  const auto net = drawn_net("fashion-cnn", {});
  const ModelRun run = differentiable_run(*net, rand({1, 1, 28, 28}));
  const LayerGradients gradients = layer_gradients(run, 1);
  for (const LayerRun& layer : run.layers) {
    const Walk walk = walk_backward(run, gradients, {.layer = layer.name});
    for (const Block& block : walk.blocks) {
      const auto* note = std::get_if<Note>(&block);
      if (note == nullptr || note->look != Note::Look::kParagraph) continue;
      EXPECT_NE(note->text.english, note->text.korean) << layer.name;
    }
  }
}

TEST(WalkBackward, SaysWhatIsWrong) {
  nn::Linear net = worked_linear();
  const ModelRun run = differentiable_run(net, tensor({{2, 3}}));
  const LayerGradients gradients = layer_gradients(run, 0);
  EXPECT_THAT([&] { walk_backward(run, gradients, {.layer = "linear", .channel = 2}); },
              ThrowsMessage<IndexError>("explain: channel expected in 0 to 1, got 2 (layer linear, "
                                        "output [1, 2])"));
  EXPECT_THAT([&] { walk_backward(run, {}, {.layer = "linear"}); },
              ThrowsMessage<ArgumentError>(
                  "explain: layer expected to be one that the score depends on, got linear"));
}

}  // namespace
}  // namespace fovea::explain
