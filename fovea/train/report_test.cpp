#include "fovea/train/report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fovea/io/colors.h"
#include "fovea/tensor/ops.h"
#include "fovea/train/charts.h"
#include "fovea/train/mistakes.h"

namespace fovea::train {
namespace {

using testing::HasSubstr;

using Labels = std::vector<std::int64_t>;

Report example() {
  Report report{.model = "fashion-cnn",
                .data = "fashion-mnist",
                .run_dir = {},
                .classes = {"Bag", "Ankle, Boot", "T<Shirt"},
                .evaluation = {.loss = 0.25, .confusion = ConfusionMatrix(3)}};
  report.evaluation.confusion.add(Labels{0, 0, 1, 1, 1, 2}, Labels{0, 1, 1, 1, 0, 2});
  return report;
}

TEST(Report, HasTheKeysOfTheContract) {
  const auto json = nlohmann::ordered_json::parse(to_json(example()));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("model", "data", "samples", "loss", "accuracy",
                                         "error_rate", "majority_share", "warnings", "per_class",
                                         "macro_f1", "confusion_matrix"));
  EXPECT_EQ(json["samples"], 6);
  EXPECT_EQ(json["loss"], 0.25);
  EXPECT_DOUBLE_EQ(json["accuracy"], 4.0 / 6);
  EXPECT_DOUBLE_EQ(json["error_rate"], 2.0 / 6);
  EXPECT_DOUBLE_EQ(json["majority_share"], 0.5);
  EXPECT_EQ(json["confusion_matrix"],
            nlohmann::ordered_json::parse("[[1, 1, 0], [1, 2, 0], [0, 0, 1]]"));
  const auto& second = json["per_class"][1];
  EXPECT_EQ(second["class"], "Ankle, Boot");
  EXPECT_EQ(second["index"], 1);
  EXPECT_DOUBLE_EQ(second["precision"], 2.0 / 3);
  EXPECT_DOUBLE_EQ(second["recall"], 2.0 / 3);
  EXPECT_DOUBLE_EQ(second["f1"], 2.0 / 3);
  EXPECT_EQ(second["support"], 3);
}

TEST(Report, NamesTheRunDirectoryOfARun) {
  Report report = example();
  report.run_dir = "runs/train/exp";
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["run_dir"], "runs/train/exp");
}

TEST(Report, WritesTheMatrixAsCsv) {
  EXPECT_EQ(confusion_csv(example()),
            "true,Bag,\"Ankle, Boot\",T<Shirt\n"
            "Bag,1,1,0\n"
            "\"Ankle, Boot\",1,2,0\n"
            "T<Shirt,0,0,1\n");
}

