#include "fovea/explain/model/layer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fovea/explain/render.h"
#include "fovea/graph/onnx.h"
#include "fovea/models/load_model.h"
#include "fovea/models/model_graph.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/draw.h"
#include "tests/support/temp_dir.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using test::draw;
using test::get;
using test::is_null;
using test::message_of;
using test::number;
using test::numbers;
using test::places;

/// What tells whether a walk is right: how its value follows from what was read.
class CheckedRun {
 public:
  CheckedRun(nn::Module& module, const Tensor& x) : run_(evaluate_model(module, x)) {}

  const ModelRun& run() const { return run_; }
  const std::map<std::string, int>& seen() const { return seen_; }

  void visit(test::Random& random) {
    const auto last = static_cast<std::int64_t>(run_.layers.size()) - 1;
    const LayerRun& layer = run_.layers[static_cast<std::size_t>(draw(random, 0, last))];
    const Shape& sizes = layer.output().sizes();
    LayerOptions options{.layer = layer.name, .channel = draw(random, 0, sizes[1] - 1)};
    for (int i = 2; i < sizes.ndim(); ++i) options.at.push_back(draw(random, 0, sizes[i] - 1));
    options.sample = draw(random, 0, sizes[0] - 1);
    SCOPED_TRACE(str(layer.name, " ", layer.type, " channel ", options.channel, " at ", options.at,
                     " sample ", options.sample));
    Shape index{options.sample, options.channel};
    for (const std::int64_t place : options.at) index.push_back(place);
    check_walk(layer, walk_layer(run_, options), index);
    ++seen_[layer.op.empty() ? layer.type : layer.op];
  }

 private:
  static float element(Tensor tensor, const Shape& index) {
    for (const std::int64_t i : index) tensor = tensor.select(0, i);
    return tensor.item<float>();
  }

  void check_walk(const LayerRun& layer, const Walk& walk, const Shape& index) {
    const double value = number(get(walk, "value"));
    ASSERT_EQ(value, static_cast<double>(element(layer.output().detach(), index)));
    const std::vector<double> window = numbers(get(walk, "window"));
    const std::string& op = layer.op.empty() ? layer.type : layer.op;
    if (op == "Conv" || op == "Gemm" || op == "BatchNormalization") {
      double size = 0, sum = 0;
      for (const double product : numbers(get(walk, "products"))) {
        size += std::abs(product);
        sum += product;
      }
      const Value& given = get(walk, "bias");
      const double bias = is_null(given) ? 0 : number(given);
      EXPECT_NEAR(sum, number(get(walk, "sum")), 1e-13 * size);
      EXPECT_LE(std::abs(value - (sum + bias)), 1e-6 * (size + std::abs(bias)));
    } else if (op == "MaxPool" || op == "GlobalMaxPool") {
      EXPECT_EQ(value, *std::ranges::max_element(window));
      Shape from{index[0], index[1]};
      for (const std::int64_t place : places(get(walk, "chosen_at"))) from.push_back(place);
      EXPECT_EQ(value, static_cast<double>(element(layer.inputs[0].detach(), from)));
    } else if (op == "AveragePool" || op == "GlobalAveragePool") {
      double size = 0;
      for (const double one : window) size += std::abs(one);
      const double count = number(get(walk, "count"));
      EXPECT_LE(std::abs(value - number(get(walk, "sum")) / count), 1e-6 * size / count);
    } else if (op == "Relu") {
      EXPECT_EQ(value, std::max(window.at(0), 0.0));
    } else if (op == "Tanh") {
      EXPECT_NEAR(value, std::tanh(window.at(0)), 3e-7);
    } else if (op == "Add") {
      EXPECT_EQ(static_cast<float>(value), static_cast<float>(number(get(walk, "sum"))));
    } else if (op == "Dropout") {
      EXPECT_EQ(value, window.at(0));
    } else if (op == "Flatten" || op == "Concat" || op == "Reshape") {
      const auto input = static_cast<std::size_t>(number(get(walk, "input")));
      EXPECT_EQ(value, static_cast<double>(
                           element(layer.inputs.at(input).detach(), places(get(walk, "from")))));
    } else {
      ADD_FAILURE() << "no check of " << op;
    }
  }

  ModelRun run_;
  std::map<std::string, int> seen_;
};

