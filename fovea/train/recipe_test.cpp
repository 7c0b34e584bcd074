#include "fovea/train/recipe.h"

#include <gmock/gmock.h>
#include <numeric>

#include "fovea/core/error.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

using testing::ThrowsMessage;

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

}  // namespace
}  // namespace fovea::train
