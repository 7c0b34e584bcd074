#include "apps/base/data_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/base/exit_code.h"

namespace fovea::cli {
namespace {

TEST(DataFlags, AskForAtLeastOnePixel) {
  EXPECT_EQ(most_pixels(1), 1u);
  EXPECT_THAT([] { most_pixels(0); },
              testing::ThrowsMessage<UsageError>("--max-pixels expected at least 1, got 0"));
}

// One flag of a kind for all commands: what is judged is read with the same limits as what is
// learned from.
TEST(DataFlags, TakeTheirLimitsFromTheSettings) {
  Command command("judge", "Judge it");
  DataFlags flags;
  add_data_flags(command, flags);
  for (const Option& option : command.options)
    if (option.name == "--max-pixels") option.set("24");
  EXPECT_EQ(flags.max_pixels, 24);
}

}  // namespace
}  // namespace fovea::cli
