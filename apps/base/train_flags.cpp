#include "apps/base/train_flags.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/model_flags.h"
#include "apps/base/setting_flags.h"
#include "fovea/models/models.h"
#include "fovea/train/training.h"

namespace fovea::cli {

namespace {

/// Adds one setting's flag; when it is given, `flags.given` says so.
template <class T>
void add_recorded(Command& command, TrainFlags& flags, const std::string& key, T& target) {
  if (flag_text(key) == nullptr) return;  // a test holds that only `model` has none
  Option& option = add_setting(command, key, target);
  option.set = [&flags, key, set = std::move(option.set)](const std::string& value) {
    set(value);
    flags.given.insert(key);
  };
}

/// Puts the flags that were given over `config`, and checks it.
void put_given(const TrainFlags& flags, train::TrainConfig& config) {
  train::visit_settings(config, [&](const std::string& key, auto& target) {
    if (!flags.given.contains(key)) return;
    train::visit_settings(flags.values, [&](const std::string& other, const auto& source) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(target)>,
                                   std::remove_cvref_t<decltype(source)>>) {
        if (key == other) target = source;
      }
    });
  });
  for (const auto& [key, value] : model_options_of(flags.model_options))
    config.model_options[key] = value;
  train::validate(config);
}

/// The settings of a run that goes on.
train::TrainConfig resolve_resumed(const TrainFlags& flags) {
  if (!flags.config_file.empty())
    throw UsageError("--config expected without --resume, which takes the run's own settings");
  train::TrainConfig config = train::run_config(flags.resume);
  put_given(flags, config);
  return config;
}

}  // namespace

void add_train_flags(Command& command, TrainFlags& flags) {
  Option& model = command.add_positional(
      "MODEL", flags.values.model,
      "the model to train, a TOML file that lists layers, or an .onnx file; may be left out where "
      "--weights names it");
  model.one_of(models::model_names(), Words::kOpen).files();
  model.set = [&flags](const std::string& value) {
    flags.values.model = value;
    flags.given.insert("model");
  };
  add_model_option_flag(command, flags.model_options).in(kTrainingHeading);
  train::visit_settings(flags.values, [&](const char* key, auto& target) {
    add_recorded(command, flags, key, target);
  });
  command
      .add("--config", "FILE", flags.config_file,
           "settings as TOML, named as these flags with underscores; flags win over it")
      .files()
      .in("Settings");
  command
      .add("--resume", "RUN", flags.resume,
           "go on with the run in this directory from its last checkpoint, to the same weights as "
           "if "
           "it had never been left; --epochs may be raised")
      .directories()
      .in("Settings");
  // Groups in the order of their importance, whatever the order of the settings.
  const auto rank = [](const Option& option) {
    constexpr const char* kOrder[] = {kTrainingHeading, kDataHeading, kOutputHeading,
                                      kMachineHeading};
    return std::find(std::begin(kOrder), std::end(kOrder), option.group.english) -
           std::begin(kOrder);
  };
  std::stable_sort(command.options.begin(), command.options.end(),
                   [&](const Option& a, const Option& b) { return rank(a) < rank(b); });
}

train::TrainConfig resolve(const TrainFlags& flags) {
  if (!flags.resume.empty()) return resolve_resumed(flags);
  const bool named = flags.given.contains("model") || !flags.config_file.empty();
  if (!named && !flags.given.contains("weights")) {
    throw UsageError(fmt::format(
        "MODEL is missing: {}, or a file that lists layers; for example: fovea train {}",
        fmt::join(models::model_names(), ", "), train::TrainConfig().model));
  }
  train::TrainConfig config;
  if (!named) config.model.clear();  // as the weights say
  if (!flags.config_file.empty()) config = train::read_config(flags.config_file);
  put_given(flags, config);
  return config;
}

}  // namespace fovea::cli
