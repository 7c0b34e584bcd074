// What commands have of the page: `fovea serve`, and the page on a training that runs. Of
// apps/serve, or of apps/no_page in a build without the page, where both say how to get it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "apps/base/command.h"
#include "fovea/train/training.h"

namespace fovea::cli {

Command serve_command();  ///< fovea serve

/// The page on a training that the command runs itself. It is served until this goes.
class TrainingPage {
 public:
  virtual ~TrainingPage() = default;
  virtual std::string address() const = 0;  ///< with its token
};

/// Opens it at a port (0: a free one) of the loopback: the training that is begun with `hooks`
/// after that tells the page how it goes, and is steered from there. `hooks.stop` becomes the
/// page's own, which signals (StopSignals) set too.
/// Throws   UsageError in a build without the page; IoError where it cannot listen.
std::unique_ptr<TrainingPage> open_training_page(std::int64_t port,
                                                 const train::TrainConfig& config,
                                                 train::TrainingHooks& hooks);

}  // namespace fovea::cli
