#include "fovea/train/training.h"

#include <gmock/gmock.h>
#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/data/dataset.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/kernels/backend.h"
#include "fovea/models/model_file.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/open_data.h"
#include "tests/support/image_tree.h"
#include "tests/support/short_training.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using test::read;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class TrainingTest : public test::ShortTraining {};

TEST_F(TrainingTest, LeavesWhatTheContractNames) {
  fs::path told;
  const TrainingResult result =
      run_training(config_, {.on_directory = [&](const fs::path& path) { told = path; }});
  EXPECT_EQ(result.directory, root_ / "exp");
  EXPECT_EQ(told, result.directory);
  for (const char* file :
       {"config.toml", "env.json", "results.csv", "steps.csv", "report.json", "report.html",
        "mistakes.svg", "curves.svg", "confusion_matrix.svg", "confusion_matrix.csv",
        "weights/last.safetensors", "weights/best.safetensors"}) {
    EXPECT_TRUE(fs::is_regular_file(result.directory / file)) << file;
  }
  const auto report = nlohmann::json::parse(read(result.directory / "report.json"));
  EXPECT_EQ(report["samples"], 100);
  EXPECT_EQ(report["run_dir"], result.directory.string());
  EXPECT_EQ(report["accuracy"], result.report->metrics().accuracy);
  EXPECT_GT(report["accuracy"].get<double>(), 0.5);
  const auto environment = nlohmann::json::parse(read(result.directory / "env.json"));
  EXPECT_EQ(environment["threads"], num_threads());
  EXPECT_EQ(environment["data"].size(), 4u);
  EXPECT_EQ(environment["data"]["t10k-labels-idx1-ubyte"].get<std::string>().size(), 64u);
  EXPECT_EQ(parse_config(read(result.directory / "config.toml"), "config.toml").limit_train, 500);

  const models::ModelFile file =
      models::load_model_file(result.directory / "weights/best.safetensors");
  EXPECT_EQ(file.card.model, "fashion-dnn");
  EXPECT_EQ(file.card.input, (Shape{1, 28, 28}));
  EXPECT_EQ(file.card.classes.size(), 10u);
}

/// Notes what report.html says when an epoch is done.
struct PageReader : TrainObserver {
  void on_epoch_end(const EpochEvent& event) override {
    pages.push_back(event.epoch == 1 ? read(run / "report.html") : std::string());
  }

  fs::path run;
  std::vector<std::string> pages;
};

TEST_F(TrainingTest, KeepsAPageThatSaysHowFarItIs) {
  PageReader reader;
  config_.lr = 0.0001;  // so that there are mistakes
  const fs::path run =
      run_training(config_, {.observers = {&reader},
                             .on_directory = [&](const fs::path& path) { reader.run = path; }})
          .directory;
  const std::string refresh = "http-equiv=\"refresh\"";
  ASSERT_EQ(reader.pages.size(), 2u);
  EXPECT_THAT(reader.pages[0], AllOf(HasSubstr("training: epoch 1 of 2 is done"),
                                     HasSubstr(refresh), HasSubstr("fovea train --resume ")));
  const std::string page = read(run / "report.html");
  EXPECT_THAT(page, AllOf(HasSubstr("fashion-dnn"), HasSubstr("<figure title=\"sample "),
                          HasSubstr("class=\"filters\""), Not(HasSubstr(refresh)),
                          Not(HasSubstr("--resume"))));
  EXPECT_THAT(page,
              HasSubstr("fovea eval --weights " + (run / "weights/best.safetensors").string() +
                        " --data fashion-mnist --data-root " + config_.data_root));
  EXPECT_THAT(read(run / "mistakes.svg"), HasSubstr("fashion-dnn on fashion-mnist: mistakes"));
}

TEST_F(TrainingTest, TheImagesGroundIsKept) {
  const fs::path run = run_training(config_).directory;
  const auto ground = models::load_model_file(run / "weights/last.safetensors").card.ground;
  ASSERT_TRUE(ground.has_value());
  const auto data = vision::open_data({.data = "fashion-mnist", .root = config_.data_root});
  EXPECT_EQ(*ground, models::ground_of(data::first_samples(data, 500)));
}

