#include "fovea/models/onnx_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/onnx.h"
#include "fovea/graph/program.h"
#include "fovea/graph/trace.h"
#include "fovea/io/base64.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

using graph::Graph;
using graph::Node;
using test::is_close;
using test::message_of;
using testing::HasSubstr;
using Ints = std::vector<std::int64_t>;

// 2 channels of 6x6 pixels, 3 classes.
Graph small_graph() {
  manual_seed(4);
  nn::Sequential network(nn::Conv2d({.in_channels = 2, .out_channels = 4, .kernel_size = 3}),
                         nn::BatchNorm2d(4), nn::ReLU(), nn::Flatten(), nn::Linear(64, 3));
  return graph::trace(network, {2, 2, 6, 6});
}

// The model runs fused, its graph node by node: sums of 64 products in another order.
constexpr double kRounding = 1e-6;

/// The file of a graph, in a folder of its own.
class OnnxFile {
 public:
  explicit OnnxFile(const Graph& graph) { graph::save_onnx(path(), graph); }
  std::string path() const { return (folder_ / "net.onnx").string(); }
  /// The model with the file's weights, in evaluation mode.
  std::shared_ptr<nn::Module> model(const ModelOptions& options = {}) const {
    const ModelChoice choice = choose_model(path(), options);
    auto model = make_model(choice.name, choice.options);
    const StateDict state = model->state_dict();
    StateDict weights;  // the file has numbers of the network too, sizes of a Reshape say
    for (const auto& [name, tensor] : io::TensorFile(path(), graph::onnx_arrays).read_all()) {
      if (find(state, name) != nullptr) weights.emplace_back(name, tensor);
    }
    model->load_state_dict(weights);
    model->eval();
    return model;
  }

 private:
  test::TempDir folder_;
};

/// The graph with a Reshape to `sizes` in place of Flatten.
Graph reshaping(Graph graph, const Ints& sizes) {
  for (Node& node : graph.nodes) {
    if (node.op != "Flatten") continue;
    node.op = "Reshape";
    node.attributes.clear();
    node.inputs.emplace_back("shape");
  }
  graph.initializers["shape"] = from_data(sizes, {static_cast<std::int64_t>(sizes.size())});
  return graph;
}

std::string refusal_of(const Graph& graph, const ModelOptions& options = {}) {
  const OnnxFile file(graph);
  std::string text = message_of<ParseError>([&] { file.model(options); });
  // Some messages have the path, others the name.
  if (const auto at = text.find(file.path()); at != std::string::npos)
    text.replace(at, file.path().size(), "net.onnx");
  return text;
}

TEST(OnnxModel, IsMadeOfItsFile) {
  Graph graph = small_graph();
  graph.metadata["note"] = "of the file alone";
  const OnnxFile file(graph);
  const ModelChoice choice = choose_model(file.path());
  EXPECT_EQ(choice.name, "onnx");
  EXPECT_EQ(choice.weights, file.path());
  EXPECT_EQ(choice.options.at("file"), "net.onnx");
  const ModelOptions options = complete_options("onnx", choice.options);
  EXPECT_EQ(options.at("num_classes"), "3");
  EXPECT_EQ(options.at("in_channels"), "2");
  EXPECT_EQ(options.at("image_size"), "6");
  EXPECT_EQ(model_input("onnx", options), (Shape{2, 6, 6}));
  EXPECT_FALSE(model_info("onnx").draws_weights);

  // The text has the operations and no weights.
  const auto text = io::decode_base64(choice.options.at("graph"));
  ASSERT_TRUE(text.has_value());
  EXPECT_LT(text->size(), 1500U);
  EXPECT_TRUE(graph::parse_onnx(*text, "text").metadata.empty());
  for (const auto& [name, tensor] : make_model("onnx", options)->state_dict())
    EXPECT_EQ(abs(tensor).max().item(), 0) << name;

  const NoGrad no_grad;
  const Tensor x = randn({3, 2, 6, 6});
  const auto model = file.model();
  EXPECT_TRUE(is_close((*model)(x), graph::Program(graph).run({x})[0], kRounding, kRounding));
  EXPECT_EQ(model->num_parameters(), 4 * 18 + 4 + 4 + 4 + 64 * 3 + 3);
}

