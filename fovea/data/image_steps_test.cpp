#include "fovea/data/image_steps.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::message_of;
using testing::ElementsAre;

Tensor greys(const std::vector<std::uint8_t>& values) {
  return from_data(values, {1, 1, 1, static_cast<std::int64_t>(values.size())});
}

Tensor changed(const Tensor& batch, const ImageSteps& steps) {
  return apply_image_steps(batch,
                           std::vector<ImageSteps>(static_cast<std::size_t>(batch.size(0)), steps));
}

std::vector<int> changed_greys(const std::vector<std::uint8_t>& values, const ImageStep& step) {
  return changed(greys(values), {step}).to_vector<int>();
}

TEST(ImageSteps, WorkedByHand) {
  EXPECT_THAT(changed_greys({0, 89, 90, 255}, {ImageChange::kSolarize, 90}),
              ElementsAre(0, 89, 165, 0));
  EXPECT_THAT(changed_greys({0, 31, 32, 255}, {ImageChange::kPosterize, 3}),
              ElementsAre(0, 0, 32, 224));
  EXPECT_THAT(changed_greys({7, 255}, {ImageChange::kPosterize, 8}), ElementsAre(7, 255));
  EXPECT_THAT(changed_greys({7, 255}, {ImageChange::kPosterize, 0}), ElementsAre(0, 0));
  EXPECT_THAT(changed_greys({50, 60, 100}, {ImageChange::kAutoContrast, 0}),
              ElementsAre(0, 51, 255));
  EXPECT_THAT(changed_greys({50, 50}, {ImageChange::kAutoContrast, 0}), ElementsAre(50, 50));
  EXPECT_THAT(changed_greys({3, 4, 5}, {ImageChange::kIdentity, 0}), ElementsAre(3, 4, 5));
  EXPECT_THAT(changed_greys({1, 2, 3, 4}, {ImageChange::kTranslateX, -1.9}),
              ElementsAre(2, 3, 4, 0));
  // Half a row down the first one moves by 1 pixel, to the left, and the second by 3.
  EXPECT_THAT(
      changed(test::counted_images(1, 1, 2, 3), {{ImageChange::kShearX, 2}}).to_vector<int>(),
      ElementsAre(1, 2, 0, 0, 0, 0));
}

// 510 pixels, of which the brightest value has 255: 255 others over 255 steps are 1 each.
TEST(ImageSteps, EqualizeSpreadsWhatLiesTogether) {
  std::vector<std::uint8_t> values(510, 20);
  for (std::size_t i = 0; i < 100; ++i) values[i] = 10;
  for (std::size_t i = 100; i < 255; ++i) values[i] = 11;
  const std::vector<int> y = changed_greys(values, {ImageChange::kEqualize, 0});
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[100], 100) << "as many pixels are below it";
  EXPECT_EQ(y[255], 255);
  EXPECT_THAT(changed_greys({7, 9}, {ImageChange::kEqualize, 0}), ElementsAre(7, 9))
      << "too few to spread";
}

/// adjust_sharpness pixel by pixel, of bytes in f64.
Tensor plain_sharpened(const Tensor& batch, double factor) {
  const Tensor x = batch.to(cpu);
  const std::int64_t height = x.size(2), width = x.size(3);
  const Tensor y = x.clone();
  for (std::int64_t plane = 0; plane < x.size(0) * x.size(1); ++plane) {
    const std::uint8_t* const from = x.data<std::uint8_t>() + plane * height * width;
    std::uint8_t* const to = y.data<std::uint8_t>() + plane * height * width;
    for (std::int64_t i = 0; i < height * width; ++i) {
      const std::int64_t row = i / width, column = i % width;
      double mean = from[i];
      if (row > 0 && row < height - 1 && column > 0 && column < width - 1) {
        mean *= 4;
        for (const std::int64_t step :
             {-width - 1, -width, -width + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
              width - 1, width, width + 1})
          mean += from[i + step];
        mean = std::nearbyint(mean / 13);
      }
      // 1e-9: what is a whole number by its formula is not to be rounded down.
      to[i] = static_cast<std::uint8_t>(
          std::clamp(factor * from[i] + (1 - factor) * mean + 1e-9, 0.0, 255.0));
    }
  }
  return y.to(batch.device());
}