/// Running statistics as a training leaves them.
void move_statistics(nn::Module& module, Generator& generator) {
  const NoGrad no_grad;
  for (auto& [name, buffer] : module.named_buffers()) {
    Tensor tensor = buffer;
    if (name.ends_with("running_mean")) tensor.copy_(randn(tensor.sizes(), {}, generator) * 0.3);
    if (name.ends_with("running_var")) tensor.copy_(rand(tensor.sizes(), {}, generator) * 2 + 0.2);
  }
}

std::shared_ptr<nn::Module> drawn_model(const std::string& name,
                                        const models::ModelOptions& options) {
  manual_seed(test::seed());
  auto module = models::make_model(name, options);
  move_statistics(*module, default_generator());
  return module;
}

void visit_model(nn::Module& module, const Shape& input) {
  Shape batch = input;
  batch.insert(0, 2);
  CheckedRun checked(module, rand(batch));
  test::Random random(test::seed());
  for (int i = 0; i < 200; ++i) checked.visit(random);
  std::string seen;
  for (const auto& [op, count] : checked.seen()) seen += str(" ", op, " ", count);
  EXPECT_GE(checked.seen().size(), 4u) << seen;
}

TEST(WalkLayer, ValuesOfFashionCnnFollowFromWhatWasRead) {
  visit_model(*drawn_model("fashion-cnn", {}), {1, 28, 28});
}

TEST(WalkLayer, ValuesOfLeNetFollowFromWhatWasRead) {
  visit_model(*drawn_model("lenet5", {}), {1, 32, 32});
}

TEST(WalkLayer, ValuesOfVggFollowFromWhatWasRead) {
  visit_model(*drawn_model("vgg11_bn", {{"image_size", "32"}, {"num_classes", "10"}}), {3, 32, 32});
}

TEST(WalkLayer, ValuesOfGoogLeNetFollowFromWhatWasRead) {
  visit_model(*drawn_model("googlenet", {{"image_size", "32"}, {"num_classes", "10"}}),
              {3, 32, 32});
}

TEST(WalkLayer, ValuesOfResNetFollowFromWhatWasRead) {
  visit_model(*drawn_model("resnet18", {{"image_size", "16"}, {"num_classes", "10"}}), {3, 16, 16});
}

TEST(WalkLayer, ValuesOfAnOnnxImportFollowFromWhatWasRead) {
  const test::TempDir folder;
  models::LoadedModel model;
  model.module = drawn_model("fashion-cnn", {});
  model.card = {.model = "fashion-cnn",
                .options = models::complete_options("fashion-cnn"),
                .classes = {},
                .input = {1, 28, 28}};
  model.classes = 10;
  graph::save_onnx(folder / "m.onnx", models::graph_of(model));
  const models::LoadedModel imported =
      models::load_model(models::ModelRequest{.model = (folder / "m.onnx").string()});
  visit_model(*imported.module, {1, 28, 28});
  const ModelRun run = evaluate_model(*imported.module, zeros({1, 1, 28, 28}));
  EXPECT_EQ(run.layers.front().name, "layer1.0");
  EXPECT_EQ(run.layers.front().type, "Conv");
}

/// What walk_layer says of a value of one layer of `module`.
Walk walk_of_module(nn::Module& module, const Tensor& x, const LayerOptions& options) {
  return walk_layer(evaluate_model(module, x), options);
}

/// The chapter's image and kernel.
Tensor worked_image() {
  return tensor({{1, 0, 0, 0, 0, 1},
                 {0, 1, 0, 0, 1, 0},
                 {0, 0, 1, 1, 0, 0},
                 {1, 0, 0, 0, 1, 0},
                 {0, 1, 0, 0, 1, 0},
                 {0, 0, 1, 0, 1, 0}})
      .view({1, 1, 6, 6});
}

nn::Sequential worked_convolution(std::int64_t padding) {
  nn::Sequential net(
      nn::Conv2d({.in_channels = 1, .out_channels = 1, .kernel_size = 3, .padding = padding}));
  const NoGrad no_grad;
  Tensor weight = net.state_dict()[0].second, bias = net.state_dict()[1].second;
  weight.copy_(tensor({{1, 0, 1}, {0, 1, 0}, {1, 0, 1}}).view({1, 1, 3, 3}));
  bias.fill_(0.5);
  return net;
}

