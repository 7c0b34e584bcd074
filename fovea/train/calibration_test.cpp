#include "fovea/train/calibration.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "tests/support/golden.h"

namespace fovea::train {
namespace {

using testing::ThrowsMessage;

/// An answer that is right (1) or wrong (0), with a probability.
SampleAnswer said(int right, float probability) {
  return {.truth = 1, .answer = right, .probability = probability};
}

TEST(Calibration, IsTheMeanDistanceOfConfidenceAndAccuracy) {
  // Two bins: of 0.2 and 0.4 none is right, of 0.9, 0.9 and 0.6 two are.
  const std::vector<SampleAnswer> answers = {said(0, 0.2F), said(0, 0.4F), said(1, 0.9F),
                                             said(1, 0.9F), said(0, 0.6F)};
  const Calibration calibration = calibrate(answers, 2);
  ASSERT_EQ(calibration.bins.size(), 2U);
  EXPECT_EQ(calibration.bins[0].count, 2);
  EXPECT_EQ(calibration.bins[0].accuracy, 0);
  EXPECT_NEAR(calibration.bins[0].confidence, 0.3, 1e-7);
  EXPECT_NEAR(calibration.bins[1].accuracy, 2.0 / 3, 1e-12);
  EXPECT_NEAR(calibration.bins[1].confidence, 0.8, 1e-7);
  EXPECT_NEAR(calibration.ece, 0.4 * 0.3 + 0.6 * (0.8 - 2.0 / 3), 1e-7);
  EXPECT_THAT([] { calibrate({}); },
              ThrowsMessage<ArgumentError>("calibration: answers expected at least 1, got 0"));
  EXPECT_THAT([&] { calibrate(answers, 0); },
              ThrowsMessage<ArgumentError>("calibration: bins expected at least 1, got 0"));
}

TEST(Calibration, ABinEndsWithItsUpperEdge) {
  const Calibration calibration = calibrate({said(1, 0.5F), said(1, 0), said(1, 1)}, 2);
  EXPECT_EQ(calibration.bins[0].count, 2);
  EXPECT_EQ(calibration.bins[1].count, 1);
}

// By NumPy, from the paper's equations.
TEST(Calibration, IsThatOfTheReference) {
  const auto golden = test::load_golden_tensors("judgement.safetensors");
  int cases = 0;
  for (;; ++cases) {
    const std::string name = str("calibration00", cases, ".");
    if (!golden.contains(name + "probability")) break;
    SCOPED_TRACE(name);
    const auto probabilities = golden.at(name + "probability").to_vector<float>();
    const auto right = golden.at(name + "right").to_vector<std::uint8_t>();
    std::vector<SampleAnswer> answers;
    for (std::size_t i = 0; i < right.size(); ++i)
      answers.push_back(said(right[i], probabilities[i]));
    const Calibration calibration = calibrate(answers);
    // The reference adds up in pairs, and so rounds otherwise.
    EXPECT_NEAR(calibration.ece, golden.at(name + "ece").item<double>(), 1e-12);
    const auto bins = golden.at(name + "bins").to_vector<double>();
    ASSERT_EQ(3 * calibration.bins.size(), bins.size());
    for (std::size_t i = 0; i < calibration.bins.size(); ++i) {
      const ReliabilityBin& bin = calibration.bins[i];
      EXPECT_EQ(static_cast<double>(bin.count), bins[3 * i]) << i;
      EXPECT_NEAR(bin.accuracy, bins[3 * i + 1], 1e-12) << i;
      EXPECT_NEAR(bin.confidence, bins[3 * i + 2], 1e-12) << i;
    }
  }
  EXPECT_EQ(cases, 4);
}

}  // namespace
}  // namespace fovea::train
