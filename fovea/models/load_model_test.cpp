#include "fovea/models/load_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "fovea/core/error.h"
#include "fovea/graph/onnx.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/model_graph.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

using test::message_of;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

/// Weights of a small network with five classes, in files of several kinds.
class LoadModel : public testing::Test {
 protected:
  LoadModel() {
    manual_seed(3);
    model_ = make_model("fashion-dnn", card_.options);
    model_->eval();
    save_model_file(file("own.safetensors"), *model_, card_);
    io::save_safetensors(file("nameless.safetensors"), model_->state_dict());
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  Tensor scores_of(nn::Module& module) const {
    const NoGrad no_grad;
    Generator generator(1);
    return module(rand({2, 1, 28, 28}, {}, generator));
  }

  test::TempDir folder_;
  ModelCard card_{.model = "fashion-dnn",
                  .options = {{"num_classes", "5"}, {"dropout", "0.5"}},
                  .classes = {"a", "b", "c", "d", "e"},
                  .input = {1, 28, 28},
                  .normalize = {{0.5}, {0.25}},
                  .fit = PictureFit::kCrop,
                  .ground = Ground{.mean = 0.1, .std = 0.2}};
  std::shared_ptr<nn::Module> model_;
};

TEST_F(LoadModel, TakesAllFromAFileThatSaysIt) {
  const LoadedModel loaded = load_model({.weights = file("own.safetensors")});
  EXPECT_EQ(loaded.card.model, "fashion-dnn");
  EXPECT_EQ(loaded.card.options.at("num_classes"), "5");
  EXPECT_EQ(loaded.card.options.at("dropout"), "0.5");
  EXPECT_EQ(loaded.card.options.at("image_size"), "28") << "options are complete";
  EXPECT_EQ(loaded.card.classes, card_.classes);
  EXPECT_EQ(loaded.card.input, (Shape{1, 28, 28}));
  EXPECT_EQ(loaded.card.normalize, card_.normalize);
  EXPECT_EQ(loaded.card.fit, PictureFit::kCrop);
  EXPECT_EQ(loaded.card.ground, card_.ground);
  EXPECT_EQ(loaded.classes, 5);
  EXPECT_EQ(loaded.note, "");
  EXPECT_FALSE(loaded.module->is_training());
  EXPECT_TRUE(equal(scores_of(*loaded.module), scores_of(*model_)));
}

TEST_F(LoadModel, AFileWithoutANameNeedsOne) {
  const std::string weights = file("nameless.safetensors");
  EXPECT_EQ(message_of<ArgumentError>([&] { load_model({.weights = weights}); }),
            "model: name expected, got none, nor do the weights name theirs (" + weights + ")");
  EXPECT_EQ(message_of<ArgumentError>([] { load_model(ModelRequest{}); }),
            "model: name expected, got none");
  const LoadedModel loaded =
      load_model({.weights = weights, .model = "fashion-dnn", .options = {{"num_classes", "5"}}});
  EXPECT_TRUE(equal(scores_of(*loaded.module), scores_of(*model_)));
  EXPECT_TRUE(loaded.card.classes.empty());
}

TEST_F(LoadModel, WithoutWeightsTheyAreFresh) {
  const LoadedModel loaded = load_model({.model = "lenet5", .options = {{"num_classes", "3"}}});
  EXPECT_EQ(loaded.classes, 3);
  EXPECT_EQ(loaded.card.input, (Shape{1, 32, 32}));
  EXPECT_FALSE(loaded.module->is_training());
}

// What is given wins over a named file, and that over the weights' own; options belong to their
// model.
TEST_F(LoadModel, TheNearestOptionWins) {
  const auto options = [&](ModelRequest request) { return find_model(std::move(request)).options; };
  const std::string own = file("own.safetensors");
  EXPECT_EQ(options({.weights = own}), card_.options);
  EXPECT_EQ(options({.weights = own, .model = "fashion-dnn"}), card_.options)
      << "to say what the file says changes nothing";
  EXPECT_THAT(options({.weights = own, .model = "fashion-dnn", .options = {{"dropout", "0"}}}),
              testing::UnorderedElementsAre(Pair("num_classes", "5"), Pair("dropout", "0")));
  EXPECT_TRUE(options({.weights = own, .model = "fashion-cnn"}).empty());
  test::put_file(file("net.toml"), "[[layer]]\ntype = \"Flatten\"\n");
  EXPECT_THAT(options({.model = file("net.toml"), .options = {{"num_classes", "7"}}}),
              testing::AllOf(Contains(Pair("file", "net.toml")), Contains(Pair("num_classes", "7")),
                             Contains(Pair("layers", HasSubstr("Flatten")))));
}

TEST_F(LoadModel, AnOnnxFileBringsItsWeights) {
  graph::save_onnx(file("net.onnx"), graph_of(load_model({.weights = file("own.safetensors")})));
  const FoundModel found = find_model({.model = file("net.onnx")});
  EXPECT_EQ(found.name, "onnx");
  EXPECT_EQ(found.file, file("net.onnx"));
  const LoadedModel loaded = load_model(found);
  EXPECT_EQ(loaded.card.classes, card_.classes);
  EXPECT_TRUE(test::is_close(scores_of(*loaded.module), scores_of(*model_), 0, 1e-6));
  // Or the network is that of the file, and the weights are of another one.
  const LoadedModel named = load_model({.weights = file("net.onnx"), .model = "fashion-dnn"});
  EXPECT_EQ(named.card.model, "fashion-dnn");
  EXPECT_TRUE(equal(scores_of(*named.module), scores_of(*model_)));
}

TEST_F(LoadModel, RefusesWeightsOfAnotherModel) {
  const std::string own = file("own.safetensors"), nameless = file("nameless.safetensors");
  EXPECT_EQ(
      message_of<ParseError>([&] { load_model({.weights = own, .model = "fashion-cnn"}); }),
      "weights: file expected to hold those of \"fashion-cnn\", got those of \"fashion-dnn\" (" +
          own + ")");
  EXPECT_THAT(
      message_of<ParseError>([&] { load_model({.weights = nameless, .model = "fashion-cnn"}); }),
      StartsWith("weights: file expected to hold those of \"fashion-cnn\", got others: "));
}

// What nobody asked for came from the file: that is what is wrong then.
TEST_F(LoadModel, SaysWhoseOptionCannotBe) {
  card_.options["dropout"] = "2";
  const std::string bad = file("bad.safetensors");
  save_model_file(bad, *model_, card_);
  const std::string what = "fashion-dnn: dropout expected a number from 0 to below 1, got \"2\"";
  EXPECT_EQ(message_of<ParseError>([&] { load_model({.weights = bad}); }), what + " (" + bad + ")");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              load_model({.weights = file("own.safetensors"), .options = {{"dropout", "2"}}});
            }),
            what);
}

