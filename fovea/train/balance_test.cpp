#include "fovea/train/balance.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"

namespace fovea::train {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::ThrowsMessage;

const std::vector<std::string> kClasses = {"cat", "dog", "bird, small"};

/// Six cats, three dogs, one bird.
data::TensorDataset pets() {
  return {zeros({10, 1}), from_data(std::vector<std::int64_t>{0, 0, 1, 0, 0, 2, 1, 0, 1, 0}, {10}),
          kClasses};
}

TEST(ClassWeights, AreBalancedByTheLabelsOfTheData) {
  EXPECT_THAT(class_weights_of("balanced", pets(), kClasses),
              ElementsAre(DoubleEq(10.0 / 18), DoubleEq(10.0 / 9), DoubleEq(10.0 / 3)));
}

// tests/golden/metrics.py
TEST(ClassWeights, AreThoseOfScikitLearn) {
  const auto golden = test::load_golden_tensors("metrics.safetensors");
  for (const std::string name : {"class000.", "class001.", "class002."}) {
    SCOPED_TRACE(name);
    const auto expected = golden.at(name + "balanced").to_vector<double>();
    const auto labels = golden.at(name + "truth").to_vector<std::int64_t>();
    const std::vector<double> got =
        balanced_weights(count_classes(labels, static_cast<std::int64_t>(expected.size())),
                         std::vector<std::string>(expected.size(), "a class"));
    EXPECT_THAT(got, testing::Pointwise(testing::DoubleEq(), expected));
  }
}

TEST(ClassWeights, AreNumbersOrNone) {
  EXPECT_TRUE(class_weights_of("none", pets(), kClasses).empty());
  EXPECT_THAT(class_weights_of("1,2, 0.5", pets(), kClasses), ElementsAre(1, 2, 0.5));
  EXPECT_EQ(format_class_weights({1, 2, 0.5}), "1,2,0.5");
}

TEST(ClassWeights, ComeFromAFile) {
  const test::TempDir folder;
  const std::string file = (folder / "weights.csv").string();
  test::put_file(file, "dog,2\r\nbird, small,3.5\n\ncat,0\n");
  EXPECT_THAT(class_weights_of(file, pets(), kClasses), ElementsAre(0, 2, 3.5));
  test::put_file(file, "3,2,1\n");
  EXPECT_THAT(class_weights_of(file, pets(), kClasses), ElementsAre(3, 2, 1));
}

TEST(ClassWeights, SayWhatIsWrong) {
  const auto parse = [](const char* text) {
    return [=] { parse_class_weights(text, kClasses, "w.csv"); };
  };
  EXPECT_THAT(parse("1,2"), ThrowsMessage<ParseError>("class weights: numbers expected 3, one for "
                                                      "each class, got 2 (w.csv)"));
  EXPECT_THAT(parse("cat,1\ndog,-1\n"),
              ThrowsMessage<ParseError>("class weights: line expected NAME,WEIGHT with a weight at "
                                        "least 0, got \"dog,-1\" (w.csv, line 2)"));
  EXPECT_THAT(parse("cat,1\ndgo,1\n"),
              ThrowsMessage<ParseError>("class weights: class expected of the data, got \"dgo\"; "
                                        "did you mean \"dog\"? (w.csv, line 2)"));
  EXPECT_THAT(parse("cat,1\ncat,1\n"),
              ThrowsMessage<ParseError>(
                  "class weights: class expected once, got \"cat\" again (w.csv, line 2)"));
  EXPECT_THAT(parse("cat,1\ndog,1\n"),
              ThrowsMessage<ParseError>(
                  "class weights: weight expected for \"bird, small\", got none (w.csv)"));
  EXPECT_THAT([] { class_weights_of("1,2", pets(), kClasses); },
              ThrowsMessage<ParseError>("class weights: numbers expected 3, one for each class, "
                                        "got 2 (config: class_weights)"));
  EXPECT_THAT(
      [] {
        balanced_weights({1, 0, 1}, kClasses);
      },
      ThrowsMessage<ArgumentError>(
          "balanced_weights: samples expected of every class, got none of \"dog\""));
  EXPECT_THAT(
      [] {
        count_classes({0, 3}, 3);
      },
      ThrowsMessage<IndexError>("count_classes: label expected in [0, 3), got 3 (sample 1)"));
}

// Each class a third of the draws: of 3,000 the deviation is 26.
TEST(BalancedSampler, ShowsEachClassAsOftenAsEveryOther) {
  const data::TensorDataset data = pets();
  const std::vector<std::int64_t> labels = data.labels();
  const auto sampler = balanced_sampler(data, kClasses, 3);
  ASSERT_EQ(sampler->size(), 10);
  std::vector<int> seen(3);
  for (std::uint64_t epoch = 0; epoch < 300; ++epoch) {
    for (const std::int64_t i : sampler->order(epoch))
      ++seen.at(static_cast<std::size_t>(labels.at(static_cast<std::size_t>(i))));
  }
  for (const int count : seen) EXPECT_NEAR(count, 1000, 130);
}

TEST(ClassWeights, OfLabelsBalanceThoseThatAreThereAndThoseThatAreNot) {
  const std::vector<std::string> names = {"cat", "dog"};
  EXPECT_THAT(balanced_label_weights({2, 6}, 8, names), testing::ElementsAre(3, 1.0 / 3));
  const data::TensorDataset labelled(zeros({4, 1}),
                                     tensor({{1., 0.}, {1., 1.}, {0., 0.}, {1., 0.}}).to(f32),
                                     names, {}, data::Targets::kMultiLabel);
  EXPECT_THAT(class_weights_of("balanced", labelled, names), testing::ElementsAre(1.0 / 3, 3));
  EXPECT_THAT(class_weights_of("1,5", labelled, names), testing::ElementsAre(1, 5));
  EXPECT_THAT(
      [&] {
        balanced_label_weights({2, 0}, 8, names);
      },
      testing::ThrowsMessage<ArgumentError>(
          "balanced_label_weights: samples with and without \"dog\" expected, got 0 with it "
          "of 8"));
  EXPECT_THAT(
      [&] {
        balanced_label_weights({8, 1}, 8, names);
      },
      testing::ThrowsMessage<ArgumentError>(
          "balanced_label_weights: samples with and without \"cat\" expected, got 8 with it "
          "of 8"));
}

}  // namespace
}  // namespace fovea::train