TEST(OnnxModel, TakesBatchesOfAnySizeWhateverTheFileSays) {
  const Graph free = small_graph();
  Graph fixed = free;
  fixed.inputs[0].sizes[0] = fixed.outputs[0].sizes[0] = 1;
  const auto model = OnnxFile(fixed).model();
  const NoGrad no_grad;
  const Tensor x = randn({5, 2, 6, 6});
  EXPECT_TRUE(is_close((*model)(x), graph::Program(free).run({x})[0], kRounding, kRounding));
  // What it exports says so too.
  const Graph again = graph::trace(*model, {2, 2, 6, 6});
  EXPECT_EQ(graph::sizes_to_string(again.inputs[0]), "[N, 2, 6, 6]");
  EXPECT_TRUE(again.values.empty());

  // Exporters that know one batch size write it into Reshapes: [1, 64] here, and [1, -1].
  for (const Ints& sizes : {Ints{1, 64}, Ints{1, -1}}) {
    const auto reshaped = OnnxFile(reshaping(fixed, sizes)).model();
    EXPECT_TRUE(is_close((*reshaped)(x), graph::Program(free).run({x})[0], kRounding, kRounding));
    EXPECT_EQ(graph::sizes_to_string(graph::trace(*reshaped, {2, 2, 6, 6}).inputs[0]),
              "[N, 2, 6, 6]");
  }
}

// Where the batch size stands elsewhere the file's is the one that is served.
TEST(OnnxModel, ServesAFileForOneImageOneAtATime) {
  const Graph free = small_graph();
  Graph one = free;
  one.inputs[0].sizes[0] = one.outputs[0].sizes[0] = 1;
  one = reshaping(one, {1, 64});
  // The first image alone goes on: with more, the others would be lost in silence.
  one.nodes.push_back({.name = "first",
                       .op = "Slice",
                       .inputs = {one.outputs[0].name, "from", "to", "from"},
                       .outputs = {"s"}});
  one.initializers["from"] = tensor({0}).to(i64);
  one.initializers["to"] = tensor({1}).to(i64);
  one.outputs[0].name = "s";
  const auto model = OnnxFile(one).model();
  const NoGrad no_grad;
  const Tensor x = randn({3, 2, 6, 6});
  EXPECT_TRUE(is_close((*model)(x), graph::Program(free).run({x})[0], kRounding, kRounding));
  const Graph again = graph::trace(*model, {2, 2, 6, 6});
  EXPECT_EQ(graph::sizes_to_string(again.inputs[0]), "[1, 2, 6, 6]");
  for (const auto& [name, tensor] :
       make_model("onnx", complete_options("onnx", choose_model(OnnxFile(one).path()).options))
           ->state_dict())
    EXPECT_EQ(abs(tensor).max().item(), 0) << name;
  // Images that meet each other are not those of a batch: each has its own mean taken off.
  Graph mixed = free;
  mixed.inputs[0].sizes[0] = mixed.outputs[0].sizes[0] = 1;
  mixed.nodes.push_back({.name = "mean",
                         .op = "ReduceMean",
                         .inputs = {mixed.outputs[0].name},
                         .outputs = {"m"},
                         .attributes = {{"axes", Ints{0}}}});
  mixed.nodes.push_back(
      {.name = "sub", .op = "Sub", .inputs = {mixed.outputs[0].name, "m"}, .outputs = {"d"}});
  mixed.outputs[0].name = "d";
  EXPECT_TRUE(is_close((*OnnxFile(mixed).model())(x), zeros({3, 3})));
}

// f32 constants that are no weights are there before the weights are.
TEST(OnnxModel, KeepsTheScalesOfAResize) {
  Graph graph = small_graph();
  const Graph plain = graph;
  graph.nodes.insert(graph.nodes.begin(), {.name = "up",
                                           .op = "Resize",
                                           .inputs = {graph.inputs[0].name, "", "scales"},
                                           .outputs = {"u"}});
  graph.nodes[1].inputs[0] = "u";
  graph.initializers["scales"] = tensor({1, 1, 2, 2});
  graph.inputs[0].sizes = {graph::kFree, 2, 3, 3};
  const OnnxFile file(graph);
  const auto model = file.model();
  for (const auto& [name, tensor] : model->state_dict()) EXPECT_NE(name, "scales");
  const NoGrad no_grad;
  const Tensor x = randn({2, 2, 3, 3});
  EXPECT_TRUE(is_close((*model)(x), graph::Program(graph).run({x})[0], kRounding, kRounding));
}

