#include "apps/cli/train/train_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const train::TrainPlan kPlan{.epochs = 5, .steps_per_epoch = 600, .train_samples = 60000};
const train::StepEvent kStep{.epoch = 2,
                             .step = 900,
                             .step_in_epoch = 300,
                             .train_loss = 0.30124,
                             .train_accuracy = 0.891,
                             .images_per_s = 17230.4,
                             .eta_s = 12};

TEST(TrainProgress, AWideTerminalShowsEverything) {
  const std::string line =
      step_line(kPlan, kStep, {.is_terminal = true, .unicode = true, .columns = 120});
  EXPECT_EQ(line,
            "epoch 2/5  ▕████████████████████                    ▏   50 %  loss 0.3012  accuracy "
            "89.1 %  17,230 "
            "img/s  0:12 left");
}

TEST(TrainProgress, NoLineIsWiderThanTheTerminal) {
  // "epoch 2/5" itself has 9.
  for (int columns = 11; columns <= 200; ++columns) {
    const Terminal terminal{.is_terminal = true, .unicode = columns % 2 == 0, .columns = columns};
    const int width = display_width(step_line(kPlan, kStep, terminal));
    EXPECT_LT(width, columns);
  }
}

TEST(TrainProgress, ANarrowTerminalKeepsWhatTellsMost) {
  const std::string line =
      step_line(kPlan, kStep, {.is_terminal = true, .unicode = true, .columns = 50});
  EXPECT_THAT(line, HasSubstr("loss 0.3012"));
  EXPECT_THAT(line, Not(HasSubstr("img/s")));
}

TEST(TrainProgress, AnEpochIsOneLine) {
  train::EpochEvent event;
  event.epoch = 1;
  event.time_s = 3.61;
  event.train = {0.4711, 0.832};
  event.images_per_s = 17230;
  EXPECT_EQ(epoch_line(kPlan, event),
            "epoch 1/5  loss 0.4711  accuracy 83.2 %  17,230 img/s  3.6 s");
  event.val = train::Score{0.35, 0.87};
  event.test = train::Score{0.3411, 0.8794};
  EXPECT_EQ(epoch_line(kPlan, event),
            "epoch 1/5  loss 0.4711  accuracy 83.2 %  validation loss 0.3500  validation accuracy "
            "87.00 %  test loss "
            "0.3411  test accuracy 87.94 %  17,230 img/s  3.6 s");
}

/// What a training of one epoch shows on a stream.
std::string shown(const Terminal& terminal) {
  std::FILE* file = std::tmpfile();
  {
    TrainProgress progress(file, terminal);
    progress.on_train_begin(kPlan);
    train::StepEvent first = kStep;
    first.step = 1;
    progress.on_step(first);
    train::EpochEvent event;
    event.epoch = 1;
    progress.on_evaluate("test");
    progress.on_epoch_end(event);
    progress.on_train_end(train::TrainEnd::kDone);
  }
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  std::fclose(file);
  return text;
}

TEST(TrainProgress, OnATerminalTheBarGivesWayToTheLine) {
  const std::string text = shown({.is_terminal = true, .unicode = true, .columns = 80});
  EXPECT_THAT(text, testing::StartsWith("\r\x1b[Kepoch 2/5"));
  EXPECT_THAT(text, HasSubstr("\r\x1b[Kevaluating on the test data…\r\x1b[Kepoch 1/5"));
  EXPECT_THAT(text, testing::EndsWith("s\n"));
}

TEST(TrainProgress, ElsewhereThereAreWholeLines) {
  EXPECT_THAT(shown({}), testing::MatchesRegex("epoch 1/5  [^\n\r\x1b]*\n"));
}

}  // namespace
}  // namespace fovea::cli
