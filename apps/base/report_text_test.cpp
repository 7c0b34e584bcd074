#include "apps/base/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fovea::cli
