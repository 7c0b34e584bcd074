#include "fovea/train/run_directory.h"

#include <gmock/gmock.h>

#include <limits>
#include <optional>

#include "fovea/core/error.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/models.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/recorder.h"
#include "tests/support/temp_dir.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::ThrowsMessage;

class RunDirectoryTest : public testing::Test {
 protected:
  const PatientWriter writer_{OnFull::kStop, nullptr, {}};
  test::TempDir folder_;
  fs::path root_ = folder_ / "runs";
};

std::string read(const fs::path& path) { return io::read_text(path); }

EpochEvent epoch(std::int64_t number, double val_accuracy) {
  return {.epoch = number,
          .step = 600 * number,
          .time_s = 1.5,
          .lr = 0.001,
          .train = {0.5, 0.8125},
          .val = Score{0.4, val_accuracy},
          .test = Score{0.25, 0.90625},
          .images_per_s = 20000.25,
          .data_wait_s = 0.125};
}

TEST_F(RunDirectoryTest, NumbersNamesThatAreTaken) {
  EXPECT_EQ(RunDirectory(root_, "exp", Existing::kNextName).path(), root_ / "exp");
  EXPECT_EQ(RunDirectory(root_, "exp", Existing::kNextName).path(), root_ / "exp2");
  EXPECT_EQ(RunDirectory(root_, "exp", Existing::kNextName).path(), root_ / "exp3");
  EXPECT_EQ(RunDirectory(root_, "other", Existing::kNextName).path(), root_ / "other");
  EXPECT_EQ(RunDirectory(root_, "exp", Existing::kReuse).path(), root_ / "exp");
}

// What the run before left must not be taken for the new run's.
TEST_F(RunDirectoryTest, ReusingAFolderTakesAwayItsResultsAndNothingElse) {
  { const RunDirectory before(root_, "exp", Existing::kNextName); }
  for (const char* file : {"report.json", "curves.svg", "weights/best.safetensors", "notes.txt"}) {
    io::write_file(root_ / "exp" / file, "old");
  }
  const RunDirectory after(root_, "exp", Existing::kReuse);
  EXPECT_FALSE(fs::exists(root_ / "exp/report.json"));
  EXPECT_FALSE(fs::exists(root_ / "exp/curves.svg"));
  EXPECT_EQ(read(root_ / "exp/weights/best.safetensors"), "old") << "until there are new ones";
  EXPECT_EQ(read(root_ / "exp/notes.txt"), "old");
}

TEST_F(RunDirectoryTest, BelongsToOneRunAtATime) {
  std::optional<RunDirectory> first(std::in_place, root_, "exp", Existing::kNextName);
  io::write_file(root_ / "exp/report.json", "of the first");
  EXPECT_THAT([&] { RunDirectory(root_, "exp", Existing::kReuse); },
              ThrowsMessage<IoError>("run directory: folder expected to be free, got one that "
                                     "another run is writing (" +
                                     (root_ / "exp").string() + ")"));
  EXPECT_EQ(read(root_ / "exp/report.json"), "of the first");
  first.reset();
  EXPECT_EQ(RunDirectory(root_, "exp", Existing::kReuse).path(), root_ / "exp");
}

// Those that were killed left them; what somebody else put there stays.
TEST_F(RunDirectoryTest, AReopenedOneIsSwept) {
  { const RunDirectory directory(root_, "exp", Existing::kNextName); }
  fs::create_directories(root_ / "exp/state");
  for (const char* folder : {".", "weights", "state"}) {
    io::write_file(root_ / "exp" / folder / ".fovea-12345-0.tmp", "half");
    io::write_file(root_ / "exp" / folder / "notes.tmp", "whole");
  }
  const RunDirectory again(root_ / "exp");
  for (const char* folder : {".", "weights", "state"}) {
    EXPECT_FALSE(fs::exists(root_ / "exp" / folder / ".fovea-12345-0.tmp")) << folder;
    EXPECT_TRUE(fs::exists(root_ / "exp" / folder / "notes.tmp")) << folder;
  }
  EXPECT_THAT([&] { RunDirectory(root_ / "exp"); },
              ThrowsMessage<IoError>(HasSubstr("another run is writing")));
  EXPECT_THAT([&] { RunDirectory(root_ / "none"); },
              ThrowsMessage<IoError>("run directory: folder expected, got none (" +
                                     (root_ / "none").string() + ")"));
}

// A checkpoint of the run before would be gone on from with the settings of the new one.
TEST_F(RunDirectoryTest, ReusingAFolderTakesAwayItsCheckpoints) {
  { const RunDirectory directory(root_, "exp", Existing::kNextName); }
  fs::create_directories(root_ / "exp/state");
  io::write_file(root_ / "exp/state/step-7.safetensors", "old");
  const RunDirectory after(root_, "exp", Existing::kReuse);
  EXPECT_FALSE(fs::exists(after.state() / "step-7.safetensors"));
}