TEST_F(TrainingTest, TrainsToTheSameBytes) {
  config_.augment = "flip+crop";
  config_.val_fraction = 0.1;
  const fs::path first = run_training(config_).directory;
  const fs::path second = run_training(config_).directory;
  EXPECT_NE(first, second);
  EXPECT_EQ(read(first / "weights/last.safetensors"), read(second / "weights/last.safetensors"));
  EXPECT_EQ(read(first / "weights/best.safetensors"), read(second / "weights/best.safetensors"));
  EXPECT_EQ(read(first / "steps.csv"), read(second / "steps.csv"));
  config_.seed = 1;
  EXPECT_NE(read(run_training(config_).directory / "weights/last.safetensors"),
            read(first / "weights/last.safetensors"));
}

TEST_F(TrainingTest, MultipliesInBf16WhenTold) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  const TrainingResult plain = run_training(config_);
  config_.precision = "bf16";
  const TrainingResult rounded = run_training(config_), again = run_training(config_);
  EXPECT_NE(read(rounded.directory / "steps.csv"), read(plain.directory / "steps.csv"));
  EXPECT_EQ(read(rounded.directory / "steps.csv"), read(again.directory / "steps.csv"));
  EXPECT_NEAR(rounded.report->evaluation.loss, plain.report->evaluation.loss, 0.05);
  config_.precision = "f32";
  EXPECT_EQ(read(run_training(config_).directory / "steps.csv"),
            read(plain.directory / "steps.csv"));
}

TEST_F(TrainingTest, JudgesMirroredViewsTooWhenTold) {
  const TrainingResult plain = run_training(config_);
  config_.tta = "flip";
  const TrainingResult both = run_training(config_);
  EXPECT_EQ(read(both.directory / "weights/last.safetensors"),
            read(plain.directory / "weights/last.safetensors"));
  EXPECT_NE(both.report->evaluation.loss, plain.report->evaluation.loss);
  const auto report = nlohmann::json::parse(read(both.directory / "report.json"));
  EXPECT_EQ(report["tta"], "flip");
  EXPECT_FALSE(nlohmann::json::parse(read(plain.directory / "report.json")).contains("tta"));
}

// The classes of tiny data are of one size.
TEST_F(TrainingTest, WeighsClassesAsItIsTold) {
  config_.epochs = 1;
  const auto weights = [&](const char* setting) {
    config_.class_weights = setting;
    const fs::path run = run_training(config_).directory;
    EXPECT_EQ(run_config(run).class_weights, setting);
    return read(run / "weights/last.safetensors");
  };
  const std::string plain = weights("none");
  EXPECT_EQ(weights("balanced"), plain);
  EXPECT_NE(weights("1,2,3,4,5,6,7,8,9,10"), plain);
}

TEST_F(TrainingTest, JudgesTheAverageWhereOneIsKept) {
  config_.epochs = 1;
  const TrainingResult plain = run_training(config_);
  config_.ema = 0.5;
  const TrainingResult averaged = run_training(config_);
  const fs::path& run = averaged.directory;
  EXPECT_EQ(read(run / "weights/last.safetensors"),
            read(plain.directory / "weights/last.safetensors"))
      << "learning is not touched";
  EXPECT_EQ(read(run / "weights/best.safetensors"), read(run / "weights/ema.safetensors"));
  EXPECT_NE(averaged.report->evaluation.loss, plain.report->evaluation.loss);
}

TEST_F(TrainingTest, ReportsTheBestByValidation) {
  config_.val_fraction = 0.2;
  config_.epochs = 3;
  config_.lr = 0.02;  // unsteady, so that the best is not always the last
  const TrainingResult result = run_training(config_);
  EXPECT_EQ(result.report->metrics().samples, 100);
  const std::string results = read(result.directory / "results.csv");
  EXPECT_EQ(std::count(results.begin(), results.end(), '\n'), 4);
  EXPECT_EQ(results.find(",,"), std::string::npos)
      << "every column has a value with a validation share";
}

