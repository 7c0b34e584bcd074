#include "fovea/train/monitor.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"

namespace fovea::train {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// Epochs with these validations.
std::vector<EpochEvent> judged(const std::vector<Score>& scores) {
  std::vector<EpochEvent> epochs;
  epochs.reserve(scores.size());
  for (const Score& score : scores) epochs.push_back({.train = {}, .val = score});
  return epochs;
}

TEST(Monitor, TellsBetterFromWorse) {
  const Score a{.loss = 1, .accuracy = 0.5, .macro_f1 = 0.25};
  const Score b{.loss = 0.5, .accuracy = 0.25, .macro_f1 = 0.5};
  EXPECT_TRUE(is_better(Monitor::kValAccuracy, a, b));
  EXPECT_FALSE(is_better(Monitor::kValAccuracy, b, a));
  EXPECT_TRUE(is_better(Monitor::kValLoss, b, a));
  EXPECT_FALSE(is_better(Monitor::kValLoss, a, b));
  EXPECT_TRUE(is_better(Monitor::kMacroF1, b, a));
  for (const std::string& word : monitor_words()) EXPECT_FALSE(is_better(monitor_of(word), a, a));
  EXPECT_THAT([] { monitor_of("val_accurac"); },
              ThrowsMessage<ArgumentError>(HasSubstr("did you mean \"val_accuracy\"?")));
}

// An epoch that is as good as the best is no better.
TEST(Monitor, CountsEpochsSinceTheBest) {
  const auto since = [](const std::vector<Score>& scores) {
    return epochs_without_better(judged(scores), Monitor::kValLoss);
  };
  EXPECT_EQ(since({}), 0);
  EXPECT_EQ(since({{.loss = 1}}), 0);
  EXPECT_EQ(since({{.loss = 1}, {.loss = 1}}), 1);
  EXPECT_EQ(since({{.loss = 1}, {.loss = 2}, {.loss = 1.5}}), 2);
  EXPECT_EQ(since({{.loss = 1}, {.loss = 2}, {.loss = 0.5}, {.loss = 0.75}}), 1);
  EXPECT_EQ(epochs_without_better({EpochEvent(), EpochEvent()}, Monitor::kValLoss), 0);
}

}  // namespace
}  // namespace fovea::train
