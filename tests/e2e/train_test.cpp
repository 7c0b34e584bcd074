// fovea train: its run directory, its output, and that the same settings give the same bytes.

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <thread>

#include <nlohmann/json.hpp>

#include "fovea/vision/data_sets.h"
#include "tests/e2e/fovea.h"
#include "tests/support/image_tree.h"

namespace fovea::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

std::vector<std::string> keys_of(const Json& document) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : document.items()) keys.push_back(key);
  return keys;
}

TEST(Train, LeavesARunDirectoryAndNamesIt) {
  const TempDir directory;
  const ProcessResult result = fovea(quick_training(), {.directory = directory.path()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "runs/train/exp\n");
  const std::vector<std::string> files = files_below(directory / "runs/train/exp");
  for (const char* file :
       {"config.toml", "env.json", "results.csv", "steps.csv", "report.json", "report.html",
        "mistakes.svg", "curves.svg", "confusion_matrix.svg", "confusion_matrix.csv",
        "weights/last.safetensors", "weights/best.safetensors"}) {
    EXPECT_THAT(files, testing::Contains(file));
  }
  EXPECT_THAT(files, testing::Contains(testing::StartsWith("events.out.tfevents.")));
  // No terminal: whole lines without colours or carriage returns, and what a person wants to know
  // at the end.
  EXPECT_THAT(result.err, HasSubstr("epoch 1/1  loss "));
  EXPECT_THAT(result.err, HasSubstr("test accuracy "));
  EXPECT_THAT(result.err, HasSubstr("Ankle Boot"));
  EXPECT_THAT(result.err, HasSubstr("confusion_matrix.svg"));
  EXPECT_EQ(result.err.find_first_of("\r\x1b"), std::string::npos);
}

TEST(Train, NeverWritesIntoAnotherRun) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  EXPECT_EQ(fovea(quick_training({"--quiet"}), options).out, "runs/train/exp\n");
  const std::string first = get_file(directory / "runs/train/exp/weights/last.safetensors");
  EXPECT_EQ(fovea(quick_training({"--quiet", "--seed", "7"}), options).out, "runs/train/exp2\n");
  EXPECT_EQ(get_file(directory / "runs/train/exp/weights/last.safetensors"), first);
  EXPECT_EQ(fovea(quick_training({"--quiet", "--seed", "7", "--exist-ok"}), options).out,
            "runs/train/exp\n");
  EXPECT_NE(get_file(directory / "runs/train/exp/weights/last.safetensors"), first);
  EXPECT_EQ(fovea(quick_training({"--quiet", "--project", "p", "--name", "n"}), options).out,
            "p/n\n");
}

