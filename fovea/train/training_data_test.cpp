#include "fovea/train/training_data.h"

#include <gmock/gmock.h>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/model_file.h"
#include "fovea/tensor/ops.h"
#include "tests/support/image_tree.h"
#include "tests/support/short_training.h"
#include "tests/support/tar_file.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using test::read;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class TrainingDataTest : public test::ShortTraining {
 protected:
  /// Takes the pictures of a folder of the test's own.
  void learn_from(const char* folder) {
    config_.data = (folder_ / folder).string();
    config_.data_root.clear();
  }
};

/// Pictures in two classes of one colour each.
void put_pictures(const fs::path& folder, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string name = std::to_string(i) + ".png";
    test::put_png(folder / "a" / name, test::plain_image({200 + i % 20}, 28, 28));
    test::put_png(folder / "b" / name, test::plain_image({20 + i % 20}, 28, 28));
  }
}

/// A wide picture that is black but for its sides, which are not in the square in its middle: parts
/// that are cut out of that square are all alike.
Tensor with_bright_sides() {
  Tensor picture = zeros({3, 40, 120}, {.dtype = u8});
  picture.narrow(2, 0, 30).fill_(255);
  picture.narrow(2, 90, 30).fill_(128);
  return picture;
}

TEST_F(TrainingDataTest, WantsTestImagesOfTheTrainingsSize) {
  for (const auto& [split, side] : {std::pair("train", 8), {"test", 6}})
    test::put_png(folder_ / "photos" / split / "a/1.png", test::plain_image({9}, side, side));
  learn_from("photos");
  EXPECT_THAT(
      [&] { run_training(config_); },
      ThrowsMessage<ShapeError>(config_.data + ": test images expected [1, 8, 8] as those of "
                                               "the training, got [1, 6, 6]"));
}

TEST_F(TrainingDataTest, JudgingThatFailsCostsNoWeights) {
  put_pictures(folder_ / "photos/train", 10);
  put_pictures(folder_ / "photos/test", 70);
  test::put_file(folder_ / "photos/test/a/31.png",
                 "no picture");  // not among those looked at before
  learn_from("photos");
  config_.limit_test = 0;
  EXPECT_THROW(run_training(config_), ParseError);
  for (const char* file : {"last", "best"}) {
    const fs::path weights = root_ / "exp/weights" / (file + std::string(".safetensors"));
    EXPECT_EQ(models::load_model_file(weights).card.model, "fashion-dnn");
  }
}

// A picture that nobody has looked at costs the steps behind it, and none before it.
TEST_F(TrainingDataTest, DataThatFailsCostsNoStepsThatWereDone) {
  put_pictures(folder_ / "photos/train", 70);
  put_pictures(folder_ / "photos/test", 4);
  test::put_file(folder_ / "photos/train/b/69.png", "no picture");  // the 137th of 140
  learn_from("photos");
  config_.limit_train = 0;
  config_.shuffle = false;
  config_.batch_size = 10;
  config_.log_every = 1;
  config_.epochs = 1;
  std::vector<std::string> notes;
  const TrainingHooks hooks{.on_note = [&](const std::string& note) { notes.push_back(note); }};
  EXPECT_THROW(run_training(config_, hooks), ParseError);
  const fs::path weights = root_ / "exp/weights";
  const std::string run = (root_ / "exp").string();
  EXPECT_THAT(notes,
              ElementsAre("train: the weights after step 13 are in " +
                              (weights / "last.safetensors").string(),
                          "train: the last checkpoint is " + run +
                              "/state/step-13.safetensors; to go on: fovea train --resume " + run));
  EXPECT_THAT(read(root_ / "exp/steps.csv"), HasSubstr("\n13,"));
  EXPECT_EQ(read(weights / "last.safetensors"), read(weights / "best.safetensors"));
  // They are those of 13 steps on good data.
  fs::remove(folder_ / "photos/train/b/69.png");
  config_.drop_last = true;
  ASSERT_EQ(run_training(config_).end, TrainEnd::kDone);
  // The heads differ in what they say of the pictures (fovea.ground), which are others.
  const auto numbers = [](const fs::path& file) {
    const std::string content = read(file);
    std::uint64_t head = 0;
    std::memcpy(&head, content.data(), sizeof head);
    return content.substr(sizeof head + head);
  };
  EXPECT_EQ(numbers(root_ / "exp2/weights/last.safetensors"),
            numbers(weights / "last.safetensors"));
}