// Weights in Constant nodes or in half precision are weights, and not a part of the text.
TEST(OnnxModel, TakesWeightsInEveryForm) {
  const Graph plain = small_graph();
  const NoGrad no_grad;
  const Tensor x = randn({2, 2, 6, 6}), expected = graph::Program(plain).run({x})[0];
  Graph constants = plain;
  for (const auto& [name, tensor] : plain.initializers) {
    if (!is_floating(tensor.dtype())) continue;
    constants.nodes.insert(constants.nodes.begin(), {.name = {},
                                                     .op = "Constant",
                                                     .inputs = {},
                                                     .outputs = {name},
                                                     .attributes = {{"value", tensor}}});
    constants.initializers.erase(name);
  }
  const OnnxFile file_of_nodes(constants);
  const auto of_nodes = file_of_nodes.model();
  EXPECT_TRUE(is_close((*of_nodes)(x), expected, kRounding, kRounding));
  EXPECT_EQ(of_nodes->num_parameters(), 4 * 18 + 4 + 4 + 4 + 64 * 3 + 3);

  Graph halves = plain;
  for (auto& [name, tensor] : halves.initializers)
    if (is_floating(tensor.dtype())) tensor = tensor.to(f16);
  for (graph::Value* value : {&halves.inputs[0], &halves.outputs[0]}) value->dtype = f16;
  halves.values.clear();
  const OnnxFile file(halves);
  const auto of_halves = file.model();
  EXPECT_EQ(of_halves->num_parameters(), of_nodes->num_parameters());
  EXPECT_TRUE(is_close((*of_halves)(x), expected, 1e-2, 1e-2));  // weights of 11 bits
  for (const std::string& path : {file.path(), file_of_nodes.path()})
    EXPECT_LT(io::decode_base64(choose_model(path).options.at("graph"))->size(), 1500U);
}

TEST(OnnxModel, FindsTheClassesThatTheFileDoesNotName) {
  Graph graph = small_graph();
  graph.outputs[0].has_sizes = false;
  const OnnxFile file(graph);
  EXPECT_EQ(complete_options("onnx", choose_model(file.path()).options).at("num_classes"), "3");
  EXPECT_EQ(refusal_of(graph, {{"num_classes", "4"}}),
            "net.onnx: classes expected 3, as its network has, got 4");
}

TEST(OnnxModel, TakesTheSideOfImagesFromTheirWidthToo) {
  Graph graph = small_graph();
  graph.inputs[0].sizes[2] = graph::kFree;
  EXPECT_EQ(complete_options("onnx", choose_model(OnnxFile(graph).path()).options).at("image_size"),
            "6");
  EXPECT_EQ(refusal_of(graph, {{"image_size", "7"}}),
            "net.onnx: width expected 6, as its network has, got 7");
}

TEST(OnnxModel, IsMadeForTraining) {
  Graph graph = small_graph();
  graph.outputs[0].has_sizes = false;  // what is found by running the network
  const ModelChoice choice = choose_model(OnnxFile(graph).path());
  EXPECT_TRUE(make_model(choice.name, choice.options)->is_training());
}

TEST(OnnxModel, GivesScoresWhereTheFileGivesProbabilities) {
  const Graph scores = small_graph();
  Graph probabilities = scores;
  probabilities.nodes.push_back({.name = "softmax",
                                 .op = "Softmax",
                                 .inputs = {scores.outputs[0].name},
                                 .outputs = {"p"},
                                 .attributes = {{"axis", std::int64_t{1}}}});
  probabilities.outputs[0].name = "p";
  const NoGrad no_grad;
  const Tensor x = randn({2, 2, 6, 6}), expected = graph::Program(scores).run({x})[0];
  EXPECT_TRUE(is_close((*OnnxFile(probabilities).model())(x), expected, kRounding, kRounding));
  probabilities.nodes.push_back(
      {.name = "also", .op = "Relu", .inputs = {"p"}, .outputs = {"for nobody"}});
  EXPECT_TRUE(is_close((*OnnxFile(probabilities).model())(x), expected, kRounding, kRounding));
  probabilities.nodes.pop_back();
  probabilities.nodes.back().inputs.clear();
  EXPECT_THAT(refusal_of(probabilities), HasSubstr("softmax"));
}

