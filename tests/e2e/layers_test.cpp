// Networks that are a TOML list of layers, from training to prediction.

#include <nlohmann/json.hpp>

#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kNetwork = R"(
[[layer]]
type = "Conv2d"
out_channels = 4
kernel_size = 3
stride = 2

[[layer]]
type = "ReLU"

[[layer]]
type = "Flatten"

[[layer]]
type = "Linear"
name = "scores"
out_features = "num_classes"
)";

std::vector<std::string> training_of(const std::string& model,
                                     const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = quick_training(more);
  words[1] = model;
  words.emplace_back("--quiet");
  return words;
}

// The weights know the network: the file that listed it may be gone.
TEST(Layers, TrainAndAreKnownByTheirWeights) {
  const TempDir directory;
  const ProcessOptions here{.directory = directory.path()};
  put_file(directory / "net.toml", kNetwork);
  const ProcessResult trained = fovea(training_of("net.toml"), here);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  std::filesystem::remove(directory / "net.toml");

  const std::string run = "runs/train/exp";
  const std::string weights = run + "/weights/best.safetensors";
  const ProcessResult judged =
      fovea({"eval", "--weights", weights, "--data-root", tiny_root(), "--json"}, here);
  ASSERT_EQ(judged.exit_code, 0) << judged.err;
  EXPECT_EQ(Json::parse(judged.out)["accuracy"],
            Json::parse(get_file(directory / (run + "/report.json")))["accuracy"]);

  const ProcessResult summary = fovea({"summary", weights, "--json"}, here);
  ASSERT_EQ(summary.exit_code, 0) << summary.err;
  const Json document = Json::parse(summary.out);
  EXPECT_EQ(document["layers"][3]["name"], "scores");
  EXPECT_EQ(document["parameters"], 4 * 9 + 4 + 4 * 13 * 13 * 10 + 10);

  // And so does the configuration.
  const std::vector<std::string> again = {"train",  "--config", run + "/config.toml",
                                          "--name", "again",    "--quiet"};
  const ProcessResult repeated = fovea(again, here);
  ASSERT_EQ(repeated.exit_code, 0) << repeated.err;
  EXPECT_TRUE(get_file(directory / weights) ==
              get_file(directory / "runs/train/again/weights/best.safetensors"));
}

TEST(Layers, OfTheExampleAreSummed) {
  const std::string file = FOVEA_SOURCE_DIR "/examples/small_cnn.toml";
  const ProcessResult summary = fovea({"summary", file, "--json"});
  ASSERT_EQ(summary.exit_code, 0) << summary.err;
  const Json document = Json::parse(summary.out);
  EXPECT_EQ(document["parameters"], 160 + 32 + 4640 + 64 + 200832 + 1290);
  EXPECT_EQ(document["input_shape"], Json::parse("[1, 28, 28]"));
  const ProcessResult coloured = fovea({"summary", file, "--input-shape", "3x32x32", "--json"});
  ASSERT_EQ(coloured.exit_code, 0) << coloured.err;
  EXPECT_EQ(Json::parse(coloured.out)["layers"][9]["output_shape"], Json::parse("[128]"));
}

TEST(Layers, ThatDoNotMeetAreExplained) {
  const TempDir directory;
  const ProcessOptions here{.directory = directory.path()};
  put_file(directory / "net.toml", std::string(kNetwork) + "in_features = 1000\n");
  expect_failure(fovea(training_of("net.toml"), here), 3, "fovea train: net.toml: layer 4 (Linear)",
                 "in_features expected 676, got 1000 (input [676], line 14)");
  put_file(directory / "net.toml", "[[layer]]\ntype = \"Conv\"\n");
  expect_failure(fovea({"summary", "net.toml"}, here), 3, "fovea summary: net.toml: layer 1 (Conv)",
                 "did you mean");
  expect_failure(fovea(training_of("none.toml"), here), 4, "fovea train: read_file: ", "none.toml");
  EXPECT_FALSE(std::filesystem::exists(directory / "runs"));
}

}  // namespace
}  // namespace fovea::test
