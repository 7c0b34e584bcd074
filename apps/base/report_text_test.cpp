#include "apps/base/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/tensor.h"

namespace fovea::cli {
namespace {

using testing::HasSubstr;

/// 10 cats of which 9 are seen as such, 10 dogs of which 4 are; one class never occurs.
train::Report report() {
  train::Report result{.model = "m",
                       .data = "d",
                       .run_dir = {},
                       .classes = {"cat", "dog", "eel"},
                       .evaluation = {.loss = 0.5, .confusion = train::ConfusionMatrix(3)}};
  std::vector<std::int64_t> truth, answers;
  for (int i = 0; i < 20; ++i) {
    truth.push_back(i / 10);
    answers.push_back(i < 9 || i >= 14 ? 0 : 1);
  }
  result.evaluation.confusion.add(truth, answers);
  return result;
}

TEST(ReportText, NamesAccuracyClassesAndTheWorst) {
  const std::string text = metrics_text(report(), {});
  EXPECT_THAT(text, HasSubstr("m on d: 20 test images"));
  EXPECT_THAT(text, HasSubstr("accuracy        65.00 %   (13 right; error rate 35.00 %)"));
  EXPECT_THAT(text, HasSubstr("largest class   50.00 % of the images"));
  EXPECT_THAT(text, HasSubstr("dog       0.8000  0.4000  0.5333      10  cat (6)  <- worst"));
  EXPECT_THAT(text, HasSubstr("cat       0.6000  0.9000  0.7200      10  dog (1)\n"));
}

TEST(ReportText, SaysWhichViewsWereJudged) {
  train::Report viewed = report();
  viewed.tta = "flip+shift:1";
  EXPECT_THAT(metrics_text(viewed, {}),
              HasSubstr("20 test images, each with its views flip+shift:1\n"));
  EXPECT_THAT(metrics_text(report(), {}), testing::Not(HasSubstr("views")));
}

TEST(ReportText, ShowsTheConfusionMatrix) {
  EXPECT_EQ(confusion_text(report(), {}),
            "  true class \\ answer  0  1  2\n"
            "  ----------------------------\n"
            "  0 cat                9  1  .\n"
            "  1 dog                6  4  .\n"
            "  2 eel                .  .  .\n");
}

TEST(ReportText, TellsOfManyLabelsOneByOne) {
  train::Report labelled{
      .model = "m",
      .data = "d.csv",
      .run_dir = {},
      .classes = {"cat", "dog"},
      .evaluation = {.loss = 0.5, .confusion = {}, .labels = train::LabelScores(2)}};
  labelled.evaluation.labels->add(tensor({{2., 1.}, {3., -1.}, {1., -2.}}),
                                  tensor({{1., 1.}, {1., 1.}, {0., 0.}}));
  EXPECT_EQ(
      metrics_text(labelled, {}),
      "m on d.csv: 3 test images\n\n"
      "  accuracy        33.33 %   (1 right in every label; error rate 66.67 %)\n"
      "  labels right    66.67 %\n"
      "  loss            0.5000\n"
      "  macro F1        0.7333\n"
      "  mAP             1.0000\n"
      "  commonest set   66.67 % of the images\n\n"
      "  class  precision  recall      F1      AP  images  found  missed  not there\n"
      "  --------------------------------------------------------------------------------------\n"
      "  cat       0.6667  1.0000  0.8000  1.0000       2      2       0          1\n"
      "  dog       1.0000  0.5000  0.6667  1.0000       2      1       1          0    <- worst\n\n"
      "warning: accuracy 33.3 % is close to the share of the commonest set of labels, 66.7 %: "
      "always answering that set scores about as much\n");
  EXPECT_EQ(confusion_text(labelled, {}), "");
}

}  // namespace
}  // namespace fovea::cli
