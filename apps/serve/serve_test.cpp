#include <gmock/gmock.h>

#include <algorithm>

#include "apps/base/exit_code.h"
#include "apps/base/serve_command.h"
#include "fovea/core/error.h"

namespace fovea::cli {
namespace {

using testing::ThrowsMessage;

/// What `fovea serve` does with one flag, or with RUN.
void serve_with(const std::string& flag, const std::string& value) {
  Command command = serve_command();
  auto& list = flag == "RUN" ? command.positionals : command.options;
  std::ranges::find(list, flag, &Option::name)->set(value);
  command.run();
}

TEST(ServeCommand, SaysWhatIsWrongBeforeItListens) {
  EXPECT_THAT([] { serve_with("--port", "70000"); },
              ThrowsMessage<UsageError>("--port expected from 0 to 65535, got 70000"));
  EXPECT_THAT(
      [] { serve_with("--data", "no/such/folder"); },
      ThrowsMessage<IoError>("--data expected a folder or a list, got none (no/such/folder)"));
  EXPECT_THAT(
      [] { serve_with("RUN", "no/such/run"); },
      ThrowsMessage<IoError>("RUN expected a run directory or a file, got none (no/such/run)"));
  train::TrainingHooks hooks;
  EXPECT_THAT([&] { (void)open_training_page(-1, {}, hooks); },
              ThrowsMessage<UsageError>("--port expected from 0 to 65535, got -1"));
}

TEST(ServeCommand, OpensThePageBesideATraining) {
  train::TrainingHooks hooks;
  const auto page = open_training_page(0, {}, hooks);
  EXPECT_THAT(page->address(),
              testing::MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/\\?token=[0-9a-f]{32}"));
  EXPECT_EQ(hooks.observers.size(), 2U);
  EXPECT_NE(hooks.stop, nullptr);
}

}  // namespace
}  // namespace fovea::cli