TEST_F(TrainingTest, GoesOnFromWeights) {
  config_.epochs = 1;
  const fs::path weights = run_training(config_).directory / "weights/last.safetensors";
  config_.weights = weights.string();
  config_.lr = 1e-12;
  const TrainingResult result = run_training(config_);
  const auto before = nlohmann::json::parse(read(root_ / "exp/report.json"));
  const auto after = nlohmann::json::parse(read(result.directory / "report.json"));
  EXPECT_EQ(before["confusion_matrix"], after["confusion_matrix"]);

  config_.model = "fashion-cnn";
  EXPECT_THAT([&] { run_training(config_); },
              ThrowsMessage<ParseError>(
                  str("weights: file expected to hold those of \"fashion-cnn\", got those of "
                      "\"fashion-dnn\" (",
                      weights.string(), ")")));
  // A file that names no model, as PyTorch writes them, is found out by its tensors.
  const fs::path nameless = folder_ / "nameless.safetensors";
  io::save_safetensors(nameless, models::load_model_file(weights).weights.read_all());
  config_.weights = nameless.string();
  EXPECT_THAT(
      [&] { run_training(config_); },
      ThrowsMessage<ParseError>(
          AllOf(StartsWith("weights: file expected to hold those of \"fashion-cnn\", got others: "),
                EndsWith(" (" + nameless.string() + ")"))));
  EXPECT_FALSE(fs::exists(root_ / "exp3")) << "a wrong setting leaves nothing behind";
}

TEST_F(TrainingTest, StopsWithWholeWeights) {
  std::atomic<bool> stop = true;
  const TrainingResult result = run_training(config_, {.stop = &stop});
  EXPECT_EQ(result.end, TrainEnd::kInterrupted);
  EXPECT_FALSE(result.report.has_value());
  EXPECT_FALSE(fs::exists(result.directory / "report.json"));
  EXPECT_GT(models::load_model_file(result.directory / "weights/last.safetensors").weights.size(),
            0U);
  EXPECT_GT(models::load_model_file(result.directory / "weights/best.safetensors").weights.size(),
            0U);
}

TEST_F(TrainingTest, LeavesNothingBehindWhenASettingIsWrong) {
  const auto refused = [this](auto change, const char* message) {
    TrainConfig config = config_;
    change(config);
    EXPECT_THAT([&] { run_training(config); }, ThrowsMessage<Error>(HasSubstr(message)));
    EXPECT_FALSE(fs::exists(root_)) << message;
  };
  refused([](TrainConfig& c) { c.model = "fashion-cmn"; }, "did you mean \"fashion-cnn\"?");
  refused([](TrainConfig& c) { c.data = "fashion-mnits"; }, "did you mean \"fashion-mnist\"?");
  refused([](TrainConfig& c) { c.data_root = "/no/such"; }, "/no/such");
  refused([](TrainConfig& c) { c.weights = "/no/such.safetensors"; }, "/no/such.safetensors");
  refused([](TrainConfig& c) { c.device = "gpu"; }, "gpu");
  refused(
      [](TrainConfig& c) {
        c.model_options = {{"dropuot", "0"}};
      },
      "did you mean \"dropout\"?");
  refused(
      [](TrainConfig& c) {
        c.model_options = {{"num_classes", "3"}};
      },
      "fashion-dnn: num_classes expected at least the data's 10, got 3");
  refused(
      [](TrainConfig& c) {
        c.model_options = {{"image_size", "32"}};
      },
      "fashion-dnn: images expected 1x32x32 as its options say, got 1x28x28 (linear: input "
      "expected 1024 features, got 784");
  refused(
      [](TrainConfig& c) {
        c.model = "fashion-cnn";
        c.model_options = {{"in_channels", "3"}};
      },
      "fashion-cnn: images expected 3x28x28 as its options say, got 1x28x28 (conv2d: input "
      "expected "
      "3 channels, got 1");
  refused(
      [](TrainConfig& c) {
        c.drop_last = true;
        c.batch_size = 501;
      },
      "train: batches expected at least 1, got 0 (500 samples in batches of 501, without the "
      "last)");
  refused([](TrainConfig& c) { c.project = "caf\xe9"; },
          "config: project expected text in UTF-8, got \"caf\xe9\"");
  refused([](TrainConfig& c) { c.val_fraction = 1e-9; },
          "config: val_fraction expected to leave samples on both sides, got 1e-09 of 500 samples");
  refused([](TrainConfig& c) { c.limit_test = -1; },
          "config: limit_test expected at least 0, got -1");
  refused([](TrainConfig& c) { c.patience = 2; },
          "config: patience expected with data to validate with (val_fraction, or a folder val), "
          "got none");
  refused([](TrainConfig& c) { c.monitor = "val_loss"; },
          "config: monitor expected with data to validate with");
  refused([](TrainConfig& c) { c.class_weights = "1,2"; },
          "class weights: numbers expected 10, one for each class, got 2");
  refused(
      [](TrainConfig& c) { c.image_size = 8; },
      "config: image_size expected 0 for \"fashion-mnist\", which is no folder of pictures, got 8");
  // What is mistyped is said first.
  refused([](TrainConfig& c) { c.data = "phtos", c.image_size = 8; },
          "data: name expected one of fashion-mnist, mnist, cifar10, cifar100, or a folder of "
          "pictures, "
          "got \"phtos\"");
  refused([](TrainConfig& c) { c.model = "onnx"; },
          "train: weights expected for the model \"onnx\", which has none to start from, got none");
  const std::string nameless = (folder_ / "nameless.safetensors").string();
  io::save_safetensors(nameless, {});
  refused(
      [&](TrainConfig& c) {
        c.model.clear();
        c.weights = nameless;
      },
      ("train: model expected a name, got none, nor do the weights name theirs (" + nameless + ")")
          .c_str());
}