TEST(WalkLayer, SaysTheChaptersConvolution) {
  nn::Sequential net = worked_convolution(0);
  const Walk walk = walk_of_module(net, worked_image(), {.layer = "0", .at = {0, 3}});
  std::vector<std::string> keys;
  for (const auto& [key, value] : std::get<Fields>(walk.document.kind())) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("layer", "type", "channel", "at", "window", "weights",
                                         "bias", "products", "sum", "value"));
  EXPECT_EQ(test::text(get(walk, "layer")), "0");
  EXPECT_EQ(test::text(get(walk, "type")), "Conv2d");
  EXPECT_EQ(places(get(walk, "at")), (Shape{0, 3}));
  EXPECT_THAT(numbers(get(walk, "window")), testing::ElementsAre(0, 0, 1, 0, 1, 0, 1, 0, 0));
  EXPECT_THAT(numbers(get(walk, "weights")), testing::ElementsAre(1, 0, 1, 0, 1, 0, 1, 0, 1));
  EXPECT_EQ(number(get(walk, "bias")), 0.5);
  EXPECT_THAT(numbers(get(walk, "products")), testing::ElementsAre(0, 0, 1, 0, 1, 0, 1, 0, 0));
  EXPECT_EQ(number(get(walk, "sum")), 3);
  EXPECT_EQ(number(get(walk, "value")), 3.5);
  EXPECT_EQ(walk.title.english, "0 (Conv2d): channel 0, row 0, column 3");
  EXPECT_EQ(walk.title.korean, "0 (Conv2d): 채널 0, 행 0, 열 3");
  const Board& board = std::get<Board>(walk.blocks.at(1));
  EXPECT_THAT(
      board.stops.at(0).lines,
      testing::ElementsAre("(0x1)+(0x0)+(1x1) + (0x0)+(1x1)+(0x0) + (1x1)+(0x0)+(0x1) = 3"));
  const Cells& cells = board.stops[0].marks.at(0).cells;
  EXPECT_EQ((Shape{cells.row, cells.column, cells.rows, cells.columns}), (Shape{0, 3, 3, 3}));
  EXPECT_EQ(std::get<Note>(walk.blocks.at(2)).text.english, "3 + 0.5 = 3.5");
}

TEST(WalkLayer, BordersAreZerosOfTheWindow) {
  nn::Sequential net = worked_convolution(1);
  const Walk walk = walk_of_module(net, worked_image(), {.layer = "0", .at = {0, 5}});
  EXPECT_THAT(numbers(get(walk, "window")), testing::ElementsAre(0, 0, 0, 0, 1, 0, 1, 0, 0));
  const Board& board = std::get<Board>(walk.blocks.at(1));
  EXPECT_EQ(board.grids[0].values.sizes(), (Shape{8, 8}));
  EXPECT_EQ(board.grids[0].padding_rows, 1);
  const Cells& cells = board.stops[0].marks.at(0).cells;
  EXPECT_EQ((Shape{cells.row, cells.column}), (Shape{0, 5}));
}

TEST(WalkLayer, PoolingsSayWhatTheyChoose) {
  const Tensor x =
      tensor({{3, -1, 12, -1}, {-3, 1, 0, 1}, {2, -3, 0, 1}, {3, -2, 4, -1}}).view({1, 1, 4, 4});
  nn::Sequential largest(nn::MaxPool2d({.kernel_size = 2})),
      least(nn::MinPool2d({.kernel_size = 2})), mean(nn::AvgPool2d({.kernel_size = 2})),
      edge(
          nn::AvgPool2d({.kernel_size = 3, .stride = 1, .padding = 1, .count_include_pad = false})),
      uneven(nn::AdaptiveAvgPool2d(3)), all(nn::AdaptiveMaxPool2d(1));
  const Walk max = walk_of_module(largest, x, {.layer = "0", .at = {1, 0}});
  EXPECT_EQ(number(get(max, "value")), 3);
  EXPECT_EQ(places(get(max, "chosen_at")), (Shape{3, 0}));
  EXPECT_TRUE(is_null(get(max, "sum")));
  const Walk min = walk_of_module(least, x, {.layer = "0", .at = {1, 0}});
  EXPECT_EQ(number(get(min, "value")), -3);
  EXPECT_EQ(places(get(min, "chosen_at")), (Shape{2, 1}));
  const Walk average = walk_of_module(mean, x, {.layer = "0", .at = {0, 1}});
  EXPECT_EQ(number(get(average, "sum")), 12);
  EXPECT_EQ(number(get(average, "value")), 3);
  const Walk corner = walk_of_module(edge, x, {.layer = "0", .at = {0, 0}});
  EXPECT_EQ(number(get(corner, "count")), 4);
  EXPECT_EQ(numbers(get(corner, "window")).size(), 4u);
  const Walk part = walk_of_module(uneven, x, {.layer = "0", .at = {1, 1}});
  EXPECT_THAT(numbers(get(part, "window")), testing::ElementsAre(1, 0, -3, 0));
  EXPECT_EQ(number(get(part, "value")), -0.5);
  EXPECT_EQ(number(get(walk_of_module(all, x, {.layer = "0"}), "value")), 12);
}

