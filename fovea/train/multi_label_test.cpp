// Trainings on lists whose pictures have several labels.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "fovea/core/error.h"
#include "fovea/models/classifier.h"
#include "fovea/models/model_file.h"
#include "fovea/tensor/ops.h"
#include "fovea/train/training.h"
#include "fovea/vision/image_list.h"
#include "tests/support/image_tree.h"
#include "tests/support/same_run.h"
#include "tests/support/short_training.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using test::read;
using testing::HasSubstr;
using testing::ThrowsMessage;

class MultiLabel : public test::ShortTraining {
 protected:
  MultiLabel() {
    test::write_label_lists(folder_ / "lists", 120, 40);
    config_.data = (folder_ / "lists").string();
    config_.data_root.clear();
    config_.limit_train = 0;
    config_.limit_test = 0;
    config_.batch_size = 20;
    config_.epochs = 6;
    config_.lr = 0.003;
    config_.val_fraction = 0.2;
  }

  template <class E = ArgumentError>
  void refuse(const std::string& message) {
    EXPECT_THAT([&] { run_training(config_); }, ThrowsMessage<E>(message));
    EXPECT_FALSE(fs::exists(root_)) << message;
  }
};

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("events.")) files.insert(name);
  }
  return files;
}

TEST_F(MultiLabel, IsLearnedJudgedAndKept) {
  config_.epochs = 12;
  config_.monitor = "val_loss";
  const TrainingResult result = run_training(config_);
  const fs::path run = result.directory;
  EXPECT_GT(result.report->metrics().accuracy, 0.9);
  EXPECT_GT(result.report->metrics().mean_average_precision, 0.95);
  EXPECT_THAT(files_in(run),
              testing::ElementsAre("config.toml", "curves.svg", "env.json", "label_counts.csv",
                                   "mistakes.svg", "report.html", "report.json", "results.csv",
                                   "state", "steps.csv", "weights"));
  const auto json = nlohmann::json::parse(read(run / "report.json"));
  EXPECT_EQ(json["targets"], "multi-label");
  EXPECT_EQ(json["samples"], 40);
  EXPECT_EQ(json["per_class"][0]["support"], 20) << "half of the pictures have each label";
  EXPECT_THAT(read(run / "report.html"), HasSubstr("Label by label"));
  const models::ModelFile best = models::load_model_file(run / "weights/best.safetensors");
  EXPECT_EQ(best.card.targets, data::Targets::kMultiLabel);
  EXPECT_EQ(best.weights.metadata().at("fovea.targets"), "multi-label");

  // The weights say of each picture what the report counted.
  const auto classifier = models::Classifier::load(run / "weights/best.safetensors");
  const vision::ImageList test(folder_ / "lists/test.csv", {.channels = 3});
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < test.size(); ++i) {
    const std::vector<std::int64_t> one = {i};
    const Tensor said = classifier.classify(classifier.normalize(test.get_batch(one).data))[0];
    std::vector<std::int64_t> labels;
    for (const models::Likely& label : classifier.labels(said)) labels.push_back(label.index);
    std::sort(labels.begin(), labels.end());
    right += labels == test.labels_of(i) ? 1 : 0;
  }
  EXPECT_EQ(right, result.report->evaluation.correct());
}

TEST_F(MultiLabel, WeighsLabelsAndMixesPicturesWhereToldTo) {
  config_.epochs = 1;
  const auto weights_of = [&](const char* weights, const char* augment) {
    config_.class_weights = weights;
    config_.augment = augment;
    return read(run_training(config_).directory / "weights/last.safetensors");
  };
  const std::string plain = weights_of("none", "none");
  EXPECT_EQ(plain, weights_of("1,1,1", "none"));
  EXPECT_NE(plain, weights_of("1,1,9", "none"));
  EXPECT_NE(plain, weights_of("balanced", "none"));
  EXPECT_NE(plain, weights_of("none", "mixup+cutmix"));
}

TEST_F(MultiLabel, RefusesWhatMakesNoSenseBeforeThereIsARun) {
  const TrainConfig before = config_;
  config_.label_smoothing = 0.1;
  refuse("config: label_smoothing expected 0 for multi-label data, got 0.1 (" + config_.data + ")");
  config_ = before;
  config_.sampling = "balanced";
  refuse("config: sampling expected all for multi-label data, got \"balanced\" (" + config_.data +
         ")");
  config_ = before;
  config_.model_options = {{"num_classes", "5"}};
  refuse("fashion-dnn: num_classes expected the data's 3 for multi-label data, got 5");
  config_ = before;
  test::put_file(folder_ / "lists/test.csv", "path,label\npictures/test0.png,red\n");
  refuse<ParseError>(config_.data +
                     ": test targets expected multi-label as those of the training, got "
                     "single-label");
}

TEST_F(MultiLabel, GoesOnToTheSameBytes) {
  config_.epochs = 2;
  config_.augment = "flip+mixup:0.4+cutmix";
  config_.class_weights = "balanced";
  config_.monitor = "macro_f1";
  config_.ema = 0.9;
  const fs::path whole = run_training(config_).directory;
  for (const std::int64_t at : {1, 5, 8}) {
    test::StopAt stop(at);
    const fs::path run =
        run_training(config_, {.observers = {&stop}, .stop = &stop.stop}).directory;
    EXPECT_FALSE(fs::exists(run / "report.json"));
    EXPECT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
    test::expect_same_run(
        run, whole,
        {"weights/last.safetensors", "weights/best.safetensors", "weights/ema.safetensors",
         "steps.csv", "label_counts.csv", "curves.svg"});
  }
}

}  // namespace
}  // namespace fovea::train