// Batch norm over one sample is found out before the training, and may be left out of it.
TEST_F(TrainingTest, SaysBeforehandThatTheLastBatchIsTooSmall) {
  config_.model = (folder_ / "net.toml").string();
  test::put_file(config_.model,
                 "[[layer]]\ntype=\"Flatten\"\n[[layer]]\ntype=\"Linear\"\nout_features=4\n"
                 "[[layer]]\ntype=\"BatchNorm1d\"\n"
                 "[[layer]]\ntype=\"Linear\"\nout_features=\"num_classes\"\n");
  config_.limit_train = 101;
  config_.batch_size = 25;
  EXPECT_THAT(
      [&] { run_training(config_); },
      ThrowsMessage<ShapeError>("train: last batch expected more than 1 sample for the batch "
                                "norm of layers, got 1 (101 samples in batches of 25; "
                                "drop_last leaves it out)"));
  EXPECT_FALSE(fs::exists(root_));
  config_.drop_last = true;
  const TrainingResult result = run_training(config_);
  EXPECT_EQ(result.end, TrainEnd::kDone);
  EXPECT_THAT(read(result.directory / "results.csv"), HasSubstr("\n1,4,"));
  EXPECT_TRUE(parse_config(read(result.directory / "config.toml"), "").drop_last);
  config_.drop_last = false;
  config_.batch_size = 1;
  EXPECT_THAT([&] { run_training(config_); },
              ThrowsMessage<ShapeError>(HasSubstr(
                  "train: batch expected more than 1 sample for the batch norm of layers, "
                  "got 1 (101 samples in batches of 1)")));
  config_.model = test::write_small_cnn(folder_.path());  // many pixels of one sample are enough
  config_.limit_train = 3;
  EXPECT_EQ(run_training(config_).end, TrainEnd::kDone);
}

// Trying a model out leaves no trace: the weights are those of the steps alone.
TEST_F(TrainingTest, TriesTheModelWithoutATrace) {
  config_.model = test::write_small_cnn(folder_.path());
  config_.limit_train = 100;
  config_.epochs = 1;
  const TrainingResult result = run_training(config_);
  const auto state =
      models::load_model_file(result.directory / "weights/last.safetensors").weights.read_all();
  EXPECT_EQ(find(state, "bn1.num_batches_tracked")->item<std::int64_t>(), 1);
}

/// Losses of steps.csv, first to last.
std::vector<double> read_losses(const fs::path& path) {
  std::istringstream text(read(path));
  std::vector<double> losses;
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line)) losses.push_back(std::stod(line.substr(line.find(',') + 1)));
  return losses;
}

