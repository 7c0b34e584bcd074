// The flags of `fovea train`: one for each setting of train::TrainConfig, so that the command line
// and a configuration file know the same settings.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "apps/base/command.h"
#include "fovea/train/config.h"

namespace fovea::cli {

/// What the command line of `train` said.
struct TrainFlags {
  train::TrainConfig values;               ///< of the flags that were given
  std::set<std::string> given;             ///< their settings' names
  std::vector<std::string> model_options;  ///< "key=value" of each --model-opt
  std::string config_file;                 ///< --config; empty: none
  std::string resume;                      ///< --resume: a run directory; empty: a new run
};

/// Adds MODEL, --config, --resume, and a flag for each setting. `flags` must live as long as the
/// command.
void add_train_flags(Command& command, TrainFlags& flags);

/// Flags over the configuration file, or the settings of the run that goes on, over defaults;
/// validated.
/// Throws   UsageError when neither model nor weights are named; as read_config and validate.
train::TrainConfig resolve(const TrainFlags& flags);

}  // namespace fovea::cli
