// ONNX files as models: judged, trained further, exported again.

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "fovea/graph/onnx.h"
#include "fovea/graph/trace.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"
#include "tests/support/sanitized.h"

namespace fovea::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

constexpr const char* kRun = "runs/train/exp";
constexpr const char* kTuned = "runs/train/exp/weights/best.safetensors";

/// A folder with model.onnx, exported from the weights of trained_run().
class OnnxFiles : public testing::Test {
 protected:
  OnnxFiles() {
    const ProcessResult result =
        call({"export", "--weights", trained_weights(), "--output", "model.onnx"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "wrote model.onnx\n");
  }
  ProcessResult call(const std::vector<std::string>& words) const {
    return fovea(words,
                 {.directory = folder_.path(), .environment = {{"FOVEA_DATA", tiny_root()}}});
  }
  Json json_of(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const ProcessResult result = call(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? Json::parse(result.out) : Json();
  }
  /// `fovea train WORDS...` for an epoch.
  ProcessResult train(std::vector<std::string> words) const {
    words.insert(words.begin(), "train");
    words.insert(words.end(), {"--epochs", "1", "--lr", "0.0001", "--threads", "2", "--quiet"});
    return call(words);
  }

  TempDir folder_;
};

TEST_F(OnnxFiles, AreJudgedAsTheWeightsThatTheyCameFrom) {
  const Json report = Json::parse(get_file(trained_run() + "/report.json"));
  const Json judged = json_of({"eval", "--weights", "model.onnx"});
  EXPECT_EQ(judged["model"], "onnx");
  EXPECT_EQ(judged["accuracy"], report["accuracy"]);
  EXPECT_EQ(
      json_of({"predict", "--weights", "model.onnx", "--index", "3"})[0]["top"][0]["class"],
      json_of({"predict", "--weights", trained_weights(), "--index", "3"})[0]["top"][0]["class"]);
  const Json summary = json_of({"summary", "model.onnx"});
  EXPECT_EQ(summary["parameters"], 235146);
  EXPECT_EQ(summary["multiply_adds"], 784 * 256 + 256 * 128 + 128 * 10);
  EXPECT_EQ(summary["input_shape"], Json({1, 28, 28}));
  EXPECT_EQ(summary["layers"].back()["type"], "Gemm");
}

// Layers of a graph are nothing that can be called by itself.
TEST_F(OnnxFiles, AreMeasured) {
  const Json document = json_of({"bench", "--model", "model.onnx", "--rounds", "1", "--seconds",
                                 "0.001", "--batch-size", "2", "--json"});
  std::vector<std::string> kinds;
  for (const Json& row : document["rows"]) {
    const auto name = row["name"].get<std::string>();
    kinds.push_back(name.substr(0, name.find('/')));
  }
  EXPECT_THAT(kinds, testing::IsSupersetOf({"train-step", "infer", "session"}));
  EXPECT_THAT(kinds, testing::Not(testing::Contains("layer")));
}

TEST_F(OnnxFiles, AreTrainedFurther) {
  const ProcessResult trained = train({"--weights", "model.onnx"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(trained.out, std::string(kRun) + "\n");
  const Json before = json_of({"eval", "--weights", "model.onnx"});
  std::filesystem::remove(folder_ / "model.onnx");  // the run needs it no more

  const Json report = Json::parse(get_file(folder_ / (std::string(kRun) + "/report.json")));
  const Json judged = json_of({"eval", "--weights", kTuned});
  EXPECT_EQ(judged["accuracy"], report["accuracy"]);
  EXPECT_LT(judged["loss"].get<double>(), before["loss"].get<double>());
  EXPECT_EQ(json_of({"summary", kTuned})["parameters"], 235146);
  EXPECT_EQ(json_of({"predict", "--weights", kTuned, "--index", "3"})[0]["top"].size(), 3U);

  // Out again, and the same numbers from all forms.
  ASSERT_EQ(call({"export", "--weights", kTuned, "--output", "tuned.onnx"}).exit_code, 0);
  io::write_npy(folder_ / "x.npy", rand({2, 1, 28, 28}, {.device = cpu}));
  for (const std::string& model : {std::string("tuned.onnx"), std::string(kTuned)}) {
    const ProcessResult run =
        call({"run", model, "--input", "x.npy", "--output", model == kTuned ? "a.npy" : "b.npy"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  EXPECT_EQ(get_file(folder_ / "a.npy"), get_file(folder_ / "b.npy"));
  const graph::Graph graph = graph::load_onnx(folder_ / "tuned.onnx");
  EXPECT_EQ(graph.metadata.size(), 3U);
  EXPECT_EQ(graph.metadata.at("fovea.input"), "1x28x28");
  EXPECT_THAT(graph.metadata.at("fovea.classes"), HasSubstr("\"Ankle Boot\""));
  EXPECT_THAT(graph.metadata.at("fovea.ground"), HasSubstr("\"mean\""));
  // And further still, with the model named by the weights and by the configuration.
  EXPECT_EQ(train({"--weights", kTuned}).exit_code, 0);
  EXPECT_EQ(train({"--config", std::string(kRun) + "/config.toml", "--weights", kTuned}).exit_code,
            0);
}

TEST_F(OnnxFiles, AreTheModelOrWeightsOfAnother) {
  EXPECT_EQ(train({"model.onnx", "--name", "graph"}).exit_code, 0);
  EXPECT_EQ(json_of({"summary", "runs/train/graph/weights/last.safetensors"})["model"], "onnx");
  EXPECT_EQ(train({"fashion-dnn", "--weights", "model.onnx", "--name", "named"}).exit_code, 0);
  EXPECT_EQ(json_of({"summary", "runs/train/named/weights/last.safetensors"})["model"],
            "fashion-dnn");
  const Json report = Json::parse(get_file(trained_run() + "/report.json"));
  EXPECT_EQ(json_of({"eval", "--weights", "model.onnx", "--model", "fashion-dnn"})["loss"],
            report["loss"]);
  expect_failure(
      train({"fashion-cnn", "--weights", "model.onnx"}), 3, "fovea train: ",
      "weights: file expected to hold those of \"fashion-cnn\", got those of \"fashion-dnn\" "
      "(model.onnx)");
}

TEST_F(OnnxFiles, ThatCannotBeTrainedLeaveNothingBehind) {
  graph::Graph graph = graph::load_onnx(folder_ / "model.onnx");
  const std::string scores = graph.outputs[0].name;
  graph.nodes.push_back({.name = "best",
                         .op = "ArgMax",
                         .inputs = {scores},
                         .outputs = {"best"},
                         .attributes = {{"axis", std::int64_t{1}}}});
  graph.nodes.push_back({.name = "real",
                         .op = "Cast",
                         .inputs = {"best"},
                         .outputs = {"real"},
                         .attributes = {{"to", std::int64_t{1}}}});
  graph.nodes.push_back({.name = "sum", .op = "Add", .inputs = {scores, "real"}, .outputs = {"y"}});
  graph.outputs[0].name = "y";
  graph::save_onnx(folder_ / "places.onnx", graph);
  expect_failure(train({"--weights", "places.onnx"}), 3, "fovea train: ",
                 "graph: operators after a weight expected to have gradients, got ArgMax \"best\"");
  EXPECT_EQ(call({"eval", "--weights", "places.onnx"}).exit_code, 0) << "it can be run";

  nn::Sequential coloured(nn::Flatten(), nn::Linear(3 * 28 * 28, 10));
  graph::save_onnx(folder_ / "coloured.onnx", graph::trace(coloured, {2, 3, 28, 28}));
  for (const std::string command : {"train", "eval"}) {
    expect_failure(call({command, "--weights", "coloured.onnx"}), 3, "fovea " + command + ": ",
                   command == "train" ? "coloured.onnx: channels expected 3"
                                      : "images expected 3x28x28 as the model, got 1x28x28");
  }
  nn::Sequential few(nn::Flatten(), nn::Linear(28 * 28, 9));
  graph::save_onnx(folder_ / "few.onnx", graph::trace(few, {2, 1, 28, 28}));
  expect_failure(train({"--weights", "few.onnx"}), 3,
                 "fovea train: ", "few.onnx: classes expected 9, as its network has, got 10");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
  put_file(folder_ / "none.onnx", "no model");
  for (const std::string command : {"train", "eval"}) {
    const ProcessResult result = call({command, "--weights", "none.onnx"});
    EXPECT_EQ(result.exit_code, 3) << result.err;
  }
}

// The batch of 1 stands in a Reshape, as exporters write it by default; the other one is made for
// one image alone. Both are judged, predicted with, exported and trained.
TEST_F(OnnxFiles, ForOneImageServeMany) {
  graph::Graph one = graph::load_onnx(folder_ / "model.onnx");
  one.inputs[0].sizes[0] = one.outputs[0].sizes[0] = 1;
  for (graph::Node& node : one.nodes) {
    if (node.op != "Flatten" && node.op != "Reshape") continue;
    node.op = "Reshape";
    node.attributes.clear();
    node.inputs = {node.inputs[0], "rows"};
  }
  one.initializers["rows"] = tensor({1, 784}).to(i64);
  graph::save_onnx(folder_ / "reshape.onnx", one);
  const std::string scores = one.outputs[0].name;
  one.nodes.push_back(
      {.name = "first", .op = "Gather", .inputs = {scores, "zero"}, .outputs = {"first"}});
  one.initializers["zero"] = tensor({0}).to(i64);
  one.outputs[0].name = "first";
  graph::save_onnx(folder_ / "gather.onnx", one);
  const Json expected = json_of({"eval", "--weights", "model.onnx"});
  for (const std::string file : {"reshape.onnx", "gather.onnx"}) {
    EXPECT_EQ(json_of({"eval", "--weights", file})["accuracy"], expected["accuracy"]) << file;
    EXPECT_EQ(json_of({"predict", "--weights", file, "--index", "3"})[0]["top"].size(), 3U);
    const Json summary = json_of({"summary", file});
    EXPECT_EQ(summary["parameters"], 235146);
    EXPECT_EQ(summary["multiply_adds"], 784 * 256 + 256 * 128 + 128 * 10);
    const ProcessResult exported = call({"export", "--weights", file, "--output", "out.onnx"});
    EXPECT_EQ(exported.exit_code, 0) << exported.err;
    EXPECT_EQ(graph::load_onnx(folder_ / "out.onnx").inputs[0].sizes[0],
              file == "reshape.onnx" ? graph::kFree : 1);
    const ProcessResult trained = train({"--weights", file, "--limit-train", "100"});
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
  }
  EXPECT_EQ(json_of({"eval", "--weights", "runs/train/exp2/weights/last.safetensors"})["model"],
            "onnx");
}

// More than 16 MB of weights in half precision, in which the network computes, and in Constant
// nodes.
TEST_F(OnnxFiles, WithWeightsOfAnyFormAreModels) {
  constexpr std::int64_t kWide = 11'000;
  graph::Graph graph{.inputs = {{.name = "x", .sizes = {graph::kFree, 1, 28, 28}}},
                     .outputs = {{.name = "y", .sizes = {graph::kFree, 10}}}};
  const auto cast = [](const char* from, const char* to, std::int64_t type) {
    return graph::Node{
        .name = {}, .op = "Cast", .inputs = {from}, .outputs = {to}, .attributes = {{"to", type}}};
  };
  const auto gemm = [](const char* from, const char* weight, const char* to) {
    return graph::Node{.name = weight,
                       .op = "Gemm",
                       .inputs = {from, weight},
                       .outputs = {to},
                       .attributes = {{"transB", std::int64_t{1}}}};
  };
  const Tensor last = full({10, kWide}, 0.01).to(f16);
  graph.nodes = {{.name = {},
                  .op = "Constant",
                  .inputs = {},
                  .outputs = {"last"},
                  .attributes = {{"value", last}}},
                 cast("x", "xh", 10),
                 {.name = "flat", .op = "Flatten", .inputs = {"xh"}, .outputs = {"f"}},
                 gemm("f", "wide", "a"),
                 {.name = "relu", .op = "Relu", .inputs = {"a"}, .outputs = {"r"}},
                 gemm("r", "last", "yh"),
                 cast("yh", "y", 1)};
  graph.initializers["wide"] = full({kWide, 784}, 0.01).to(f16);
  graph::save_onnx(folder_ / "half.onnx", graph);
  EXPECT_EQ(json_of({"summary", "half.onnx"})["parameters"], kWide * 794);
  EXPECT_EQ(json_of({"eval", "--weights", "half.onnx", "--limit-test", "20"})["model"], "onnx");
  const ProcessResult exported = call({"export", "--weights", "half.onnx", "--output", "out.onnx"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  const ProcessResult trained = train({"--weights", "half.onnx", "--limit-train", "100"});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
}

// --- Memory --------------------------------------------------------------------------------------

constexpr const char* kFileVariable = "FOVEA_TEST_ONNX";
constexpr std::int64_t kWidth = 7000;  // a matrix of 196 MB

// Run by the test below in a process of its own: what a process that is started had in memory
// before it became `fovea` would count as fovea's.
TEST(OnnxMemory, DISABLED_Writer) {
  const char* path = std::getenv(kFileVariable);
  ASSERT_NE(path, nullptr);
  nn::Sequential wide(nn::Flatten(), nn::Linear(784, kWidth), nn::ReLU(),
                      nn::Linear(kWidth, kWidth), nn::ReLU(), nn::Linear(kWidth, 10));
  graph::save_onnx(path, graph::trace(wide, {2, 1, 28, 28}));
}

TEST(OnnxMemory, AModelIsThereOnce) {
  if (kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
  const TempDir folder;
  const ProcessResult written =
      run_process({std::filesystem::read_symlink("/proc/self/exe").string(),
                   "--gtest_filter=OnnxMemory.DISABLED_Writer", "--gtest_also_run_disabled_tests"},
                  {.environment = {{kFileVariable, (folder / "wide.onnx").string()}}});
  ASSERT_EQ(written.exit_code, 0) << written.out << written.err;
  io::write_npy(folder / "x.npy", ones({1, 1, 28, 28}, {.device = cpu}));
  const auto size = static_cast<double>(std::filesystem::file_size(folder / "wide.onnx"));
  const std::vector<std::vector<std::string>> commands = {
      {"run", "wide.onnx", "--input", "x.npy", "--output", "y.npy"},
      {"summary", "wide.onnx"},
      {"eval", "--weights", "wide.onnx", "--limit-test", "1"}};
  for (const std::vector<std::string>& words : commands) {
    const ProcessResult result =
        fovea(words, {.directory = folder.path(), .environment = {{"FOVEA_DATA", tiny_root()}}});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_GT(static_cast<double>(result.peak_bytes), size) << words[0];
    EXPECT_LT(static_cast<double>(result.peak_bytes), 1.3 * size) << words[0];
  }
}

}  // namespace
}  // namespace fovea::test