// From PyTorch's weights, twenty Adam steps on the first 2000 real images; two of the network with
// convolutions on a device that only tests have, where one takes seconds. PyTorch's own losses
// differ by 5e-4 between memory layouts.
TEST_F(TrainingTest, TwentyStepsGoAsPyTorchs) {
  const std::string data_root = "/usr/share/datasets";
  if (!vision::data_set_state(vision::data_set("fashion-mnist"), data_root).complete())
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  config_.data_root = data_root;
  config_.model_options = {{"dropout", "0"}};
  config_.epochs = 1;
  config_.shuffle = false;
  config_.log_every = 1;
  const fs::path golden = fs::path(FOVEA_SOURCE_DIR) / "tests" / "golden";
  for (const std::string file : {"fashion_cnn", "fashion_dnn"}) {
    const std::size_t steps = file == "fashion_cnn" && default_device() != cpu ? 2 : 20;
    config_.limit_train = static_cast<std::int64_t>(steps) * 100;
    config_.model = "fashion-" + file.substr(8);
    config_.weights = (golden / (file + ".safetensors")).string();
    const std::vector<double> got = read_losses(run_training(config_).directory / "steps.csv");
    const auto expected = io::load_safetensors(golden / (file + "_adam.safetensors"))
                              .at("losses_f64")
                              .to_vector<double>();
    ASSERT_EQ(got.size(), steps);
    for (std::size_t i = 0; i < steps; ++i)
      EXPECT_NEAR(got[i], expected[i], 2e-3 * expected[i]) << file << " step " << i;
  }
}

TEST(FitModelOptions, TakesFromTheDataWhatIsNotSaid) {
  EXPECT_THAT(fit_model_options("fashion-dnn", {{"dropout", "0"}}, {3, 32, 32}, 7),
              UnorderedElementsAre(Pair("num_classes", "7"), Pair("in_channels", "3"),
                                   Pair("image_size", "32"), Pair("dropout", "0")));
  EXPECT_THAT(
      fit_model_options("fashion-dnn", {{"num_classes", "12"}}, {3, 32, 32}, 7).at("num_classes"),
      "12");
  EXPECT_THAT(
      [] {
        fit_model_options("fashion-dnn", {}, {3, 32, 48}, 7);
      },
      ThrowsMessage<ArgumentError>("fashion-dnn: images expected square, got 32x48; "
                                   "image_size brings pictures to one size"));
  EXPECT_EQ(fit_model_options("lenet5", {{"num_classes", "3"}}, {1, 28, 28}, 3,
                              data::Targets::kMultiLabel)
                .at("num_classes"),
            "3");
}

TEST_F(TrainingTest, NormalizesImagesAsSetAndAsTheWeightsWant) {
  config_.epochs = 1;
  const TrainingResult plain = run_training(config_);
  EXPECT_EQ(parse_config(read(plain.directory / "config.toml"), "").normalize, "none");
  config_.normalize = "fashion-mnist";
  const TrainingResult first = run_training(config_);
  const fs::path weights = first.directory / "weights/best.safetensors";
  const models::Normalization numbers{{0.2860}, {0.3530}};
  EXPECT_EQ(models::load_model_file(weights).card.normalize, numbers);
  EXPECT_EQ(parse_config(read(first.directory / "config.toml"), "").normalize, "fashion-mnist");
  EXPECT_NE(first.report->evaluation.loss, plain.report->evaluation.loss);

  config_.normalize.clear();
  config_.weights = weights.string();
  const TrainingResult second = run_training(config_);
  EXPECT_EQ(models::load_model_file(second.directory / "weights/best.safetensors").card.normalize,
            numbers);
  EXPECT_EQ(parse_config(read(second.directory / "config.toml"), "").normalize, "0.286/0.353");

  config_.normalize = "imagenet";
  EXPECT_THAT(
      [&] { run_training(config_); },
      ThrowsMessage<ArgumentError>("config: normalize expected values for 1 channel, got 3"));
}

}  // namespace
}  // namespace fovea::train
