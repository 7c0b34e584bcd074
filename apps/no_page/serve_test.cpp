#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/base/exit_code.h"
#include "apps/base/serve_command.h"

namespace fovea::cli {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ABuildWithoutThePage, SaysHowToGetIt) {
  const char* const message =
      "this fovea was built without the page; `./dev serve` in its source tree builds it";
  const Command command = serve_command();
  EXPECT_THAT(command.run, ThrowsMessage<UsageError>(message));
  EXPECT_THAT(command.details.in(Language::kEnglish), HasSubstr("`./dev serve --build-only`"));
  train::TrainingHooks hooks;
  EXPECT_THAT([&] { open_training_page(0, {}, hooks); }, ThrowsMessage<UsageError>(message));
}

}  // namespace
}  // namespace fovea::cli
