#include "fovea/train/augmentation.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

using testing::ThrowsMessage;

/// The transforms that an augmentation is made of.
std::vector<data::Transform> parts_of(const std::string& words, data::ImageSize size) {
  return make_augmentation(words, size).as<data::Compose>()->transforms();
}

TEST(Augmentation, MakesWhatTheWordsOfAnAugmentationName) {
  EXPECT_FALSE(make_augmentation("none", 28));
  const std::vector<data::Transform> parts = parts_of("flip+crop+cutout", 28);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_NE(parts[0].as<data::RandomHorizontalFlip>(), nullptr);
  EXPECT_NE(parts[1].as<data::RandomCrop>(), nullptr);
  EXPECT_NE(parts[2].as<data::Cutout>(), nullptr);
}

// Erasing comes last, and normalising before it, in whatever order the words are.
TEST(Augmentation, NormalizesBeforeItErases) {
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

TEST(Augmentation, TakesPixelsOrAShareOfTheImage) {
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
          "config: augment expected \"none\", or \"flip\", \"vflip\", \"crop\", \"rotate\", "
          "\"affine\", \"perspective\", \"cutout\", \"resizedcrop\", \"jitter\", \"grayscale\", "
          "\"blur\", \"randaugment\", \"trivialaugment\", \"erase\", \"mixup\" and \"cutmix\" "
          "joined by +, got \"flop\"; did you mean \"flip\"?"));
  EXPECT_THAT([] { make_augmentation("erase:101", 8); },
              ThrowsMessage<ArgumentError>("config: augment expected per cent from 1 to 100 behind "
                                           "the colon, got \"erase:101\""));
}

