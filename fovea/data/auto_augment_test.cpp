#include "fovea/data/auto_augment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/counted.h"
#include "tests/support/drawn_by_sample.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::counted;
using test::message_of;

constexpr int kChanges = 14;
constexpr std::int64_t kSamples = 14000;

/// The magnitudes that are drawn for each change, and how often each change is.
struct Drawn {
  std::map<ImageChange, std::set<double>> magnitudes;
  std::map<ImageChange, int> count;
  void add(const ImageStep& step) {
    magnitudes[step.change].insert(step.magnitude);
    ++count[step.change];
  }
};

void expect_magnitudes(const std::set<double>& drawn, const std::set<double>& expected) {
  ASSERT_EQ(drawn.size(), expected.size());
  for (auto one = drawn.begin(), other = expected.begin(); one != drawn.end(); ++one, ++other)
    EXPECT_NEAR(*one, *other, 1e-12);
}

// The table of torchvision's RandAugment at magnitude 9 of 31: three tenths of the way. Each change
// comes 1000 times in each place (the deviation is 30).
TEST(RandAugment, DrawsFromTorchvisionsTable) {
  const RandAugment augment;
  const std::vector<std::int64_t> indices = counted(kSamples);
  Drawn first, second;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const ImageSteps steps = augment.steps({test::seed(), 2, indices}, i, {100, 200});
    ASSERT_EQ(steps.size(), 2u);
    first.add(steps[0]);
    second.add(steps[1]);
  }
  ASSERT_EQ(first.count.size(), static_cast<std::size_t>(kChanges));
  for (const auto& [change, count] : first.count) EXPECT_NEAR(count, 1000, 160);
  for (const auto& [change, count] : second.count) EXPECT_NEAR(count, 1000, 160);
  const auto expect = [&](ImageChange change, const std::set<double>& magnitudes) {
    SCOPED_TRACE(to_string(change));
    expect_magnitudes(first.magnitudes[change], magnitudes);
  };
  expect(ImageChange::kIdentity, {0});
  expect(ImageChange::kShearX, {-0.09, 0.09});
  expect(ImageChange::kShearY, {-0.09, 0.09});
  expect(ImageChange::kTranslateX, {-9000.0 / 331, 9000.0 / 331});
  expect(ImageChange::kTranslateY, {-4500.0 / 331, 4500.0 / 331});
  expect(ImageChange::kRotate, {-9, 9});
  for (const ImageChange change : {ImageChange::kBrightness, ImageChange::kColor,
                                   ImageChange::kContrast, ImageChange::kSharpness})
    expect(change, {-0.27, 0.27});
  expect(ImageChange::kPosterize, {7});  // 8 - round(1.2)
  expect(ImageChange::kSolarize, {178.5});
  expect(ImageChange::kAutoContrast, {0});
  expect(ImageChange::kEqualize, {0});
}

// Signs are evenly drawn: of 1000 shears 500 lean to the left (deviation 16).
TEST(RandAugment, DrawsSignsEvenly) {
  const RandAugment augment({.num_ops = 1});
  const std::vector<std::int64_t> indices = counted(kSamples);
  int sum = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const ImageStep step = augment.steps({test::seed(), 0, indices}, i, 28)[0];
    if (step.change == ImageChange::kShearX) sum += step.magnitude < 0 ? 1 : -1;
  }
  EXPECT_NEAR(sum, 0, 200);
}

// The table of torchvision's TrivialAugmentWide with three bins: none, half and all of it.
TEST(TrivialAugmentWide, DrawsFromTorchvisionsTable) {
  const TrivialAugmentWide augment({.num_magnitude_bins = 3});
  const std::vector<std::int64_t> indices = counted(kSamples);
  Drawn drawn;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const ImageSteps steps = augment.steps({test::seed(), 2, indices}, i);
    ASSERT_EQ(steps.size(), 1u);
    drawn.add(steps[0]);
  }
  ASSERT_EQ(drawn.count.size(), static_cast<std::size_t>(kChanges));
  for (const auto& [change, count] : drawn.count) EXPECT_NEAR(count, 1000, 160);
  const auto expect = [&](ImageChange change, const std::set<double>& magnitudes) {
    SCOPED_TRACE(to_string(change));
    expect_magnitudes(drawn.magnitudes[change], magnitudes);
  };
  const auto either = [](double most) {
    return std::set<double>{-most, -most / 2, 0, most / 2, most};
  };
  expect(ImageChange::kShearX, either(0.99));
  expect(ImageChange::kShearY, either(0.99));
  expect(ImageChange::kTranslateX, either(32));
  expect(ImageChange::kTranslateY, either(32));
  expect(ImageChange::kRotate, either(135));
  expect(ImageChange::kColor, either(0.99));
  expect(ImageChange::kSharpness, either(0.99));
  expect(ImageChange::kPosterize, {2, 5, 8});
  expect(ImageChange::kSolarize, {0, 127.5, 255});
  expect(ImageChange::kEqualize, {0});
}

TEST(AutoAugment, TreatsASampleTheSameInAnyBatch) {
  const Transform transforms[] = {RandAugment(), TrivialAugmentWide()};
  const Tensor x = rand({40, 3, 20, 20});
  for (const Transform& transform : transforms) test::expect_drawn_by_sample(transform, x);
  EXPECT_TRUE(equal(RandAugment({.num_ops = 0})(x, {test::seed(), 4, counted(40)}), x));
}

TEST(AutoAugment, SaysWhatIsWrong) {
  EXPECT_EQ(message_of<ArgumentError>([] { RandAugment({.num_ops = -1}); }),
            "RandAugment: num_ops expected at least 0, got -1");
  EXPECT_EQ(message_of<ArgumentError>([] { RandAugment({.num_magnitude_bins = 1}); }),
            "RandAugment: num_magnitude_bins expected at least 2, got 1");
  EXPECT_EQ(message_of<ArgumentError>([] { RandAugment({.magnitude = 31}); }),
            "RandAugment: magnitude expected in [0, 31), got 31");
  EXPECT_EQ(message_of<ArgumentError>([] { TrivialAugmentWide({.num_magnitude_bins = 0}); }),
            "TrivialAugmentWide: num_magnitude_bins expected at least 2, got 0");
  EXPECT_EQ(message_of<ArgumentError>([] {
              TrivialAugmentWide()(zeros({2, 1, 3, 3}), {});
            }),
            "TrivialAugmentWide: keys expected for [2, 1, 3, 3], got 0");
}

}  // namespace
}  // namespace fovea::data
