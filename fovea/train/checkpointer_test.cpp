#include "fovea/train/checkpointer.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "tests/support/close.h"

namespace fovea::train {
namespace {

TEST(SaveEvery, IsStepsATimeOrEpochs) {
  const auto expect = [](const char* text, const SaveEvery& meant) {
    const SaveEvery every = parse_save_every(text);
    EXPECT_EQ(every.steps, meant.steps) << text;
    EXPECT_EQ(every.epochs, meant.epochs) << text;
    EXPECT_EQ(every.seconds, meant.seconds) << text;
  };
  expect("100", {.steps = 100});
  expect("30s", {.seconds = 30});
  expect("5m", {.seconds = 300});
  expect("2h", {.seconds = 7200});
  expect("1epoch", {.epochs = 1, .seconds = 300});
  expect("3epochs", {.epochs = 3, .seconds = 300});
  for (const char* text : {"", "0", "-1", "s", "epoch", "1.5s", "1 epoch", "1days", "0s",
                           "99999999999999999999", "1000000001"}) {
    EXPECT_EQ(test::message_of<ArgumentError>([&] { parse_save_every(text); }),
              str("config: save_every expected steps, a time or epochs, as in 100, 30s or 1epoch, "
                  "got \"",
                  text, "\""));
  }
}

}  // namespace
}  // namespace fovea::train