/// The formulas of a walk, in order.
std::vector<std::string> formulas(const Walk& walk) {
  std::vector<std::string> lines;
  for (const Block& block : walk.blocks) {
    const auto* note = std::get_if<Note>(&block);
    if (note != nullptr && note->look == Note::Look::kFormula) lines.push_back(note->text.english);
  }
  return lines;
}

TEST(WalkLayer, BatchNormSaysItsStatistics) {
  nn::Sequential net{nn::BatchNorm2d(1, {.eps = 0})};
  const NoGrad no_grad;
  for (const auto& [name, value] :
       {std::pair("0.weight", 3.0), std::pair("0.bias", -0.5), std::pair("0.running_mean", -1.0),
        std::pair("0.running_var", 4.0)}) {
    Tensor tensor = *find(net.state_dict(), name);
    tensor.fill_(value);
  }
  const Walk walk = walk_of_module(net, full({1, 1, 1, 1}, 2), {.layer = "0"});
  EXPECT_EQ(number(get(walk, "mean")), -1);
  EXPECT_EQ(number(get(walk, "var")), 4);
  EXPECT_EQ(number(get(walk, "normalized")), 1.5);
  EXPECT_EQ(number(get(walk, "sum")), 4.5);
  EXPECT_EQ(number(get(walk, "value")), 4);
  EXPECT_THAT(formulas(walk), testing::ElementsAre("(2 - (-1)) / sqrt(4 + 0) = 1.5",
                                                   "1.5 x 3 + (-0.5) = 4.5 + (-0.5) = 4"));
}

/// x + (x - 3 x), by functions alone.
class Arithmetic final : public nn::Module {
 public:
  Tensor forward(const Tensor& x) override { return relu(x + (x - x * (x / x))); }
};

TEST(WalkLayer, OperationsOnTwoValuesSayBoth) {
  Arithmetic net;
  const ModelRun run = evaluate_model(net, tensor({{2, -4}}));
  const LayerRun& whole = run.layers.at(0);
  EXPECT_EQ(whole.name, "arithmetic");
  const auto line = [&](const char* part) {
    return formulas(walk_layer(run, {.layer = part, .channel = 1})).at(0);
  };
  EXPECT_EQ(line("arithmetic.div"), "(-4) / (-4) = 1");
  EXPECT_EQ(line("arithmetic.mul"), "(-4x1) = -4");
  EXPECT_EQ(line("arithmetic.sub"), "(-4) - (-4) = 0");
  EXPECT_EQ(line("arithmetic.add"), "(-4) + 0 = -4");
  EXPECT_EQ(line("arithmetic.relu"), "max(-4, 0) = 0");
}

TEST(WalkLayer, EveryWordIsInBothLanguages) {
  const auto net = drawn_model("googlenet", {{"image_size", "16"}});
  const ModelRun run = evaluate_model(*net, rand({1, 3, 16, 16}));
  for (const LayerRun& layer : run.layers) {
    const Walk walk = walk_layer(run, {.layer = layer.name});
    for (const Block& block : walk.blocks) {
      const auto* note = std::get_if<Note>(&block);
      if (note == nullptr || note->look != Note::Look::kParagraph) continue;
      EXPECT_NE(note->text.english, note->text.korean) << layer.name;
    }
  }
}