// Factors of few bits: no product or sum is rounded.
TEST(ImageSteps, SharpeningAgreesWithAPlainLoop) {
  Generator generator(test::seed());
  for (const Shape& size : {Shape{2, 3, 7, 11}, Shape{1, 1, 3, 3}, Shape{1, 1, 28, 29}}) {
    const Tensor x = randint(0, 256, size, {.dtype = u8}, generator);
    for (const double factor : {0.0, 0.25, 1.0, 1.75})
      EXPECT_TRUE(
          equal(changed(x, {{ImageChange::kSharpness, factor - 1}}), plain_sharpened(x, factor)))
          << size << factor;
  }
  for (const Shape& size : {Shape{1, 1, 2, 9}, Shape{1, 1, 9, 2}}) {
    const Tensor x = randint(0, 256, size, {.dtype = u8}, generator);
    EXPECT_TRUE(equal(changed(x, {{ImageChange::kSharpness, 0.9}}), x)) << "too small";
  }
}

// What is defined for bytes does the same to numbers in [0, 1].
TEST(ImageSteps, BytesAndNumbersBecomeTheSame) {
  Generator generator(test::seed());
  const Tensor bytes = randint(0, 256, {2, 3, 40, 30}, {.dtype = u8}, generator);
  const Tensor numbers = bytes.to(f32) / 255.0;
  for (const ImageStep& step :
       {ImageStep{ImageChange::kPosterize, 5}, ImageStep{ImageChange::kEqualize, 0},
        ImageStep{ImageChange::kTranslateY, 7}, ImageStep{ImageChange::kRotate, 33}}) {
    EXPECT_TRUE(equal(changed(numbers, {step}), changed(bytes, {step}).to(f32) / 255.0))
        << to_string(step.change);
  }
}

TEST(ImageSteps, AreDoneInOrderAndToEachImageItsOwn) {
  Generator generator(test::seed());
  const Tensor x = randint(0, 256, {3, 3, 9, 8}, {.dtype = u8}, generator);
  const ImageStep turn{ImageChange::kRotate, 31}, bright{ImageChange::kBrightness, 0.4};
  const std::vector<ImageSteps> steps = {{turn, bright}, {}, {bright, turn}};
  const Tensor y = apply_image_steps(x, steps, {.fill = {100}});
  const Tensor turned = apply_image_steps(x, std::vector<ImageSteps>(3, {turn}), {.fill = {100}});
  EXPECT_TRUE(equal(y[0], changed(turned, {bright})[0]));
  EXPECT_TRUE(equal(y[1], x[1]));
  const Tensor brighter = changed(x, {bright});
  EXPECT_TRUE(equal(
      y[2], apply_image_steps(brighter, std::vector<ImageSteps>(3, {turn}), {.fill = {100}})[2]));
}

TEST(ImageSteps, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(ImageChange::kEqualize); ++i)
    names.insert(to_string(static_cast<ImageChange>(i)));
  EXPECT_EQ(names.size(), 14u);
}

TEST(ImageSteps, SayWhatIsWrong) {
  const Tensor x = zeros({1, 3, 2, 2});
  const auto refusal = [&](const ImageStep& step) {
    return message_of<ArgumentError>([&] { changed(x, {step}); });
  };
  EXPECT_EQ(refusal({ImageChange::kSharpness, -1.5}),
            "apply_image_steps: magnitude of Sharpness expected at least -1, got -1.5");
  EXPECT_EQ(refusal({ImageChange::kPosterize, 3.5}),
            "apply_image_steps: magnitude of Posterize expected a whole number up to 8, got 3.5");
  EXPECT_EQ(refusal({ImageChange::kSolarize, 256}),
            "apply_image_steps: magnitude of Solarize expected in [0, 255], got 256");
  EXPECT_EQ(refusal({ImageChange::kRotate, INFINITY}),
            "apply_image_steps: magnitude of Rotate expected a finite number, got inf");
  EXPECT_EQ(message_of<ShapeError>([] {
              changed(zeros({1, 2, 3, 3}), {});
            }),
            "apply_image_steps: batch expected 1 or 3 channels, got [1, 2, 3, 3]");
  EXPECT_EQ(message_of<ArgumentError>([&] { apply_image_steps(x, {}); }),
            "apply_image_steps: steps expected for 1 images, got 0");
}

}  // namespace
}  // namespace fovea::data
