// fovea serve in a build without the page: says how to get it.

#include "apps/base/exit_code.h"
#include "apps/base/serve_command.h"

namespace fovea::cli {

namespace {

[[noreturn]] void refuse() {
  throw UsageError(
      "this fovea was built without the page; `./dev serve` in its source tree builds it");
}

}  // namespace

Command serve_command() {
  Command command("serve",
                  "Open the page: train, steer, open up and compare models in the browser");
  command.examples = {{"./dev serve", "build the command with the page, and open it"}};
  command.details =
      "This fovea was built without the page, which takes node and npm to build: `./dev serve` in "
      "Fovea's source tree sets them up and builds it (`./dev serve --build-only` only builds).";
  command.run = []() -> int { refuse(); };
  return command;
}

std::unique_ptr<TrainingPage> open_training_page(std::int64_t, const train::TrainConfig&,
                                                 train::TrainingHooks&) {
  refuse();
}

}  // namespace fovea::cli