TEST_F(TrainingDataTest, ChoosesTheBestByAFolderOfValidation) {
  put_pictures(folder_ / "photos/train", 10);
  put_pictures(folder_ / "photos/test", 4);
  put_pictures(folder_ / "photos/valid", 3);
  put_pictures(folder_ / "photos/more", 1);
  test::put_file(folder_ / "photos/valid/a/x.gif", "x");
  learn_from("photos");
  std::vector<std::string> notes;
  const TrainingHooks hooks{.on_note = [&](const std::string& note) { notes.push_back(note); }};
  const auto train = [&] {
    notes.clear();
    return run_training(config_, hooks);
  };
  const std::string place = config_.data;
  const std::string left_out =
      "left out: 1 file that is no picture by its ending: 1 .gif (" + place + "/valid)";
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

TEST_F(TrainingDataTest, HoldsPicturesOutOfAFolderInOnePiece) {
  put_pictures(folder_ / "photos", 10);
  learn_from("photos");
  config_.seed = 4;
  std::vector<std::string> notes;
  const TrainingHooks hooks{.on_note = [&](const std::string& note) { notes.push_back(note); }};
  const TrainingResult run = run_training(config_, hooks);
  EXPECT_EQ(run.report->metrics().per_class[0].support, 2);
  EXPECT_EQ(run.report->metrics().per_class[1].support, 2);
  EXPECT_THAT(notes, ElementsAre("split: 4 of 20 pictures judge, 16 are learned from: " +
                                 config_.data + " comes in one piece (test_fraction 0.2, seed 4)"));
  const fs::path weights = run.directory / "weights/best.safetensors";
  EXPECT_EQ(models::load_model_file(weights).card.held_out,
            (models::HeldOut{.share = 0.2, .seed = 4}));
  const auto environment = nlohmann::json::parse(read(run.directory / "env.json"));
  EXPECT_EQ(environment["data"].size(), 2u);
  config_.test_fraction = 0.5;
  EXPECT_EQ(run_training(config_).report->metrics().samples, 10);
  // A share for validation is taken from what is learned from.
  config_.val_fraction = 0.25;
  EXPECT_EQ(run_training(config_).report->metrics().samples, 10);
  config_.val_fraction = 0;
  put_pictures(folder_ / "split/train", 10);
  put_pictures(folder_ / "split/test", 4);
  learn_from("split");
  EXPECT_THAT([&] { run_training(config_); },
              ThrowsMessage<ArgumentError>(
                  "config: test_fraction expected with data in one piece only, got it with \"" +
                  config_.data + "\", which brings its own images to judge with"));
  config_.test_fraction.reset();
  const fs::path other = run_training(config_).directory / "weights/best.safetensors";
  EXPECT_EQ(models::load_model_file(other).card.held_out, std::nullopt);
}

TEST_F(TrainingDataTest, LearnsFromAList) {
  put_pictures(folder_ / "pictures", 10);
  std::string list = "path,label\n";
  for (int i = 0; i < 20; ++i)
    list += str("pictures/", i % 2 == 0 ? "a/" : "b/", i / 2, ".png,",
                i % 2 == 0 ? "dark" : "light", "\n");
  test::put_file(folder_ / "list.csv", list);
  learn_from("list.csv");
  const TrainingResult run = run_training(config_);
  EXPECT_EQ(run.report->metrics().samples, 4);
  const models::ModelCard card =
      models::load_model_file(run.directory / "weights/best.safetensors").card;
  EXPECT_EQ(card.classes, (std::vector<std::string>{"dark", "light"}));
  EXPECT_EQ(card.held_out, (models::HeldOut{.share = 0.2, .seed = 0}));
}

// Pictures whose sides are bright and whose middle is dark: what is cut off tells them apart.
TEST_F(TrainingDataTest, BringsPicturesToTheSizeAsResizeSays) {
  for (const char* place : {"photos/train/a/1.png", "photos/train/b/1.png", "photos/test/a/1.png"})
    test::put_png(folder_ / place, with_bright_sides());
  learn_from("photos");
  config_.image_size = 28;
  const auto images = [&](const char* resize) {
    config_.resize = resize;
    const TrainingData data = load_training_data(config_, {});
    EXPECT_EQ(data.fit, models::parse_picture_fit(resize));
    const std::vector<std::int64_t> first = {0};
    Tensor judged = data.test->get_batch(first).data;
    EXPECT_TRUE(equal(data.train->get_batch(first).data, judged)) << resize;
    return judged;
  };
  const Tensor picture = with_bright_sides().unsqueeze(0);
  for (const char* resize : {"crop", "pad", "stretch"}) {
    const auto fit = models::parse_picture_fit(resize).value();
    EXPECT_TRUE(equal(images(resize), models::picture_transform(fit, 28)(picture, {}))) << resize;
  }
  config_.resize = "stretch";
  const fs::path weights = run_training(config_).directory / "weights/best.safetensors";
  EXPECT_EQ(models::load_model_file(weights).card.fit, models::PictureFit::kStretch);
  config_.data = "fashion-mnist";
  config_.image_size = 0;
  EXPECT_THAT([&] { run_training(config_); },
              ThrowsMessage<ArgumentError>("config: resize expected crop for \"fashion-mnist\", "
                                           "which is no folder of pictures, got stretch"));
}

TEST_F(TrainingDataTest, LimitsAFolderClassByClass) {
  put_pictures(folder_ / "photos/train", 10);
  put_pictures(folder_ / "photos/test", 10);
  learn_from("photos");
  config_.limit_train = 12;
  config_.limit_test = 4;
  config_.val_fraction = 0.25;
  const TrainingResult result = run_training(config_);
  EXPECT_EQ(result.report->metrics().per_class[0].support, 2);
  EXPECT_EQ(result.report->metrics().per_class[1].support, 2);
}

// Pictures of several sizes with a light band, in two shards to learn from and one to judge with.
TEST_F(TrainingDataTest, LearnsFromShards) {
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
  learn_from("shards");
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

TEST_F(TrainingDataTest, LearnsFromPartsOfPicturesAndIsJudgedByTheMiddle) {
  for (int i = 0; i < 24; ++i) {
    const std::string name = (i % 2 == 0 ? "a/" : "b/") + std::to_string(i) + ".png";
    test::put_png(folder_ / ("photos/train/" + name), with_bright_sides());
    test::put_png(folder_ / ("photos/test/" + name), with_bright_sides());
  }
  learn_from("photos");
  expect_parts_to_learn_from(config_);
}

TEST_F(TrainingDataTest, LearnsFromPartsOfPicturesInShardsToo) {
  std::string archive;
  for (int i = 0; i < 12; ++i) {
    archive += test::tar_file(std::to_string(i) + ".png",
                              test::as_text(io::encode_png(with_bright_sides()))) +
               test::tar_file(std::to_string(i) + ".cls", std::to_string(i % 2));
  }
  test::put_file(folder_ / "shards/train/0.tar", archive + test::tar_end());
  test::put_file(folder_ / "shards/test/0.tar", archive + test::tar_end());
  learn_from("shards");
  expect_parts_to_learn_from(config_);
}

}  // namespace
}  // namespace fovea::train