TEST(ConfusionChart, ShowsNamesAndCounts) {
  const std::string svg = draw_confusion(example()).to_string();
  for (const char* text : {"fashion-cnn on fashion-mnist", "66.7 % of 6 right", "Ankle, Boot",
                           "T&lt;Shirt", "predicted class", "true class", "recall %"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, testing::Not(HasSubstr(io::hex_of(io::heat_color(0)))))
      << "empty cells follow the page";
}

TEST(ConfusionChart, LeavesTheTextOutWhenThereAreManyClasses) {
  Report report{.model = "m",
                .data = "d",
                .run_dir = {},
                .classes = {},
                .evaluation = {.loss = 0, .confusion = ConfusionMatrix(100)}};
  report.evaluation.confusion.add(Labels(1000, 3), Labels(1000, 4));
  const std::string svg = draw_confusion(report).to_string();
  EXPECT_THAT(svg, testing::Not(HasSubstr("recall %")));
  EXPECT_THAT(svg, HasSubstr("0.0 % of 1,000 right"));
}

TEST(MistakesChart, ShowsBothNamesAndHowSureItWas) {
  const data::TensorDataset dataset(zeros({6, 1, 4, 4}, {.dtype = u8}), zeros({6}).to(i64));
  Report report = example();
  report.evaluation.mistakes = {
      {.sample = 1, .truth = 0, .answer = 1, .probability = 0.9999, .truth_probability = 0.0001},
      {.sample = 4, .truth = 1, .answer = 0, .probability = 0.5}};
  std::string svg = draw_mistakes(report, dataset).to_string();
  for (const char* text :
       {"fashion-cnn on fashion-mnist: mistakes", "of 6 samples 2 are wrong</text>",
        ">Ankle, Bo… 99.9 %</text>", ">is Bag</text>", ">Bag 50.0 %</text>",
        ">is Ankle, Boot</text>", "<title>sample 1: Bag 0.0 %</title>"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  const data::TensorDataset large(zeros({6, 3, 100, 400}, {.dtype = u8}), zeros({6}).to(i64));
  EXPECT_EQ(mistake_images(report, large)[1].image.sizes(), (Shape{3, 32, 128}));
  EXPECT_EQ(mistake_images(report, dataset)[1].image.sizes(), (Shape{1, 4, 4}));
  report.evaluation.mistakes.pop_back();
  // A part of a data set asks the whole what its samples are called.
  const data::Subset part(dataset, {5, 3, 0});
  EXPECT_THAT(draw_mistakes(report, part).to_string(), HasSubstr("<title>sample 3: Bag 0.0 %"));
  svg = draw_mistakes(report, dataset).to_string();
  EXPECT_THAT(svg, HasSubstr("of 6 samples 2 are wrong; the 1 that the model was surest of"));
  Report right = example();
  right.evaluation.confusion = ConfusionMatrix(3);
  right.evaluation.confusion.add(Labels{0}, Labels{0});
  EXPECT_THAT(draw_mistakes(right, dataset).to_string(), HasSubstr("of 1 samples none is wrong"));
}

TEST(Curves, ShowWhatWasMeasured) {
  std::vector<EpochEvent> epochs(3);
  for (std::size_t i = 0; i < 3; ++i) {
    epochs[i].epoch = static_cast<std::int64_t>(i) + 1;
    epochs[i].train = {1.0 / static_cast<double>(i + 1), 0.8};
    epochs[i].test = Score{0.5, 0.85};
  }
  const std::string svg = draw_curves(epochs, "fashion-cnn").to_string();
  for (const char* text : {"fashion-cnn", "Loss", "Accuracy", "training", "test", "epoch"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, testing::Not(HasSubstr("validation")));
  EXPECT_NO_THROW(draw_curves(std::span(epochs).first(1), "one epoch"));
  const std::string loss = draw_curve(epochs, Curve::kLoss).to_string(),
                    accuracy = draw_curve(epochs, Curve::kAccuracy).to_string();
  EXPECT_THAT(loss, testing::AllOf(HasSubstr(">Loss</text>"), testing::Not(HasSubstr("Accuracy"))));
  EXPECT_THAT(accuracy, testing::AllOf(HasSubstr(">Accuracy</text>"), HasSubstr(">test</text>")));
  EXPECT_THAT(
      [] { draw_curve({}, Curve::kLoss); },
      testing::ThrowsMessage<ArgumentError>("draw_curve: epochs expected at least 1, got 0"));
  EXPECT_THAT(
      [] { draw_curves({}, "none"); },
      testing::ThrowsMessage<ArgumentError>("draw_curves: epochs expected at least 1, got 0"));
}

/// Three images of cats and dogs, of which one is right: a dog is missed, and a cat is seen where
/// none is.
Report labelled() {
  Report report{.model = "lenet5",
                .data = "pets.csv",
                .run_dir = {},
                .classes = {"cat", "a, dog"},
                .evaluation = {.loss = 0.5, .confusion = {}, .labels = LabelScores(2)}};
  const Tensor scores = tensor({{2., 1.}, {3., -1.}, {1., -2.}});
  const Tensor truth = tensor({{1., 1.}, {1., 1.}, {0., 0.}});
  report.evaluation.labels->add(scores, truth);
  keep_surest_labels(report.evaluation.mistakes, scores, truth, 0);
  return report;
}

TEST(Report, OfManyLabelsHasCountsOfEachInPlaceOfAMatrix) {
  const auto json = nlohmann::ordered_json::parse(to_json(labelled()));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys,
              testing::ElementsAre("model", "data", "samples", "loss", "accuracy", "error_rate",
                                   "majority_share", "warnings", "per_class", "macro_f1", "targets",
                                   "label_accuracy", "mean_average_precision"));
  EXPECT_EQ(json["targets"], "multi-label");
  EXPECT_EQ(json["samples"], 3);
  EXPECT_DOUBLE_EQ(json["accuracy"], 1.0 / 3);
  EXPECT_DOUBLE_EQ(json["majority_share"], 2.0 / 3);
  EXPECT_DOUBLE_EQ(json["label_accuracy"], 4.0 / 6);
  EXPECT_DOUBLE_EQ(json["mean_average_precision"], 1);
  const auto& dog = json["per_class"][1];
  keys.clear();
  for (const auto& [key, value] : dog.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("class", "index", "precision", "recall", "f1", "support",
                                         "average_precision", "true_positives", "false_positives",
                                         "false_negatives", "true_negatives"));
  EXPECT_EQ(dog["class"], "a, dog");
  EXPECT_EQ(dog["support"], 2);
  EXPECT_DOUBLE_EQ(dog["recall"], 0.5);
  EXPECT_EQ(label_counts_csv(labelled()),
            "class,true_positives,false_positives,false_negatives,true_negatives\n"
            "cat,2,1,0,0\n\"a, dog\",1,0,1,1\n");
}

TEST(Report, OfManyLabelsDrawsWhatIsNotThere) {
  const Report report = labelled();
  ASSERT_EQ(report.evaluation.mistakes.size(), 2u);
  EXPECT_EQ(report.answer_of(report.evaluation.mistakes[0]), "not a, dog");
  EXPECT_EQ(report.truth_of(report.evaluation.mistakes[0]), "a, dog");
  EXPECT_EQ(report.answer_of(report.evaluation.mistakes[1]), "cat");
  EXPECT_EQ(report.truth_of(report.evaluation.mistakes[1]), "not cat");
  const data::TensorDataset images(zeros({3, 1, 4, 4}, {.dtype = u8}), zeros({3, 2}));
  const std::string picture = draw_mistakes(report, images).to_string();
  for (const char* part : {"of 3 samples 2 are wrong", ">not a, dog 73.1 %<", ">is a, dog<",
                           ">cat 73.1 %<", ">is not cat<"})
    EXPECT_THAT(picture, HasSubstr(part));
}

}  // namespace
}  // namespace fovea::train
