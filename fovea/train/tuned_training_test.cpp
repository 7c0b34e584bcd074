// Trainings that begin with the weights of another one.
#include <gmock/gmock.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/models/model_file.h"
#include "fovea/tensor/ops.h"
#include "fovea/train/training.h"
#include "tests/support/close.h"
#include "tests/support/image_tree.h"
#include "tests/support/short_training.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using test::read;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

class TunedTraining : public test::ShortTraining {};

/// The settings of a training on three classes from a network of the ten that `config` learns.
TrainConfig fine_tuned(const TrainConfig& config, const fs::path& weights, const fs::path& folder) {
  test::write_image_tree(folder / "photos", 8, 2);
  TrainConfig tuned = config;
  tuned.model.clear();
  tuned.data = (folder / "photos").string();
  tuned.data_root.clear();
  tuned.limit_train = tuned.limit_test = 0;
  tuned.image_size = 28;
  tuned.batch_size = 6;
  tuned.weights = weights.string();
  return tuned;
}

// Other classes, and other channels: the body is taken, and what is new begins as any model's.
TEST_F(TunedTraining, LearnsOtherClassesWithAnotherHead) {
  config_.model = "fashion-cnn";
  config_.epochs = 1;
  config_.limit_train = 10;
  config_.limit_test = 10;
  const fs::path weights = run_training(config_).directory / "weights/last.safetensors";
  TrainConfig tuned = fine_tuned(config_, weights, folder_.path());
  tuned.lr = 1e-12;
  tuned.seed = 4;
  std::vector<std::string> notes;
  const auto listen = [&](const std::string& note) { notes.push_back(note); };
  const TrainingResult result = run_training(tuned, {.on_note = listen});
  EXPECT_THAT(notes, testing::ElementsAre(str(
                         "train: the body is taken from ", weights.string(),
                         " (12 tensors); layer1.0.weight of 1 channel is repeated for 3, scaled by "
                         "1/3; fc3.weight, fc3.bias are new: 3 classes instead of 10")));
  const models::ModelFile file =
      models::load_model_file(result.directory / "weights/last.safetensors");
  EXPECT_EQ(file.card.options.at("num_classes"), "3");
  EXPECT_EQ(file.card.options.at("in_channels"), "3");
  EXPECT_EQ(file.card.classes, (std::vector<std::string>{"blue", "green", "red"}));
  const NamedTensors learned = file.weights.read_all();
  manual_seed(4);
  const auto fresh = models::make_model("fashion-cnn", file.card.options);
  EXPECT_TRUE(test::is_close(*find(learned, "fc3.weight"), *find(fresh->state_dict(), "fc3.weight"),
                             0, 1e-9));
  const NamedTensors body = models::load_model_file(weights).weights.read_all();
  EXPECT_TRUE(test::is_close(*find(learned, "fc2.weight"), *find(body, "fc2.weight"), 0, 1e-9));

  // Who asks for as many classes as there were keeps them.
  tuned.model_options = {{"num_classes", "10"}, {"in_channels", "3"}};
  EXPECT_EQ(models::load_model_file(run_training(tuned).directory / "weights/last.safetensors")
                .card.options.at("num_classes"),
            "10");
  // What is no head is what it was: an error, before there is a directory.
  tuned.model_options.clear();
  tuned.image_size = 32;
  EXPECT_THAT([&] { run_training(tuned); },
              ThrowsMessage<ShapeError>(AllOf(
                  StartsWith("fashion-cnn: images expected 1x28x28 as the weights were trained on, "
                             "got 3x32x32 (weights: file expected to hold those of"),
                  HasSubstr("unfit \"fc1.weight\""))));
  EXPECT_FALSE(fs::exists(root_ / "exp4"));
}

TEST_F(TunedTraining, SaysThatALastLayerIsKeptWhoseClassesWereOthers) {
  TrainConfig config = fine_tuned(config_, "", folder_.path());
  config.model = "fashion-dnn";
  config.epochs = 1;
  const fs::path weights = run_training(config).directory / "weights/last.safetensors";
  for (const char* part : {"train", "test"})
    fs::rename(folder_ / "photos" / part / "blue", folder_ / "photos" / part / "azure");
  config.model.clear();
  config.weights = weights.string();
  std::vector<std::string> notes;
  run_training(config, {.on_note = [&](const std::string& note) { notes.push_back(note); }});
  EXPECT_THAT(notes, testing::ElementsAre("train: the last layer is kept, whose 3 classes were "
                                          "others: \"blue\" was where \"azure\" is"));
}

// What is frozen stays as it was to the bit, its statistics too; resumed, it stays so, and from
// `unfreeze_at` on it learns.
TEST_F(TunedTraining, FreezesAndUnfreezes) {
  config_.model = test::write_small_cnn(folder_.path());
  config_.epochs = 1;
  config_.limit_train = 20;
  config_.limit_test = 10;
  config_.batch_size = 10;
  const fs::path weights = run_training(config_).directory / "weights/last.safetensors";
  const NamedTensors body = models::load_model_file(weights).weights.read_all();
  config_.model.clear();
  config_.weights = weights.string();
  config_.freeze = "conv1,bn1,fc1.bias";
  config_.lr_scale = "fc2=10";
  config_.schedule = "onecycle";
  config_.epochs = 3;
  std::vector<std::string> notes;
  const auto listen = [&](const std::string& note) { notes.push_back(note); };
  const auto same = [&](const fs::path& run, const char* name) {
    const NamedTensors now =
        models::load_model_file(run / "weights/last.safetensors").weights.read_all();
    return to_bytes(*find(now, name)) == to_bytes(*find(body, name));
  };
  const fs::path frozen = run_training(config_, {.on_note = listen}).directory;
  EXPECT_THAT(notes,
              testing::ElementsAre("train: conv1, bn1, fc1.bias are frozen (5 of 12 parameters)"));
  for (const char* name :
       {"conv1.weight", "bn1.bias", "bn1.running_mean", "bn1.num_batches_tracked", "fc1.bias"})
    EXPECT_TRUE(same(frozen, name)) << name;
  for (const char* name : {"conv2.weight", "bn2.running_mean", "fc1.weight"})
    EXPECT_FALSE(same(frozen, name)) << name;

  config_.unfreeze_at = 3;
  const fs::path whole = run_training(config_).directory;
  EXPECT_FALSE(same(whole, "conv1.weight"));
  EXPECT_FALSE(same(whole, "bn1.running_mean"));
  for (const std::int64_t step : {3, 4, 5}) {
    test::StopAt stop(step);
    const fs::path run =
        run_training(config_, {.observers = {&stop}, .stop = &stop.stop}).directory;
    EXPECT_EQ(same(run, "conv1.weight"), step < 5) << step;
    ASSERT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
    EXPECT_EQ(read(run / "weights/last.safetensors"), read(whole / "weights/last.safetensors"));
    TrainConfig changed = run_config(run);
    changed.freeze = "conv1";
    EXPECT_THAT([&] { resume_training(run, changed); },
                ThrowsMessage<ArgumentError>(
                    "config: freeze expected as in the run that goes on, got another"));
  }
}

}  // namespace
}  // namespace fovea::train