// Over another dimension it is a part of the network: all scores are 1 / n here.
TEST(OnnxModel, KeepsASoftmaxOverTheBatch) {
  Graph graph = small_graph();
  graph.nodes.push_back({.name = "softmax",
                         .op = "Softmax",
                         .inputs = {graph.outputs[0].name},
                         .outputs = {"p"},
                         .attributes = {{"axis", std::int64_t{0}}}});
  graph.outputs[0].name = "p";
  const auto model = OnnxFile(graph).model();
  const NoGrad no_grad;
  EXPECT_TRUE(is_close((*model)(ones({2, 2, 6, 6})), full({2, 3}, 0.5)));
}

TEST(OnnxModel, Errors) {
  Graph graph = small_graph();
  EXPECT_EQ(refusal_of(graph, {{"in_channels", "1"}}),
            "net.onnx: channels expected 2, as its network has, got 1");
  EXPECT_EQ(refusal_of(graph, {{"image_size", "7"}}),
            "net.onnx: height expected 6, as its network has, got 7");
  EXPECT_EQ(refusal_of(graph, {{"num_classes", "10"}}),
            "net.onnx: classes expected 3, as its network has, got 10");
  Graph untrue = graph;
  untrue.outputs[0].sizes[1] = 10;
  EXPECT_EQ(refusal_of(untrue), "net.onnx: classes expected 3, as its network has, got 10");
  Graph wide = graph;
  wide.inputs[0].sizes = {graph::kFree, 2, 6, 8};
  EXPECT_EQ(refusal_of(wide), "net.onnx: images expected square, got [N, 2, 6, 8]");
  Graph rows = graph;
  rows.inputs[0].sizes = {graph::kFree, 72};
  EXPECT_EQ(refusal_of(rows),
            "net.onnx: input expected f32 images [n, channels, height, width], got f32 [N, 72]");
  Graph two = graph;
  two.inputs.push_back({.name = "other", .dtype = f32, .sizes = {1}});
  EXPECT_EQ(refusal_of(two), "net.onnx: network expected one input, got 2");
  EXPECT_THAT(refusal_of(reshaping(graph, {1, 65})),
              HasSubstr("net.onnx: network expected to take two images of 2x6x6, got an error: "
                        "Reshape "));
  // A row for all images together.
  Graph together = graph;
  together.nodes.push_back({.name = "sum",
                            .op = "ReduceSum",
                            .inputs = {graph.outputs[0].name, "axes"},
                            .outputs = {"s"}});
  together.initializers["axes"] = tensor({0}).to(i64);
  together.outputs[0] = {.name = "s", .dtype = f32, .has_sizes = false};
  EXPECT_EQ(refusal_of(together),
            "net.onnx: network expected to give scores [2, classes] for two images, got [1, 3]");
  Graph numbers = graph;
  numbers.initializers["numbers"] = zeros({std::int64_t{1} << 21}, {.dtype = i64});
  EXPECT_THAT(refusal_of(numbers),
              testing::MatchesRegex(
                  "net.onnx: network expected at most 16777216 bytes without its weights, "
                  "got 1677[0-9]+"));

  const auto made_of = [](const std::string& text) {
    return message_of<ParseError>([&] { make_onnx_model({.graph = text, .file = "a file"}); });
  };
  EXPECT_EQ(made_of(""),
            "a file: graph expected the operations of a network, got none (name an "
            ".onnx file as the model)");
  EXPECT_EQ(made_of("?"), "a file: graph expected base64, got other text");
  const auto made_of_graph = [&](const Graph& given) {
    return made_of(io::encode_base64(graph::encode_onnx(given)));
  };
  Graph outputs = small_graph();
  outputs.outputs.push_back({.name = outputs.nodes[0].outputs[0], .has_sizes = false});
  EXPECT_EQ(made_of_graph(outputs),
            "a file: network expected one input and one output, got several");
  Graph sizeless = small_graph();
  sizeless.inputs.push_back({.name = "weight", .dtype = f32, .has_sizes = false});
  EXPECT_EQ(message_of<ParseError>([&] {
              make_onnx_model({.graph = io::encode_base64(graph::encode_onnx(sizeless)),
                               .file = "a file",
                               .num_classes = 3,
                               .in_channels = 2,
                               .image_size = 6});
            }),
            "a file: weight \"weight\" expected sizes, got ?");
  EXPECT_THAT(made_of("AAAA"), HasSubstr("(a file"));
  EXPECT_THAT(message_of<IoError>([] { choose_model("none.onnx"); }), HasSubstr("none.onnx"));
}

}  // namespace
}  // namespace fovea::models