TEST_F(LoadModel, ImagesOfTheFileAreTheModels) {
  card_.input = {3, 28, 28};
  card_.normalize = {};
  const std::string bad = file("bad.safetensors");
  save_model_file(bad, *model_, card_);
  EXPECT_EQ(message_of<ParseError>([&] { load_model({.weights = bad}); }),
            "weights: images expected 1 channels as the model, got 3x28x28 (" + bad + ")");
}

TEST_F(LoadModel, NotesWhatWasConverted) {
  StateDict halves = model_->state_dict();
  for (auto& [name, tensor] : halves) tensor = tensor.to(f16);
  const std::string weights = file("half.safetensors");
  io::save_safetensors(weights, halves);
  EXPECT_EQ(
      load_model({.weights = weights, .model = "fashion-dnn", .options = {{"num_classes", "5"}}})
          .note,
      "weights: 6 tensors of f16 became f32 (" + weights + ")");
}

/// Gives other scores in every call.
struct Fickle : nn::Module {
  Tensor forward(const Tensor& x) override {
    return x.sum({1, 2, 3}) * static_cast<double>(++calls);
  }
  int calls = 0;
};

TEST(CheckedGraph, SeesThatAModelIsNoFunctionOfItsInput) {
  LoadedModel fickle;
  fickle.module = std::make_shared<Fickle>();
  fickle.card.model = "fickle";
  fickle.card.input = {1, 4, 4};
  EXPECT_EQ(message_of<StateError>([&] { checked_graph(fickle); }),
            "export: graph expected to compute what the model does, got other numbers (fickle)");
}

}  // namespace
}  // namespace fovea::models