TEST_F(RunDirectoryTest, SaysWhatIsInTheWay) {
  fs::create_directories(root_);
  io::write_file(root_ / "file", "");
  EXPECT_THAT([&] { RunDirectory(root_ / "file", "exp", Existing::kNextName); },
              ThrowsMessage<IoError>(HasSubstr("run directory: folder expected to be made, got ")));
  EXPECT_THAT([&] { RunDirectory(root_, "file", Existing::kReuse); },
              ThrowsMessage<IoError>(HasSubstr("run directory: folder expected, got a file (")));
  EXPECT_EQ(RunDirectory(root_, "file", Existing::kNextName).path(), root_ / "file2");
}

const models::ModelCard kCard{.model = "fashion-dnn",
                              .options = {{"num_classes", "2"}},
                              .classes = {"T-Shirt", "Ankle \"Boot\", ü"},
                              .input = {1, 28, 28}};

TEST_F(RunDirectoryTest, KeepsWhatAModelNeedsBesideItsWeights) {
  const auto model = models::make_model("fashion-dnn", kCard.options);
  fs::create_directories(root_);
  models::save_model_file(root_ / "w.safetensors", *model, kCard);
  const models::ModelFile file = models::load_model_file(root_ / "w.safetensors");
  EXPECT_EQ(file.card.model, kCard.model);
  EXPECT_EQ(file.card.options, kCard.options);
  EXPECT_EQ(file.card.classes, kCard.classes);
  EXPECT_EQ(file.card.input, kCard.input);
  EXPECT_NO_THROW(models::load_weights(*model, file.weights, "fashion-dnn", root_));
}

TEST_F(RunDirectoryTest, RefusesACardThatMakesNoSense) {
  fs::create_directories(root_);
  const auto refused = [&](const io::Metadata& metadata, const char* message) {
    io::save_safetensors(root_ / "w.safetensors", {}, metadata);
    EXPECT_THAT([&] { models::load_model_file(root_ / "w.safetensors"); },
                ThrowsMessage<ParseError>(HasSubstr(message)));
  };
  refused({{"fovea.classes", "{"}},
          "model file: metadata fovea.classes expected JSON, nested at most 8 deep, got \"{\" (");
  refused({{"fovea.classes", "[1]"}},
          "model file: metadata fovea.classes expected strings, got 1 (");
  refused({{"fovea.model_options", "[]"}},
          "model file: metadata fovea.model_options expected an object, got [] (");
  refused({{"fovea.input", "28"}, {"fovea.classes", "3"}},
          "model file: metadata fovea.classes expected an array, got 3 (");
  refused({{"fovea.input", "1x-2"}},
          "metadata fovea.input: shape expected as 1x28x28, got \"1x-2\" (");
}

TEST(ParseInput, ReadsShapes) {
  EXPECT_EQ(models::parse_input("3x224x224", "--input-shape"), (Shape{3, 224, 224}));
  EXPECT_EQ(models::format_input({3, 224, 224}), "3x224x224");
  for (const char* text :
       {"", "x", "1x", "0x1", "1x2y3", "99999999999999999999", "1x1x1x1x1x1x1x1x1"}) {
    EXPECT_THAT([&] { models::parse_input(text, "--input-shape"); },
                ThrowsMessage<ArgumentError>(
                    str("--input-shape: shape expected as 1x28x28, got \"", text, "\"")));
  }
}

TEST_F(RunDirectoryTest, TheBestIsTheFirstWithTheHighestValidationAccuracy) {
  const RunDirectory directory(root_, "exp", Existing::kNextName);
  const auto model = models::make_model("fashion-dnn");
  const auto bias_in = [&](const fs::path& path) {
    return find(models::load_model_file(path).weights.read_all(), "fc3.bias")->max().item();
  };
  Recorder recorder(directory, writer_, {.model = model.get(), .card = kCard});
  Tensor bias = model->parameters().back();
  const NoGrad no_grad;
  for (const auto& [number, accuracy] : {std::pair{1, 0.5}, {2, 0.75}, {3, 0.75}, {4, 0.625}}) {
    bias.fill_(number);
    EpochEvent event = epoch(number, accuracy);
    recorder.on_epoch_trained(event);
    EXPECT_EQ(bias_in(directory.last_weights()), number) << "before anything is judged";
    recorder.on_validated(event);
    EXPECT_EQ(recorder.last_is_best(), number <= 2);
  }
  EXPECT_EQ(bias_in(directory.best_weights()), 2);
  EXPECT_EQ(bias_in(directory.last_weights()), 4);
  EXPECT_FALSE(recorder.last_is_best());
}