TEST(Train, QuietSaysNothing) {
  const TempDir directory;
  const ProcessResult result = fovea(quick_training({"--quiet"}), {.directory = directory.path()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
}

TEST(Train, JsonIsTheReportWithTheRunDirectory) {
  const TempDir directory;
  const ProcessResult result =
      fovea(quick_training({"--json", "--quiet"}), {.directory = directory.path()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json document = Json::parse(result.out);
  EXPECT_THAT(keys_of(document),
              testing::UnorderedElementsAre("model", "data", "samples", "loss", "accuracy",
                                            "error_rate", "majority_share", "warnings", "per_class",
                                            "macro_f1", "confusion_matrix", "run_dir"));
  EXPECT_EQ(document["run_dir"], "runs/train/exp");
  EXPECT_EQ(document, Json::parse(get_file(directory / "runs/train/exp/report.json")));
}

TEST(Train, LearnsTheTinyData) {
  const Json report = Json::parse(get_file(trained_run() + "/report.json"));
  EXPECT_GT(report["accuracy"].get<double>(), 0.8);
}

TEST(Train, TheSameSeedGivesTheSameWeightsToTheByte) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  for (const std::string model : {"fashion-dnn", "fashion-cnn"}) {
    std::vector<std::string> words =
        quick_training({"--quiet", "--limit-train", "200", "--augment", "flip+crop"});
    words[1] = model;
    const ProcessResult first = fovea(words, options), second = fovea(words, options);
    ASSERT_EQ(first.exit_code, 0) << first.err;
    const auto weights = [&](const ProcessResult& run) {
      return get_file(directory.path() / run.out.substr(0, run.out.size() - 1) /
                      "weights/last.safetensors");
    };
    EXPECT_FALSE(weights(first).empty());
    EXPECT_EQ(weights(first), weights(second));
    words.insert(words.end(), {"--seed", "1"});
    EXPECT_NE(weights(fovea(words, options)), weights(first));
  }
}

// The most is in use while the packed images are read; a step's activations come after that.
TEST(Train, FashionMnistNeedsLessThan250MegabytesOfMemory) {
  const std::string data_root = "/usr/share/datasets";
  if (!vision::data_set_state(vision::data_set("fashion-mnist"), data_root).complete())
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const TempDir directory;
  const ProcessResult result =
      fovea({"train", "fashion-cnn", "--data-root", data_root, "--epochs", "1", "--batch-size",
             "100", "--limit-train", "2000", "--limit-test", "1000", "--threads", "2", "--quiet"},
            {.directory = directory.path()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GT(result.peak_bytes, 70'000 * 784) << "the images alone";
  EXPECT_LT(result.peak_bytes, 250'000'000);
}

TEST(Train, FlagsWinOverTheFileWhichWinsOverDefaults) {
  const TempDir directory;
  put_file(directory / "c.toml",
           "model = \"fashion-dnn\"\nepochs = 2\nlr = 0.002\nlog_every = "
           "1\n[model_options]\ndropout = \"0.5\"\n");
  const ProcessResult result =
      fovea({"train", "--config", "c.toml", "--data-root", tiny_root(), "--epochs", "1", "--quiet"},
            {.directory = directory.path()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string config = get_file(directory / "runs/train/exp/config.toml");
  for (const char* line :
       {"epochs = 1\n", "lr = 0.002\n", "batch_size = 100\n", "model = ", "fashion-dnn"}) {
    EXPECT_THAT(config, HasSubstr(line));
  }
  // What a run records starts the same run again.
  const ProcessResult again = fovea({"train", "--config", "runs/train/exp/config.toml", "--quiet"},
                                    {.directory = directory.path()});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(get_file(directory / "runs/train/exp2/weights/last.safetensors"),
            get_file(directory / "runs/train/exp/weights/last.safetensors"));
}

TEST(Train, ConvolutionsAreComputedAsAsked) {
  const TempDir directory;
  std::vector<std::string> words =
      quick_training({"--quiet", "--limit-train", "100", "--model-opt", "dropout=0"});
  words[1] = "fashion-cnn";
  std::vector<double> losses;
  for (const std::string conv : {"auto", "direct"}) {
    std::vector<std::string> line = words;
    line.insert(line.end(), {"--conv", conv, "--name", conv});
    const ProcessResult result = fovea(line, {.directory = directory.path()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(get_file(directory / "runs/train" / conv / "config.toml"), HasSubstr(conv));
    losses.push_back(Json::parse(get_file(directory / "runs/train" / conv / "report.json"))["loss"]
                         .get<double>());
  }
  // The same function up to rounding, which training then enlarges.
  EXPECT_NEAR(losses[0], losses[1], 0.02 * losses[1]);
}

TEST(Train, AConfigurationWithAMistakeIsBadInput) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  put_file(directory / "a.toml", "epohcs = 2\n");
  expect_failure(fovea({"train", "fashion-dnn", "--config", "a.toml"}, options), 3,
                 "fovea train: ", "\"epochs\"");
  put_file(directory / "b.toml", "epochs = \n");
  expect_failure(fovea({"train", "fashion-dnn", "--config", "b.toml"}, options), 3,
                 "fovea train: ", "b.toml");
  for (const char* file : {"none.toml", ".", "/dev/zero"}) {
    expect_failure(fovea({"train", "fashion-dnn", "--config", file}, options), 4,
                   "fovea train: ", file);
  }
  put_file(directory / "latin.toml", "project = \"caf\xe9\"\n");
  expect_failure(fovea({"train", "fashion-dnn", "--config", "latin.toml"}, options), 3,
                 "fovea train: ", "latin.toml");
  expect_failure(fovea(quick_training({"--project", "caf\xe9"}), options), 2,
                 "fovea train: ", "--project expected text in UTF-8");
}

TEST(Train, StepsAreLoggedAsAsked) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  ASSERT_EQ(fovea(quick_training({"--quiet", "--log-every", "1"}), options).exit_code, 0);
  const std::string steps = get_file(directory / "runs/train/exp/steps.csv");
  EXPECT_THAT(steps, StartsWith("step,loss\n1,"));
  EXPECT_EQ(std::count(steps.begin(), steps.end(), '\n'), 5);  // 400 samples in batches of 100
}

TEST(Train, ALossThatIsNotFiniteEndsWithCode5) {
  const TempDir directory;
  const ProcessResult result =
      fovea(quick_training({"--quiet", "--lr", "1e30", "--optimizer", "sgd", "--epochs", "3"}),
            {.directory = directory.path()});
  expect_failure(result, 5, "fovea train: ", "loss expected finite, got");
  EXPECT_THAT(result.err, testing::EndsWith("; a lower --lr may help\n"));
}

/// Waits until the program waits for something itself; a minute at most.
void wait_until_it_sleeps(const Process& process) {
  int asleep = 0;
  for (int i = 0; i < 6000 && asleep < 20; ++i) {
    const std::string stat = get_file("/proc/" + std::to_string(process.id()) + "/stat");
    asleep = stat.find(") S ") != std::string::npos ? asleep + 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

class Interrupted : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(Interrupted, EndsWithItsWeightsSaved) {
  const auto [signal, code] = GetParam();
  const TempDir directory;
  Process process(fovea_line(quick_training({"--epochs", "100000", "--limit-test", "10"})),
                  {.directory = directory.path()});
  ASSERT_TRUE(process.wait_for_error("epoch 2/")) << process.error_so_far();
  process.send(signal);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exit_code, code);
  EXPECT_EQ(result.out, "runs/train/exp\n");
  EXPECT_THAT(result.err, HasSubstr("weights/last.safetensors"));
  const std::string weights = (directory / "runs/train/exp/weights/last.safetensors").string();
  const ProcessResult judged =
      fovea({"eval", "--weights", weights, "--data-root", tiny_root(), "--json"});
  EXPECT_EQ(judged.exit_code, 0) << judged.err;
}

// Scripts that read JSON learn where the weights are, too.
TEST(InterruptedTraining, PrintsItsRunDirectoryAsJson) {
  const TempDir directory;
  Process process(
      fovea_line(quick_training({"--epochs", "100000", "--limit-test", "10", "--json"})),
      {.directory = directory.path()});
  ASSERT_TRUE(process.wait_for_error("epoch 2/")) << process.error_so_far();
  process.send(SIGINT);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(nlohmann::json::parse(result.out), (nlohmann::json{{"run_dir", "runs/train/exp"}}));
}

INSTANTIATE_TEST_SUITE_P(BySignal, Interrupted,
                         testing::Values(std::pair(SIGINT, 130), std::pair(SIGTERM, 143)));

// Before there is anything to save there is nothing to wait for.
TEST(Train, ASignalWhilePicturesAreCheckedEndsAtOnce) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(root, 1, 1);
  // A pipe that nobody writes to: checking the pictures waits here for as long as one likes.
  const std::string pipe = (root / "train/blue/wait.png").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    Process process(fovea_line({"train", "lenet5", "--data", root.string(), "--skip-corrupt",
                                "--image-size", "28", "--project", directory.path() / "runs"}));
    wait_until_it_sleeps(process);
    process.send(signal);
    EXPECT_EQ(process.wait().exit_code, code);
    EXPECT_FALSE(std::filesystem::exists(directory / "runs"));
  }
}

// Weights that are there stay until others take their place.
TEST(Train, ReplacingARunKeepsItsWeightsUntilThereAreNewOnes) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  ASSERT_EQ(fovea(quick_training({"--quiet"}), options).exit_code, 0);
  const auto weights = [&] {
    return get_file(directory / "runs/train/exp/weights/best.safetensors");
  };
  const std::string first = weights();
  EXPECT_EQ(fovea(quick_training({"--quiet", "--exist-ok", "--lr", "1e30", "--optimizer", "sgd"}),
                  options)
                .exit_code,
            5);
  EXPECT_EQ(weights(), first);
  ASSERT_EQ(fovea(quick_training({"--quiet", "--exist-ok", "--seed", "3"}), options).exit_code, 0);
  EXPECT_NE(weights(), first);
}

TEST(Train, TwoRunsInOneDirectoryAreRefused) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  Process first(fovea_line(quick_training({"--epochs", "100000"})), options);
  ASSERT_TRUE(first.wait_for_error("epoch 1/")) << first.error_so_far();
  expect_failure(fovea(quick_training({"--exist-ok", "--quiet"}), options), 4, "fovea train: ",
                 "run directory: folder expected to be free, got one that another run is writing "
                 "(runs/train/exp)");
  first.send(SIGINT);
  EXPECT_EQ(first.wait().exit_code, 130);
  EXPECT_EQ(fovea(quick_training({"--exist-ok", "--quiet"}), options).exit_code, 0);
}

TEST(Train, ASecondSignalKills) {
  const TempDir directory;
  // Stopped, the process takes both signals before it can end by itself.
  Process process(fovea_line(quick_training({"--epochs", "100000"})),
                  {.directory = directory.path()});
  ASSERT_TRUE(process.wait_for_error("epoch 1/")) << process.error_so_far();
  process.send(SIGINT);
  process.send(SIGINT);
  EXPECT_EQ(process.wait().exit_code, 130);
}

TEST(Train, ProfileSaysWhereTheTimeWent) {
  const TempDir directory;
  const ProcessResult result =
      fovea(quick_training({"--profile", "--quiet", "--json"}), {.directory = directory.path()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("{"));
  // 400 images in batches of 100; their evaluation is not in it.
  EXPECT_THAT(result.err, testing::HasSubstr("\n4 steps\n"));
  for (const char* part : {"linear_forward", "linear_backward", "cross_entropy_backward",
                           "adam_step", "forward", "backward", "outside kernels"}) {
    EXPECT_THAT(result.err, testing::HasSubstr(part));
  }
  EXPECT_THAT(result.err, testing::ContainsRegex("\n  step +[0-9.]+ +100.00 %"));
}

}  // namespace
}  // namespace fovea::test