TEST(Augmentation, SplitsOffWhatIsDoneToPictures) {
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

TEST(Augmentation, TurnsAndBendsAsTheWordsSay) {
  const std::vector<data::Transform> parts = parts_of(
      "vflip+rotate+affine+perspective+grayscale+blur+randaugment+trivialaugment", {20, 40});
  ASSERT_EQ(parts.size(), 8u);
  EXPECT_NE(parts[0].as<data::RandomVerticalFlip>(), nullptr);
  EXPECT_NE(parts[1].as<data::RandomRotation>(), nullptr);
  EXPECT_NE(parts[2].as<data::RandomAffine>(), nullptr);
  EXPECT_NE(parts[3].as<data::RandomPerspective>(), nullptr);
  EXPECT_NE(parts[4].as<data::RandomGrayscale>(), nullptr);
  EXPECT_NE(parts[5].as<data::GaussianBlur>(), nullptr);
  EXPECT_NE(parts[6].as<data::RandAugment>(), nullptr);
  EXPECT_NE(parts[7].as<data::TrivialAugmentWide>(), nullptr);
}

/// What a transform of type T, the one that `words` name, does to 300 samples.
template <class T, class F>
void for_each_sample(const std::string& words, const F& f) {
  const std::vector<data::Transform> parts = parts_of(words, {20, 40});
  std::vector<std::int64_t> samples(300);
  std::iota(samples.begin(), samples.end(), 0);
  const data::SampleKeys keys{.seed = 5, .epoch = 0, .indices = samples};
  for (std::size_t i = 0; i < samples.size(); ++i) f(*parts[0].as<T>(), keys, i);
}

TEST(Augmentation, TakesNumbersBehindTheColon) {
  const auto most_degrees = [](const std::string& words) {
    double most = 0;
    for_each_sample<data::RandomRotation>(
        words, [&](const auto& rotation, const auto& keys, std::size_t i) {
          const data::Warp warp = rotation.warp(keys, i, 28);
          most = std::max(most, std::abs(std::atan2(warp.d, warp.a)) * 180 / std::acos(-1.0));
        });
    return most;
  };
  EXPECT_NEAR(most_degrees("rotate"), 15, 0.5);
  EXPECT_NEAR(most_degrees("rotate:90"), 90, 2);

  const auto most_inwards = [](const std::string& words) {
    double most = 0;
    for_each_sample<data::RandomPerspective>(
        words, [&](const auto& perspective, const auto& keys, std::size_t i) {
          most = std::max(most, perspective.corners(keys, i, {20, 40})[0].x);
        });
    return most;
  };
  EXPECT_EQ(most_inwards("perspective"), 10) << "a half of half of 40";
  EXPECT_EQ(most_inwards("perspective:20"), 4);

  const auto share = [](const std::string& words) {
    double count = 0;
    for_each_sample<data::RandomGrayscale>(words,
                                           [&](const auto& grey, const auto& keys, std::size_t i) {
                                             count += static_cast<double>(grey.greys(keys, i));
                                           });
    return count / 300;
  };
  EXPECT_NEAR(share("grayscale"), 0.1, 0.06);
  EXPECT_EQ(share("grayscale:100"), 1);

  const auto blurred = [](const std::string& words) {
    double count = 0;
    for_each_sample<data::GaussianBlur>(words,
                                        [&](const auto& blur, const auto& keys, std::size_t i) {
                                          count += static_cast<double>(blur.sigma(keys, i) > 0);
                                        });
    return count / 300;
  };
  EXPECT_NEAR(blurred("blur"), 0.5, 0.1);
  EXPECT_EQ(blurred("blur:100"), 1);
}

TEST(Augmentation, TakesChangesAndMagnitudeOfRandAugment) {
  const auto solarized = [](const std::string& words, std::size_t changes) {
    double threshold = -1;
    for_each_sample<data::RandAugment>(words,
                                       [&](const auto& augment, const auto& keys, std::size_t i) {
                                         const data::ImageSteps steps = augment.steps(keys, i, 28);
                                         EXPECT_EQ(steps.size(), changes);
                                         if (steps[0].change == data::ImageChange::kSolarize)
                                           threshold = steps[0].magnitude;
                                       });
    return threshold;
  };
  EXPECT_EQ(solarized("randaugment", 2), 8.5 * (30 - 9));
  EXPECT_EQ(solarized("randaugment:20", 2), 8.5 * (30 - 20));
  EXPECT_EQ(solarized("randaugment:3,0", 3), 255);
  for (const std::string word : {"randaugment:", "randaugment:31", "randaugment:0,9",
                                 "randaugment:2,9,1", "randaugment:2,", "randaugment:x"}) {
    EXPECT_THAT([&] { make_augmentation(word, 8); },
                ThrowsMessage<ArgumentError>(
                    "config: augment expected a magnitude from 0 to 30, or changes from 1 to 14, a "
                    "comma and the magnitude behind the colon, got \"" +
                    word + "\""));
  }
}

// How a batch of one-hot targets is mixed, by its largest share.
double share_of_mixed(const std::string& words, std::int64_t first) {
  const std::vector<std::int64_t> samples = {first, first + 1};
  const data::Batch batch{zeros({2, 1, 8, 8}), tensor({0, 2}).to(i64)};
  const data::Batch mixed = make_mixing(words, 3)(batch, {.seed = 1, .indices = samples});
  EXPECT_EQ(mixed.target.sizes(), (Shape{2, 3}));
  return mixed.target.max().item();
}

TEST(Augmentation, MakesWhatMixesBatches) {
  EXPECT_FALSE(make_mixing("none", 3));
  EXPECT_FALSE(make_mixing("flip+erase", 3));
  EXPECT_FALSE(make_augmentation("mixup+cutmix:0.5", 8)) << "that is done to batches";
  EXPECT_EQ(parts_of("flip+mixup+crop", 8).size(), 2u);
  // Of a small alpha a sample is nearly its own, or nearly the other's; of a large one it is both.
  for (std::int64_t first = 0; first < 20; ++first) {
    EXPECT_LT(share_of_mixed("flip+mixup:100", first), 0.75);
    (void)share_of_mixed("mixup+cutmix:2", first);
  }
  double sum = 0;
  for (std::int64_t first = 0; first < 20; ++first) sum += share_of_mixed("mixup:0.01", first);
  EXPECT_GT(sum, 19);
  for (const std::string word : {"mixup:0", "mixup:", "cutmix:-1", "cutmix:101", "mixup:0.2x"}) {
    EXPECT_THAT(
        [&] { make_augmentation("flip+" + word, 8); },
        ThrowsMessage<ArgumentError>("config: augment expected a number above 0 and at most "
                                     "100 behind the colon, got \"" +
                                     word + "\""));
  }
  EXPECT_THAT([] { make_augmentation("rotate:181", 8); },
              ThrowsMessage<ArgumentError>("config: augment expected degrees from 1 to 180 behind "
                                           "the colon, got \"rotate:181\""));
}

TEST(Augmentation, ReadsViews) {
  EXPECT_EQ(parse_views("none").count(), 1);
  EXPECT_EQ(parse_views("flip").count(), 2);
  EXPECT_EQ(parse_views("flip").shift, 0);
  EXPECT_EQ(parse_views("shift").shift, 1);
  EXPECT_EQ(parse_views("shift:3+flip").shift, 3);
  EXPECT_EQ(parse_views("shift:3+flip").count(), 10);
}

}  // namespace
}  // namespace fovea::train