// By whatever is monitored, and of the model that is judged.
TEST_F(RunDirectoryTest, TheBestIsTheAverageWithTheLowestLoss) {
  const RunDirectory directory(root_, "exp", Existing::kNextName);
  const auto model = models::make_model("fashion-dnn"), average = models::make_model("fashion-dnn");
  Recorder recorder(directory, writer_,
                    {.model = model.get(),
                     .average = average.get(),
                     .card = kCard,
                     .monitor = Monitor::kValLoss});
  const NoGrad no_grad;
  for (const auto& [number, loss] : {std::pair{1, 0.5}, {2, 0.25}, {3, 0.25}, {4, 0.375}}) {
    model->parameters().back().fill_(number);
    average->parameters().back().fill_(10 * number);
    EpochEvent event = epoch(number, 0.1 * number);
    event.val->loss = loss;
    recorder.on_epoch_trained(event);
    recorder.on_validated(event);
  }
  const auto bias_in = [](const fs::path& path) {
    return find(models::load_model_file(path).weights.read_all(), "fc3.bias")->max().item();
  };
  EXPECT_EQ(bias_in(directory.best_weights()), 20);
  EXPECT_EQ(bias_in(directory.last_weights()), 4);
  EXPECT_EQ(bias_in(directory.ema_weights()), 40);
}

// Whose time is up within an epoch leaves its last weights as the best, unless others were judged.
TEST_F(RunDirectoryTest, TimeThatIsUpLeavesTheLastWeightsAsTheBest) {
  for (const bool validated : {false, true}) {
    const RunDirectory directory(root_, "exp", Existing::kReuse);
    const auto model = models::make_model("fashion-dnn");
    Recorder recorder(directory, writer_, {.model = model.get(), .card = kCard});
    const NoGrad no_grad;
    Tensor bias = model->parameters().back();
    bias.fill_(1);
    EpochEvent event = epoch(1, 0.5);
    recorder.on_step({.step = 1, .loss = 1});
    recorder.on_epoch_trained(event);
    if (validated) recorder.on_validated(event);
    bias.fill_(2);
    recorder.on_step({.step = 2, .loss = 1});
    recorder.on_train_end(TrainEnd::kTimeUp);
    const auto best = models::load_model_file(directory.best_weights()).weights.read_all();
    EXPECT_EQ(find(best, "fc3.bias")->max().item(), validated ? 1 : 2);
  }
}

// Without validation the last is the best, and nothing that is judged later may cost it.
TEST_F(RunDirectoryTest, WeightsAreSavedBeforeTheyAreJudged) {
  const RunDirectory directory(root_, "exp", Existing::kNextName);
  const auto model = models::make_model("fashion-dnn");
  Recorder recorder(directory, writer_, {.model = model.get(), .card = kCard});
  Tensor bias = model->parameters().back();
  const NoGrad no_grad;
  for (const std::int64_t number : {1, 2}) {
    bias.fill_(static_cast<double>(number));
    recorder.on_epoch_trained(epoch(number, 0));
    for (const fs::path& path : {directory.last_weights(), directory.best_weights()}) {
      const auto weights = models::load_model_file(path).weights.read_all();
      EXPECT_EQ(find(weights, "fc3.bias")->max().item(), number);
    }
  }
  // The epoch whose weights are no numbers leaves those of the one before.
  bias.fill_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT([&] { recorder.on_epoch_trained(epoch(3, 0)); },
              ThrowsMessage<NumericError>(
                  "train: weights expected finite, got others (fc3.bias, epoch 3)"));
  const auto weights = models::load_model_file(directory.last_weights()).weights.read_all();
  EXPECT_EQ(find(weights, "fc3.bias")->max().item(), 2);
}

TEST_F(RunDirectoryTest, AnInterruptionLeavesWholeWeights) {
  const RunDirectory directory(root_, "exp", Existing::kNextName);
  const auto model = models::make_model("fashion-dnn");
  Recorder recorder(directory, writer_, {.model = model.get(), .card = kCard});
  for (std::int64_t step = 1; step <= 5; ++step) recorder.on_step({.step = step, .loss = 1});
  recorder.on_train_end(TrainEnd::kInterrupted);
  EXPECT_NO_THROW(
      model->load_state_dict(models::load_model_file(directory.last_weights()).weights.read_all()));
  EXPECT_NO_THROW(
      model->load_state_dict(models::load_model_file(directory.best_weights()).weights.read_all()));
}

// The last update may have been the one that broke them.
TEST_F(RunDirectoryTest, AnEndWithinAnEpochKeepsWeightsThatAreFinite) {
  for (const TrainEnd end : {TrainEnd::kInterrupted, TrainEnd::kFailed}) {
    const RunDirectory directory(root_, "exp", Existing::kReuse);
    const auto model = models::make_model("fashion-dnn");
    Recorder recorder(directory, writer_, {.model = model.get(), .card = kCard});
    Tensor bias = model->parameters().back();
    const NoGrad no_grad;
    bias.fill_(1);
    recorder.on_step({.step = 1, .loss = 1});
    recorder.on_epoch_trained(epoch(1, 0));
    bias.fill_(std::numeric_limits<double>::infinity());
    recorder.on_step({.step = 2, .loss = 1});
    EXPECT_THAT([&] { recorder.on_train_end(end); },
                ThrowsMessage<NumericError>(
                    "train: weights expected finite, got others (fc3.bias, epoch 2)"));
    EXPECT_EQ(recorder.saved_step(), 600) << "of the epoch before";
    const auto weights = models::load_model_file(directory.last_weights()).weights.read_all();
    EXPECT_EQ(find(weights, "fc3.bias")->max().item(), 1);
  }
}

}  // namespace
}  // namespace fovea::train
