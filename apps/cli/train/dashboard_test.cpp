#include "apps/cli/train/dashboard.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const train::TrainPlan kPlan{.epochs = 5, .steps_per_epoch = 600, .train_samples = 60000};

/// Two epochs, the second judged with `classes` classes, of which class i is told i times in ten.
void train(Dashboard& dashboard, std::int64_t classes) {
  dashboard.on_train_begin(kPlan);
  for (std::int64_t step = 1; step <= 1200; ++step) {
    dashboard.on_step({.epoch = (step + 599) / 600,
                       .step = step,
                       .step_in_epoch = (step - 1) % 600 + 1,
                       .loss = 2.3 * std::exp(-static_cast<double>(step) / 300),
                       .train_loss = 0.5,
                       .train_accuracy = 0.8,
                       .images_per_s = 17000,
                       .eta_s = 12});
  }
  train::Evaluation evaluation{.confusion = train::ConfusionMatrix(classes)};
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < classes; ++i) {
    names.push_back("class " + std::to_string(i));
    std::vector<std::int64_t> truth(10, i), answers(10, (i + 1) % classes);
    std::fill_n(answers.begin(), std::min<std::int64_t>(i, 10), i);
    evaluation.confusion.add(truth, answers);
  }
  dashboard.on_evaluated("test", evaluation, names);
  dashboard.on_epoch_end(
      {.epoch = 2, .step = 1200, .train = {}, .test = train::Score{0.3, 0.9, 0.9}});
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

struct Shown {
  explicit Shown(Terminal terminal, std::int64_t classes = 10) : dashboard(out, terminal) {
    train(dashboard, classes);
  }
  ~Shown() { std::fclose(out); }

  std::FILE* out = std::tmpfile();
  Dashboard dashboard;
};

constexpr Terminal kTerminal{.is_terminal = true, .unicode = true, .columns = 80, .rows = 24};

TEST(Dashboard, ShowsCurvesClassesAndTheTimeLeft) {
  const Shown shown(kTerminal);
  const std::string text = joined(shown.dashboard.lines());
  EXPECT_THAT(text, HasSubstr("epoch 2/5"));
  EXPECT_THAT(text, HasSubstr("0:12 left"));
  EXPECT_THAT(text, HasSubstr("loss: train, test"));
  EXPECT_THAT(text, HasSubstr("accuracy in %: train, test"));
  EXPECT_THAT(text, HasSubstr("steps 3,000"));
  EXPECT_THAT(text, HasSubstr("class 3"));
  EXPECT_THAT(text, HasSubstr("30.0 %"));
  EXPECT_THAT(text, HasSubstr("⣀"));
}

TEST(Dashboard, FitsItsTerminal) {
  for (const bool unicode : {false, true}) {
    for (const int rows : {24, 25, 30, 60}) {
      for (const std::int64_t classes : {2, 10, 100}) {
        const Terminal terminal{
            .is_terminal = true, .unicode = unicode, .columns = 70 + rows, .rows = rows};
        const Shown shown(terminal, classes);
        const std::vector<std::string> lines = shown.dashboard.lines();
        if (terminal.columns < 80) continue;
        EXPECT_LT(lines.size(), static_cast<std::size_t>(rows));
        EXPECT_GT(lines.size(), 12U);
        for (const std::string& line : lines)
          EXPECT_LT(display_width(line), terminal.columns) << line;
      }
    }
  }
}

TEST(Dashboard, OfManyClassesShowsThoseThatAreToldWorst) {
  const Shown shown(kTerminal, 100);
  const std::string text = joined(shown.dashboard.lines());
  EXPECT_THAT(text, HasSubstr("lowest of 100"));
  EXPECT_THAT(text, HasSubstr("class 0 "));
  EXPECT_THAT(text, Not(HasSubstr("class 99")));
}

TEST(Dashboard, NeedsATerminalOf80By24) {
  EXPECT_TRUE(Dashboard::fits(kTerminal));
  EXPECT_FALSE(Dashboard::fits({.is_terminal = false, .columns = 200, .rows = 60}));
  EXPECT_FALSE(Dashboard::fits({.is_terminal = true, .columns = 79, .rows = 24}));
  EXPECT_FALSE(Dashboard::fits({.is_terminal = true, .columns = 80, .rows = 23}));
}

TEST(LongCurve, JoinsNeighboursAndKeepsTheMean) {
  LongCurve curve;
  for (int i = 1; i <= 100'000; ++i) curve.add(i, i % 2);
  const auto points = curve.points();
  EXPECT_LE(points.size(), 2001U);
  EXPECT_GE(points.size(), 1000U);
  EXPECT_TRUE(std::ranges::is_sorted(points));
  for (const auto& [x, y] : points) EXPECT_NEAR(y, 0.5, 0.01);
  EXPECT_GT(points.back().first, 99'900);
}

}  // namespace
}  // namespace fovea::cli
