#include "apps/base/train_flags.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "apps/base/data_choice.h"
#include "apps/base/exit_code.h"
#include "fovea/models/models.h"
#include "fovea/models/normalization.h"
#include "fovea/vision/data_sets.h"

namespace fovea::cli {

namespace {

/// How a setting looks as a flag.
struct FlagText {
  const char* key;
  const char* value_name;  // null for a switch
  const char* group;
  const char* help;
};

constexpr const char* kTraining = "Training";
constexpr const char* kData = "Data";
constexpr const char* kMachine = "Machine";
constexpr const char* kOutput = "Output";

constexpr FlagText kFlagTexts[] = {
    {"data", "D", kData, kDataHelp},
    {"data_root", "PATH", kData, kDataRootHelp},
    {"image_size", "N", kData,
     "a folder's pictures become N x N: scaled, and the middle cut out; 0: they are of one size"},
    {"skip_corrupt", nullptr, kData, kSkipCorruptHelp},
    {"max_pixels", "N", kData, kMaxPixelsHelp},
    {"epochs", "N", kTraining, "passes over the training data"},
    {"batch_size", "N", kTraining, "samples a step"},
    {"lr", "X", kTraining, "learning rate"},
    {"optimizer", "O", kTraining, "how weights are updated"},
    {"momentum", "X", kTraining, "momentum of sgd, 0.9 unless given"},
    {"weight_decay", "X", kTraining,
     "pull of the weights towards 0 (default 0.01 for adamw, else 0)"},
    {"schedule", "S", kTraining, "how the learning rate moves"},
    {"warmup", "X", kTraining, "share of onecycle's steps that rise, 0.3 unless given"},
    {"anneal", "A", kTraining, "onecycle's way up and down"},
    {"cycle_momentum", nullptr, kTraining, "momentum stays while onecycle moves the rate"},
    {"augment", "A", kData,
     "random changes of the images, joined by +; crop:N and cutout:N say how many pixels, "
     "resizedcrop:N and erase:N how many per cent"},
    {"normalize", "N", kData, kNormalizeHelp},
    {"label_smoothing", "X", kTraining, "share of the target spread over all classes"},
    {"tta", "V", kTraining, kTtaHelp},
    {"weights", "FILE", kTraining, "start from these weights"},
    {"seed", "N", kTraining, "of everything that is drawn at random"},
    {"threads", "N", kMachine, "threads (default all processors that this process may use)"},
    {"precision", "P", kMachine, "of linear layers' products; the rest is f32"},
    {"conv", "C", kMachine, "algorithm of convolutions"},
    {"device", "DEV", kMachine, "where it is computed"},
    {"shuffle", nullptr, kData, "batches in the data set's order"},
    {"drop_last", nullptr, kData, "leave out an epoch's last batch when it is smaller"},
    {"limit_train", "N", kData,
     "only the first N training samples, of a folder N spread over its classes; 0: all"},
    {"limit_test", "N", kData, kLimitTestHelp},
    {"val_fraction", "X", kData,
     "hold back a share of the training data to choose the best weights by"},
    {"project", "DIR", kOutput, "folder of run directories"},
    {"name", "NAME", kOutput, "of the run directory; exp2, exp3, ... when it exists"},
    {"exist_ok", nullptr, kOutput, "write into the run directory even if it exists"},
    {"log_every", "N", kOutput, "a row in steps.csv every N steps; 0: none"},
};

const FlagText* text_of(std::string_view key) {
  const auto* const found = std::find_if(std::begin(kFlagTexts), std::end(kFlagTexts),
                                         [&](const FlagText& text) { return key == text.key; });
  return found == std::end(kFlagTexts) ? nullptr : found;
}

std::string flag_name(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

/// What a shell can offer for a setting. train::validate checks
/// the same for files.
void complete(const std::string& key, Option& option) {
  if (key == "data") option.one_of(vision::data_set_names(), Words::kOpen);
  if (key == "optimizer") option.one_of({"adam", "adamw", "sgd"});
  if (key == "schedule") option.one_of({"none", "step", "cosine", "onecycle"});
  if (key == "anneal") option.one_of({"cosine", "linear"});
  if (key == "augment") {
    option.one_of({"none", "flip", "crop", "cutout", "resizedcrop", "jitter", "erase", "flip+crop",
                   "flip+crop+cutout", "resizedcrop+flip+jitter"},
                  Words::kOpen);
  }
  if (key == "normalize") option.one_of(normalization_names(), Words::kOpen);
  if (key == "tta") option.one_of({"none", "flip", "shift", "flip+shift"}, Words::kOpen);
  if (key == "precision") option.one_of({"f32", "bf16"});
  if (key == "conv") option.one_of({"auto", "direct"});
  if (key == "weights") option.files();
  if (key == "data_root" || key == "project") option.directories();
}

/// Adds one setting's flag; when it is given, `flags.given` says so.
template <class T>
void add_setting(Command& command, TrainFlags& flags, const std::string& key, T& target) {
  const FlagText* text = text_of(key);
  if (text == nullptr) return;  // a test holds that only `model` has none
  Option* option = nullptr;
  if constexpr (std::is_same_v<T, bool>) {
    // A switch turns its setting round: --exist-ok sets it, --no-shuffle clears it.
    option = &command.add_switch(target ? "--no-" + flag_name(key).substr(2) : flag_name(key),
                                 target, text->help);
    option->set = [&target, value = !target](const std::string&) { target = value; };
  } else {
    option = &command.add(flag_name(key), text->value_name, target, text->help);
    if (key == "threads") option->default_text.clear();
  }
  option->in(text->group);
  complete(key, *option);
  option->set = [&flags, key, set = std::move(option->set)](const std::string& value) {
    set(value);
    flags.given.insert(key);
  };
}

}  // namespace

std::vector<std::string> normalization_names() {
  std::vector<std::string> names = {"none"};
  for (const models::NamedNormalization& known : models::usual_normalizations())
    names.push_back(known.name);
  return names;
}

std::pair<std::string, std::string> split_model_option(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(fmt::format("--model-opt expected key=value, got \"{}\"", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Option& add_model_option_flag(Command& command, std::vector<std::string>& target) {
  return command.add(
      "--model-opt", "KEY=VALUE", target,
      "what the model offers (num_classes, in_channels, image_size, dropout); may be "
      "given several times");
}

void add_train_flags(Command& command, TrainFlags& flags) {
  Option& model = command.add_positional(
      "MODEL", flags.values.model,
      "the model to train, a TOML file that lists layers, or an .onnx file; may be left out where "
      "--weights names it");
  model.one_of(models::model_names(), Words::kOpen);
  model.set = [&flags](const std::string& value) {
    flags.values.model = value;
    flags.given.insert("model");
  };
  add_model_option_flag(command, flags.model_options).in(kTraining);
  train::visit_settings(flags.values, [&](const char* key, auto& target) {
    add_setting(command, flags, key, target);
  });
  command
      .add("--config", "FILE", flags.config_file,
           "settings as TOML, named as these flags with underscores; flags win over it")
      .files()
      .in("Settings");
  // Groups in the order of their importance, whatever the order of the settings.
  const auto rank = [](const Option& option) {
    constexpr const char* kOrder[] = {kTraining, kData, kOutput, kMachine};
    return std::find(std::begin(kOrder), std::end(kOrder), option.group) - std::begin(kOrder);
  };
  std::stable_sort(command.options.begin(), command.options.end(),
                   [&](const Option& a, const Option& b) { return rank(a) < rank(b); });
}

train::TrainConfig resolve(const TrainFlags& flags) {
  const bool named = flags.given.contains("model") || !flags.config_file.empty();
  if (!named && !flags.given.contains("weights")) {
    throw UsageError(
        fmt::format("MODEL is missing: {}, ...", fmt::join(models::model_names(), ", ")));
  }
  train::TrainConfig config;
  if (!named) config.model.clear();  // as the weights say
  if (!flags.config_file.empty()) config = train::read_config(flags.config_file);
  train::visit_settings(config, [&](const std::string& key, auto& target) {
    if (!flags.given.contains(key)) return;
    train::visit_settings(flags.values, [&](const std::string& other, const auto& source) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(target)>,
                                   std::remove_cvref_t<decltype(source)>>) {
        if (key == other) target = source;
      }
    });
  });
  for (const std::string& text : flags.model_options) {
    const auto [key, value] = split_model_option(text);
    config.model_options[key] = value;
  }
  train::validate(config);
  return config;
}

}  // namespace fovea::cli
