#include "fovea/train/comparison.h"

#include <gmock/gmock.h>

#include <utility>

#include "fovea/core/error.h"
#include "tests/support/golden.h"

namespace fovea::train {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// Answers of two models to samples of which one alone answers `a` and `b` right.
std::pair<std::vector<SampleAnswer>, std::vector<SampleAnswer>> answers_of(std::int64_t only_a,
                                                                           std::int64_t only_b) {
  std::pair<std::vector<SampleAnswer>, std::vector<SampleAnswer>> both;
  const auto add = [&](std::int64_t count, std::int64_t a, std::int64_t b) {
    both.first.insert(both.first.end(), static_cast<std::size_t>(count),
                      SampleAnswer{.truth = 0, .answer = a});
    both.second.insert(both.second.end(), static_cast<std::size_t>(count),
                       SampleAnswer{.truth = 0, .answer = b});
  };
  add(7, 0, 0);
  add(only_a, 0, 1);
  add(only_b, 1, 0);
  add(3, 1, 1);
  return both;
}

Comparison comparison_of(std::int64_t only_a, std::int64_t only_b) {
  const auto [a, b] = answers_of(only_a, only_b);
  return compare(a, b);
}

TEST(Comparison, CountsWhatEachAnswersRight) {
  const Comparison many = comparison_of(86, 150);
  EXPECT_EQ(many.both_right, 7);
  EXPECT_EQ(many.only_a, 86);
  EXPECT_EQ(many.only_b, 150);
  EXPECT_EQ(many.both_wrong, 3);
}

// By hand: of 5 throws all fall to one side with 2 / 2^5, of 15 three or fewer with
// 2 (1 + 15 + 105 + 455) / 2^15.
TEST(Comparison, OfFewIsTheBinomialTest) {
  EXPECT_EQ(comparison_of(0, 5).p, 2.0 / 32);
  EXPECT_EQ(comparison_of(3, 12).p, 1152.0 / 32768);
  EXPECT_EQ(comparison_of(0, 0).p, 1);
  EXPECT_EQ(comparison_of(12, 12).p, 1);
  EXPECT_TRUE(comparison_of(12, 12).exact);
  EXPECT_FALSE(comparison_of(12, 13).exact);
}

TEST(Comparison, IsMcNemarsTest) {
  const auto golden = test::load_golden_tensors("judgement.safetensors");
  const auto counts = golden.at("mcnemar.counts").to_vector<std::int64_t>();
  const auto p = golden.at("mcnemar.p").to_vector<double>();
  ASSERT_EQ(p.size(), 16U);
  for (std::size_t i = 0; i < p.size(); ++i)
    EXPECT_NEAR(comparison_of(counts[2 * i], counts[2 * i + 1]).p, p[i], 1e-10 * p[i])
        << counts[2 * i] << " : " << counts[2 * i + 1];
}

TEST(Comparison, SaysWhatThatMeans) {
  const Text better = comparison_of(86, 150).verdict("dnn", "cnn");
  EXPECT_THAT(better.english, testing::StartsWith("cnn is better than dnn by more than chance"));
  EXPECT_THAT(better.english, HasSubstr("86 : 150"));
  EXPECT_THAT(better.korean, HasSubstr("cnn이(가) dnn보다"));
  EXPECT_THAT(better.english, HasSubstr("with p = 4.1e-05."));
  EXPECT_THAT(comparison_of(2, 3000).verdict("a", "b").english, HasSubstr("with p < 1e-99."));
  const Text neither = comparison_of(3, 2).verdict("a", "b");
  EXPECT_THAT(neither.english, testing::StartsWith("No difference can be told between a and b"));
  EXPECT_THAT(neither.english, HasSubstr("with p = 1.0000."));
  EXPECT_THAT(neither.korean, HasSubstr("차이가 있다고 할 수 없습니다"));
}

TEST(Comparison, NeedsTheSameSamples) {
  EXPECT_THAT([] { compare({SampleAnswer()}, {}); },
              ThrowsMessage<ArgumentError>(
                  "comparison: answers expected to the same samples, got 1 and 0"));
  EXPECT_THAT([] { compare({SampleAnswer()}, {SampleAnswer{.truth = 1}}); },
              ThrowsMessage<ArgumentError>("comparison: samples expected to be the same, got "
                                           "classes 0 and 1 (sample 0)"));
}

}  // namespace
}  // namespace fovea::train
