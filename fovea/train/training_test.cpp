#include "fovea/train/training.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/kernels/backend.h"
#include "fovea/models/model_file.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"
#include "fovea/train/recipe.h"
#include "fovea/vision/data_sets.h"
#include "tests/support/image_tree.h"
#include "tests/support/tar_file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_data.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

/// A short training in a folder of its own.
class SessionTest : public testing::Test {
 protected:
  SessionTest() : root_(folder_ / "runs") {
    test::write_tiny_data(folder_ / "data", 700, 200);
    config_.data_root = (folder_ / "data").string();
    config_.model = "fashion-dnn";
    config_.epochs = 2;
    config_.limit_train = 500;
    config_.limit_test = 100;
    config_.log_every = 2;
    config_.project = root_.string();
    config_.device = default_device().name();
  }

  test::TempDir folder_;
  fs::path root_;
  TrainConfig config_;
};

std::string read(const fs::path& path) { return io::read_text(path); }

TEST_F(SessionTest, LeavesWhatTheContractNames) {
  fs::path told;
  const TrainingResult result =
      run_training(config_, {.on_directory = [&](const fs::path& path) { told = path; }});
  EXPECT_EQ(result.directory, root_ / "exp");
  EXPECT_EQ(told, result.directory);
  for (const char* file : {"config.toml", "env.json", "results.csv", "steps.csv", "report.json",
                           "curves.svg", "confusion_matrix.svg", "confusion_matrix.csv",
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

TEST_F(SessionTest, TrainsToTheSameBytes) {
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

TEST_F(SessionTest, MultipliesInBf16WhenTold) {
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

TEST_F(SessionTest, JudgesMirroredViewsTooWhenTold) {
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

TEST_F(SessionTest, ReportsTheBestByValidation) {
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

TEST_F(SessionTest, GoesOnFromWeights) {
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

TEST_F(SessionTest, StopsWithWholeWeights) {
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

TEST_F(SessionTest, LeavesNothingBehindWhenASettingIsWrong) {
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
  refused(
      [](TrainConfig& c) { c.image_size = 8; },
      "config: image_size expected 0 for \"fashion-mnist\", which is no folder of pictures, got 8");
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

TEST_F(SessionTest, WantsTestImagesOfTheTrainingsSize) {
  for (const auto& [split, side] : {std::pair("train", 8), {"test", 6}})
    test::put_png(folder_ / "photos" / split / "a/1.png", test::plain_image({9}, side, side));
  config_.data = (folder_ / "photos").string();
  config_.data_root.clear();
  EXPECT_THAT(
      [&] { run_training(config_); },
      ThrowsMessage<ShapeError>(config_.data + ": test images expected [1, 8, 8] as those of "
                                               "the training, got [1, 6, 6]"));
}

// Batch norm over one sample is found out before the training, and may be left out of it.
TEST_F(SessionTest, SaysBeforehandThatTheLastBatchIsTooSmall) {
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
  config_.model = "fashion-cnn";  // many pixels of one sample are enough
  config_.limit_train = 3;
  EXPECT_EQ(run_training(config_).end, TrainEnd::kDone);
}

// Trying a model out leaves no trace: the weights are those of the steps alone.
TEST_F(SessionTest, TriesTheModelWithoutATrace) {
  config_.model = "fashion-cnn";
  config_.limit_train = 100;
  config_.epochs = 1;
  const TrainingResult result = run_training(config_);
  const auto state =
      models::load_model_file(result.directory / "weights/last.safetensors").weights.read_all();
  EXPECT_EQ(find(state, "layer1.1.num_batches_tracked")->item<std::int64_t>(), 1);
}

/// Pictures in two classes of one colour each.
void put_pictures(const fs::path& folder, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string name = std::to_string(i) + ".png";
    test::put_png(folder / "a" / name, test::plain_image({200 + i % 20}, 28, 28));
    test::put_png(folder / "b" / name, test::plain_image({20 + i % 20}, 28, 28));
  }
}

TEST_F(SessionTest, JudgingThatFailsCostsNoWeights) {
  put_pictures(folder_ / "photos/train", 10);
  put_pictures(folder_ / "photos/test", 70);
  test::put_file(folder_ / "photos/test/a/31.png",
                 "no picture");  // not among those looked at before
  config_.data = (folder_ / "photos").string();
  config_.data_root.clear();
  config_.limit_test = 0;
  EXPECT_THROW(run_training(config_), ParseError);
  for (const char* file : {"last", "best"}) {
    const fs::path weights = root_ / "exp/weights" / (file + std::string(".safetensors"));
    EXPECT_EQ(models::load_model_file(weights).card.model, "fashion-dnn");
  }
}

// A picture that nobody has looked at costs the steps behind it, and none before it.
TEST_F(SessionTest, DataThatFailsCostsNoStepsThatWereDone) {
  put_pictures(folder_ / "photos/train", 70);
  put_pictures(folder_ / "photos/test", 4);
  test::put_file(folder_ / "photos/train/b/69.png", "no picture");  // the 137th of 140
  config_.data = (folder_ / "photos").string();
  config_.data_root.clear();
  config_.limit_train = 0;
  config_.shuffle = false;
  config_.batch_size = 10;
  config_.log_every = 1;
  config_.epochs = 1;
  std::vector<std::string> notes;
  const TrainingHooks hooks{.on_note = [&](const std::string& note) { notes.push_back(note); }};
  EXPECT_THROW(run_training(config_, hooks), ParseError);
  const fs::path weights = root_ / "exp/weights";
  EXPECT_THAT(notes, ElementsAre("train: the weights after step 13 are in " +
                                 (weights / "last.safetensors").string()));
  EXPECT_THAT(read(root_ / "exp/steps.csv"), HasSubstr("\n13,"));
  EXPECT_EQ(read(weights / "last.safetensors"), read(weights / "best.safetensors"));
  // They are those of 13 steps on good data.
  fs::remove(folder_ / "photos/train/b/69.png");
  config_.drop_last = true;
  ASSERT_EQ(run_training(config_).end, TrainEnd::kDone);
  EXPECT_EQ(read(root_ / "exp2/weights/last.safetensors"), read(weights / "last.safetensors"));
}

TEST_F(SessionTest, ChoosesTheBestByAFolderOfValidation) {
  put_pictures(folder_ / "photos/train", 10);
  put_pictures(folder_ / "photos/test", 4);
  put_pictures(folder_ / "photos/valid", 3);
  put_pictures(folder_ / "photos/more", 1);
  test::put_file(folder_ / "photos/valid/a/x.webp", "x");
  config_.data = (folder_ / "photos").string();
  config_.data_root.clear();
  std::vector<std::string> notes;
  const TrainingHooks hooks{.on_note = [&](const std::string& note) { notes.push_back(note); }};
  const auto train = [&] {
    notes.clear();
    return run_training(config_, hooks);
  };
  const std::string place = config_.data;
  const std::string left_out =
      "left out: 1 file that is no .png, .jpg or .jpeg: 1 .webp (" + place + "/valid)";
  const TrainingResult three = train();
  const std::string results = read(three.directory / "results.csv");
  EXPECT_EQ(results.find(",,"), std::string::npos) << results;
  EXPECT_EQ(three.report->metrics().samples, 8);
  EXPECT_THAT(notes, testing::ElementsAre("not used: the folder " + place + "/more", left_out));

  config_.val_fraction = 0.25;
  train();
  EXPECT_THAT(notes, testing::ElementsAre(
                         "not used: the folder " + place + "/more",
                         "not used: the folder " + place + "/valid, because of val_fraction 0.25"));
  config_.val_fraction = 0;
  fs::remove_all(folder_ / "photos/test");
  const TrainingResult two = train();
  EXPECT_EQ(read(two.directory / "results.csv").find(",,"), std::string::npos);
  EXPECT_EQ(two.report->metrics().samples, 6);
  EXPECT_THAT(notes, testing::Contains(place +
                                       "/valid both chooses the best weights and judges them: no "
                                       "test in " +
                                       place));
}

TEST_F(SessionTest, LimitsAFolderClassByClass) {
  put_pictures(folder_ / "photos/train", 10);
  put_pictures(folder_ / "photos/test", 10);
  config_.data = (folder_ / "photos").string();
  config_.data_root.clear();
  config_.limit_train = 12;
  config_.limit_test = 4;
  config_.val_fraction = 0.25;
  const TrainingResult result = run_training(config_);
  EXPECT_EQ(result.report->metrics().per_class[0].support, 2);
  EXPECT_EQ(result.report->metrics().per_class[1].support, 2);
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

// From PyTorch's weights, twenty Adam steps on the first 2000 real images. PyTorch's own losses
// differ by 5e-4 between memory layouts.
TEST_F(SessionTest, TwentyStepsGoAsPyTorchs) {
  const std::string data_root = "/usr/share/datasets";
  if (!vision::data_set_state(vision::data_set("fashion-mnist"), data_root).complete())
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  config_.data_root = data_root;
  config_.model_options = {{"dropout", "0"}};
  config_.epochs = 1;
  config_.limit_train = 2000;
  config_.shuffle = false;
  config_.log_every = 1;
  const fs::path golden = fs::path(FOVEA_SOURCE_DIR) / "tests" / "golden";
  for (const std::string file : {"fashion_cnn", "fashion_dnn"}) {
    config_.model = "fashion-" + file.substr(8);
    config_.weights = (golden / (file + ".safetensors")).string();
    const std::vector<double> got = read_losses(run_training(config_).directory / "steps.csv");
    const auto expected = io::load_safetensors(golden / (file + "_adam.safetensors"))
                              .at("losses_f64")
                              .to_vector<double>();
    ASSERT_EQ(got.size(), 20u);
    for (std::size_t i = 0; i < 20; ++i)
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
      ThrowsMessage<ArgumentError>("fashion-dnn: images expected square, got 32x48"));
}

TEST(Recipe, MakesWhatTheWordsName) {
  nn::Linear model(2, 2);
  TrainConfig config;
  config.lr = 0.5;
  config.optimizer = "sgd";
  const auto sgd = make_optimizer(config, model.parameters());
  EXPECT_EQ(sgd->name(), "sgd");
  EXPECT_EQ(sgd->momentum(), 0.9);
  EXPECT_EQ(make_schedule(config, *sgd, 90), nullptr);
  config.schedule = "step";
  EXPECT_DOUBLE_EQ(make_schedule(config, *sgd, 90)->lr_at(30), 0.05);
  EXPECT_DOUBLE_EQ(make_schedule(config, *sgd, 90)->lr_at(89), 0.005);
  config.schedule = "cosine";
  EXPECT_NEAR(make_schedule(config, *sgd, 90)->lr_at(45), 0.25, 1e-12);
  config.schedule = "onecycle";
  EXPECT_NEAR(make_schedule(config, *sgd, 90)->lr_at(0), 0.02, 1e-12);
  EXPECT_EQ(parse_views("none").count(), 1);
  EXPECT_EQ(parse_views("flip").count(), 2);
  EXPECT_EQ(parse_views("flip").shift, 0);
  EXPECT_EQ(parse_views("shift").shift, 1);
  EXPECT_EQ(parse_views("shift:3+flip").shift, 3);
  EXPECT_EQ(parse_views("shift:3+flip").count(), 10);
}

TEST(Recipe, ShapesTheCycle) {
  nn::Linear model(2, 2);
  TrainConfig config;
  config.lr = 0.5;
  config.schedule = "onecycle";
  config.warmup = 0.11;  // of 100 steps: steps 0 to 10 rise
  config.anneal = "linear";
  const auto adam = make_optimizer(config, model.parameters());
  const auto schedule = make_schedule(config, *adam, 100);
  EXPECT_NEAR(schedule->lr_at(5), (0.02 + 0.5) / 2, 1e-12);
  EXPECT_NEAR(schedule->lr_at(10), 0.5, 1e-12);
  EXPECT_NEAR(schedule->lr_at(99), 0.02 / 1e4, 1e-12);
  EXPECT_NEAR(schedule->lr_at(10) - schedule->lr_at(11), schedule->lr_at(98) - schedule->lr_at(99),
              1e-12);
  EXPECT_EQ(adam->momentum(), 0.95);

  config.cycle_momentum = false;
  const auto steady = make_optimizer(config, model.parameters());
  (void)make_schedule(config, *steady, 100);
  EXPECT_EQ(steady->momentum(), 0.9);
}

// Pictures of several sizes with a light band, in two shards to learn from and one to judge with.
TEST_F(SessionTest, LearnsFromShards) {
  const auto shard = [](int first) {
    std::string archive;
    for (int i = first; i < first + 30; ++i) {
      Tensor image = full({1, 30 + i % 4, 32}, 20, {.dtype = u8});
      image.narrow(1, 10 * (i % 3), 10).fill_(220);
      archive += test::tar_file(std::to_string(i) + ".png", test::as_text(io::encode_png(image))) +
                 test::tar_file(std::to_string(i) + ".cls", std::to_string(i % 3));
    }
    return archive + test::tar_end();
  };
  test::put_file(folder_ / "shards/train/0.tar", shard(0));
  test::put_file(folder_ / "shards/train/1.tar", shard(30));
  test::put_file(folder_ / "shards/test/0.tar", shard(60));
  test::put_file(folder_ / "shards/classes.txt", "top\nmiddle\nbottom\n");
  config_.data = (folder_ / "shards").string();
  config_.data_root.clear();
  config_.image_size = 28;
  config_.batch_size = 10;
  config_.epochs = 12;
  const TrainingResult result = run_training(config_);
  EXPECT_GT(result.report->metrics().accuracy, 0.9);
  const models::ModelFile file =
      models::load_model_file(result.directory / "weights/best.safetensors");
  EXPECT_EQ(file.card.classes, (std::vector<std::string>{"top", "middle", "bottom"}));
  EXPECT_EQ(file.card.input, (Shape{1, 28, 28}));
  EXPECT_EQ(file.card.fit, models::PictureFit::kCrop);
  const auto environment = nlohmann::json::parse(read(result.directory / "env.json"));
  EXPECT_TRUE(environment["data"].contains("names and lengths of 2 shards"));
}

TEST_F(SessionTest, NormalizesImagesAsSetAndAsTheWeightsWant) {
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

/// The transforms that an augmentation is made of.
std::vector<data::Transform> parts_of(const std::string& words, data::ImageSize size) {
  return make_augmentation(words, size).as<data::Compose>()->transforms();
}

TEST(Recipe, MakesWhatTheWordsOfAnAugmentationName) {
  EXPECT_FALSE(make_augmentation("none", 28));
  const std::vector<data::Transform> parts = parts_of("flip+crop+cutout", 28);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_NE(parts[0].as<data::RandomHorizontalFlip>(), nullptr);
  EXPECT_NE(parts[1].as<data::RandomCrop>(), nullptr);
  EXPECT_NE(parts[2].as<data::Cutout>(), nullptr);
}

// Erasing comes last, and normalising before it, in whatever order the words are.
TEST(Recipe, NormalizesBeforeItErases) {
  const data::Transform normalize = data::Normalize({0.5}, {0.25});
  EXPECT_NE(make_augmentation("none", 8, normalize)
                .as<data::Compose>()
                ->transforms()
                .at(0)
                .as<data::Normalize>(),
            nullptr);
  const data::Transform all =
      make_augmentation("erase:100+cutout+resizedcrop:50+jitter+flip", 8, normalize);
  const auto& parts = all.as<data::Compose>()->transforms();
  ASSERT_EQ(parts.size(), 6u);
  EXPECT_NE(parts[0].as<data::RandomResizedCrop>(), nullptr);
  EXPECT_NE(parts[1].as<data::ColorJitter>(), nullptr);
  EXPECT_NE(parts[2].as<data::RandomHorizontalFlip>(), nullptr);
  EXPECT_NE(parts[3].as<data::Normalize>(), nullptr);
  EXPECT_NE(parts[4].as<data::RandomErasing>(), nullptr);
  EXPECT_NE(parts[5].as<data::Cutout>(), nullptr);
}

/// Pixels of ones that an augmentation turns to zero, most of them over 200 samples.
std::int64_t most_zeros(const std::string& words, data::ImageSize size) {
  std::vector<std::int64_t> samples(200);
  std::iota(samples.begin(), samples.end(), 0);
  const Tensor images = ones({200, 1, size.height, size.width});
  const Tensor changed = make_augmentation(words, size)(images, {.indices = samples});
  return static_cast<std::int64_t>((images - changed).sum({1, 2, 3}).max().item<double>());
}

TEST(Recipe, TakesPixelsOrAShareOfTheImage) {
  EXPECT_EQ(most_zeros("cutout", {28, 40}), 7 * 7);
  EXPECT_EQ(most_zeros("cutout:10", {28, 40}), 10 * 10);
  EXPECT_EQ(most_zeros("cutout", 2), 1) << "a pixel at least";
  // The corner: N rows and N columns, less the square that they share.
  EXPECT_EQ(most_zeros("crop", 16), 2 * 2 * 16 - 2 * 2);
  EXPECT_EQ(most_zeros("crop:1", 16), 2 * 16 - 1);
  // At most a third of the area, and of 200 samples the largest is not far from it.
  EXPECT_GT(most_zeros("erase", 32), 32 * 32 / 4);
  EXPECT_LE(most_zeros("erase", 32), 32 * 32 * 35 / 100);
  std::vector<std::int64_t> sample = {3};
  const data::SampleKeys keys{.seed = 0, .epoch = 0, .indices = sample};
  const auto part = [&](const char* words) {
    return parts_of(words, 100)[0].as<data::RandomResizedCrop>()->part(keys, 0, 100).size;
  };
  EXPECT_GT(part("resizedcrop:90").height * part("resizedcrop:90").width, 8500);
  EXPECT_THAT(
      [] { make_augmentation("flop", 8); },
      ThrowsMessage<ArgumentError>(
          "config: augment expected \"none\", or \"flip\", \"crop\", \"cutout\", "
          "\"resizedcrop\", \"jitter\" and \"erase\" joined by +, got \"flop\"; did you mean "
          "\"flip\"?"));
  EXPECT_THAT([] { make_augmentation("erase:101", 8); },
              ThrowsMessage<ArgumentError>("config: augment expected per cent from 1 to 100 behind "
                                           "the colon, got \"erase:101\""));
}

TEST(Recipe, SplitsOffWhatIsDoneToPictures) {
  const auto parts = [](const char* words) {
    const AugmentWords split = split_augmentation(words);
    return split.picture + " " + split.image;
  };
  EXPECT_EQ(parts("none"), "none none");
  EXPECT_EQ(parts("flip+crop:2"), "none flip+crop:2");
  EXPECT_EQ(parts("resizedcrop"), "resizedcrop none");
  EXPECT_EQ(parts("flip+resizedcrop:20+jitter"), "resizedcrop:20 flip+jitter");
  EXPECT_EQ(parts("resizedcrop:20+resizedcrop"), "resizedcrop:20 resizedcrop");
}

/// The values of column `name` of results.csv.
std::vector<std::string> column(const fs::path& run, const std::string& name) {
  std::istringstream text(read(run / "results.csv"));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  std::vector<std::string> values;
  const auto at = std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin();
  for (std::size_t i = 1; i < rows.size(); ++i)
    values.push_back(rows[i].at(static_cast<std::size_t>(at)));
  return values;
}

/// A wide picture that is black but for its sides, which are not in the square in its middle: parts
/// that are cut out of that square are all alike.
Tensor with_bright_sides() {
  Tensor picture = zeros({3, 40, 120}, {.dtype = u8});
  picture.narrow(2, 0, 30).fill_(255);
  picture.narrow(2, 90, 30).fill_(128);
  return picture;
}

/// Learns from random parts of the pictures in `config.data`, and is judged by their middles.
void expect_parts_to_learn_from(TrainConfig config) {
  config.image_size = 28;
  config.limit_train = 0;
  config.val_fraction = 0.25;
  config.shuffle = false;
  config.model_options["dropout"] = "0";
  config.lr = 1e-30;  // the weights stay, so that losses differ where images do
  const auto same_in_both_epochs = [&](const char* augment, const char* name) {
    config.augment = augment;
    const std::vector<std::string> losses = column(run_training(config).directory, name);
    return losses.at(0) == losses.at(1);
  };
  EXPECT_TRUE(same_in_both_epochs("resizedcrop", "val_loss"));
  EXPECT_FALSE(same_in_both_epochs("resizedcrop", "train_loss"));
  EXPECT_TRUE(same_in_both_epochs("none", "train_loss"));
}

TEST_F(SessionTest, LearnsFromPartsOfPicturesAndIsJudgedByTheMiddle) {
  for (int i = 0; i < 24; ++i) {
    const std::string name = (i % 2 == 0 ? "a/" : "b/") + std::to_string(i) + ".png";
    test::put_png(folder_ / ("photos/train/" + name), with_bright_sides());
    test::put_png(folder_ / ("photos/test/" + name), with_bright_sides());
  }
  config_.data = (folder_ / "photos").string();
  config_.data_root.clear();
  expect_parts_to_learn_from(config_);
}

TEST_F(SessionTest, LearnsFromPartsOfPicturesInShardsToo) {
  std::string archive;
  for (int i = 0; i < 12; ++i) {
    archive += test::tar_file(std::to_string(i) + ".png",
                              test::as_text(io::encode_png(with_bright_sides()))) +
               test::tar_file(std::to_string(i) + ".cls", std::to_string(i % 2));
  }
  test::put_file(folder_ / "shards/train/0.tar", archive + test::tar_end());
  test::put_file(folder_ / "shards/test/0.tar", archive + test::tar_end());
  config_.data = (folder_ / "shards").string();
  config_.data_root.clear();
  expect_parts_to_learn_from(config_);
}

}  // namespace
}  // namespace fovea::train
