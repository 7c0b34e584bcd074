// The flags of `fovea train`: one for each setting of train::TrainConfig, so that the command line
// and a configuration file know the same settings.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "apps/base/command.h"
#include "fovea/train/config.h"

namespace fovea::cli {

/// What --tta means, for `train` and `eval`.
inline constexpr const char* kTtaHelp =
    "judge by the mean score of an image and its views, joined by +: flip mirrored, shift moved by "
    "a "
    "pixel up, down, left and right, shift:N by N";

/// What --normalize means, for `train`, `eval` and `predict`.
inline constexpr const char* kNormalizeHelp =
    "mean and deviation of images in [0, 1]: none, a data set's, or M,M,M/D,D,D (default as the "
    "weights file says, else none)";

/// What the command line of `train` said.
struct TrainFlags {
  train::TrainConfig values;               ///< of the flags that were given
  std::set<std::string> given;             ///< their settings' names
  std::vector<std::string> model_options;  ///< "key=value" of each --model-opt
  std::string config_file;                 ///< --config; empty: none
};

/// Adds MODEL, --config, and a flag for each setting. `flags` must live as long as the command.
void add_train_flags(Command& command, TrainFlags& flags);

/// Flags over the configuration file over defaults, validated.
/// Throws   UsageError when neither model nor weights are named; as read_config and validate.
train::TrainConfig resolve(const TrainFlags& flags);

/// What a shell can offer for --normalize.
std::vector<std::string> normalization_names();

/// {"dropout", "0.5"} of "dropout=0.5". Throws UsageError unless there is a '=' with a key before
/// it.
std::pair<std::string, std::string> split_model_option(const std::string& text);

/// Adds --model-opt.
Option& add_model_option_flag(Command& command, std::vector<std::string>& target);

}  // namespace fovea::cli