TEST(WalkLayer, LocalResponseNormIsShownByEveryRenderer) {
  nn::Sequential net(nn::LocalResponseNorm({.size = 3, .alpha = 0.3, .beta = 0.5, .k = 2}));
  Tensor x = zeros({1, 4, 1, 1});
  for (std::int64_t i = 0; i < 4; ++i) x.narrow(1, i, 1).fill_(static_cast<double>(i + 1));
  const Walk middle = walk_of_module(net, x, {.layer = "0", .channel = 2, .at = {0, 0}});
  EXPECT_THAT(numbers(get(middle, "window")), testing::ElementsAre(2, 3, 4));
  EXPECT_EQ(number(get(middle, "sum")), 29);
  EXPECT_NEAR(number(get(middle, "value")), 3 / std::sqrt(2 + 0.3 * 29 / 3), 1e-6);
  const Walk first = walk_of_module(net, x, {.layer = "0", .channel = 0, .at = {0, 0}});
  EXPECT_THAT(numbers(get(first, "window")), testing::ElementsAre(1, 2));
  EXPECT_NEAR(number(get(first, "value")), 1 / std::sqrt(2 + 0.3 * 5 / 3), 1e-6);
  const Walk last = walk_of_module(net, x, {.layer = "0", .channel = 3, .at = {0, 0}});
  EXPECT_EQ(number(get(last, "sum")), 25);
  EXPECT_NEAR(number(get(last, "value")), 4 / std::sqrt(2 + 0.3 * 25 / 3), 1e-6);
  // 3 / (2 + 0.3 x 29 / 3)^0.5, in all forms that a walk has.
  const char* const formula = "3 / (2 + 0.3 x 29 / 3)^0.5 = 1.355";
  for (const std::string& shown : {to_text(middle), to_svg(middle), to_html(middle)})
    EXPECT_THAT(shown, testing::HasSubstr(formula));
  for (const std::string& shown : {to_json(middle), to_page(middle)})
    EXPECT_THAT(shown, testing::HasSubstr("\"size\": 3"));
}

TEST(WalkLayer, SoftmaxIsAShareOfPowers) {
  nn::Sequential net(nn::Softmax(1));
  const Walk walk = walk_of_module(net, tensor({{1, 2, 4}}), {.layer = "0", .channel = 1});
  EXPECT_THAT(numbers(get(walk, "window")), testing::ElementsAre(1, 2, 4));
  EXPECT_NEAR(number(get(walk, "sum")), std::exp(-3) + std::exp(-2) + 1, 1e-12);
  EXPECT_NEAR(number(get(walk, "value")), std::exp(-2) / number(get(walk, "sum")), 1e-7);
}

TEST(WalkLayer, ModulesOfSeveralOperationsShowTheirParts) {
  nn::Sequential net{nn::SiLU()};
  const ModelRun run = evaluate_model(net, tensor({{1, -2}}));
  ASSERT_EQ(run.layers.size(), 1u);
  ASSERT_EQ(run.layers[0].parts.size(), 2u);
  EXPECT_EQ(run.layers[0].parts[0].name, "0.sigmoid");
  const Walk whole = walk_layer(run, {.layer = "0", .channel = 1});
  const Walk last = walk_layer(run, {.layer = "0.mul", .channel = 1});
  EXPECT_EQ(number(get(whole, "value")), number(get(last, "value")));
  EXPECT_EQ(std::get<Table>(whole.blocks.at(1)).rows.size(), 2u);
}

TEST(WalkLayer, ErrorsSayWhatThereIs) {
  const auto net = drawn_model("fashion-cnn", {});
  const ModelRun run = evaluate_model(*net, zeros({1, 1, 28, 28}));
  const auto error = [&](const LayerOptions& options) {
    return message_of<Error>([&] { walk_layer(run, options); });
  };
  EXPECT_EQ(error({.layer = "layer1.00"}),
            "explain: layer expected to be one that runs, got \"layer1.00\"; did you mean "
            "\"layer1.0\"? (layers: layer1.0, layer1.1, layer1.2, layer1.3, layer2.0, layer2.1, "
            "layer2.2, layer2.3, ...)");
  EXPECT_EQ(error({.layer = "layer2"}),
            "explain: layer expected to be one that runs, got \"layer2\" (layers: layer2.0, "
            "layer2.1, layer2.2, layer2.3)");
  EXPECT_EQ(
      error({.layer = "layer1.0", .channel = 32}),
      "explain: channel expected in 0 to 31, got 32 (layer layer1.0, output [1, 32, 28, 28])");
  EXPECT_EQ(error({.layer = "layer1.0", .at = {28, 0}}),
            "explain: row expected in 0 to 27, got 28 (layer layer1.0, output [1, 32, 28, 28])");
  EXPECT_EQ(error({.layer = "layer1.0", .at = {1}}),
            "explain: place expected 2 numbers, got 1 (layer layer1.0, output [1, 32, 28, 28])");
  EXPECT_EQ(error({.layer = "fc3", .at = {1}}),
            "explain: place expected 0 numbers, got 1 (layer fc3, output [1, 10])");
  EXPECT_EQ(error({.layer = "fc3", .sample = 1}),
            "explain: sample expected in 0 to 0, got 1 (layer fc3, output [1, 10])");
}

}  // namespace
}  // namespace fovea::explain
