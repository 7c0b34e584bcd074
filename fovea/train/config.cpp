#include "fovea/train/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <initializer_list>
#include <optional>
#include <sstream>
#include <type_traits>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/core/suggest.h"
#include "fovea/core/utf8.h"
#include "fovea/io/read_file.h"
#include "fovea/models/limits.h"
#include "fovea/models/normalization.h"
#include "fovea/models/picture_fit.h"
#include "fovea/train/checkpointer.h"
#include "fovea/train/fine_tuning.h"
#include "fovea/train/monitor.h"
#include "fovea/train/recipe.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

// The longest setting is a network of 16 MB in base64.
constexpr std::uint64_t kMostConfigBytes = std::uint64_t{32} << 20;

void check_at_least(const char* key, std::int64_t value, std::int64_t least) {
  check<ArgumentError>(value >= least, "config: ", key, " expected at least ", least, ", got ",
                       value);
}

void check_real(const char* key, double value, bool ok, const char* expected) {
  check<ArgumentError>(std::isfinite(value) && ok, "config: ", key, " expected ", expected,
                       ", got ", value);
}

void check_word(const char* key, const std::string& value) {
  check<ArgumentError>(!value.empty(), "config: ", key, " expected a name, got \"\"");
}

/// A run's settings are kept as TOML, which is UTF-8.
void check_text(const char* key, const std::string& value) {
  check<ArgumentError>(is_utf8(value), "config: ", key, " expected text in UTF-8, got \"", value,
                       "\"");
}

/// What shapes a one-cycle schedule alone.
void check_cycle(const TrainConfig& c) {
  const double warmup = c.warmup.value_or(0);
  check_real("warmup", warmup, warmup >= 0 && warmup <= 1, "a number in [0, 1]");
  if (c.schedule == "onecycle") return;
  const char* set = c.warmup               ? "warmup"
                    : c.anneal != "cosine" ? "anneal"
                    : !c.cycle_momentum    ? "cycle_momentum"
                                           : nullptr;
  check<ArgumentError>(set == nullptr, "config: ", set == nullptr ? "" : set,
                       " expected with schedule \"onecycle\" only, got it with \"", c.schedule,
                       "\"");
}

/// Where in the text a value or an error stands.
std::string place(std::string_view source, const toml::source_region& region) {
  return str("(", source, ", line ", region.begin.line, ", column ", region.begin.column, ")");
}

template <class T>
constexpr const char* kKindOf = std::is_same_v<T, std::string>    ? "a string"
                                : std::is_same_v<T, bool>         ? "true or false"
                                : std::is_same_v<T, std::int64_t> ? "a whole number"
                                                                  : "a number";

/// Stores a TOML value into a setting of type T.
template <class T>
void assign(const char* key, const toml::node& node, std::string_view source, T& setting) {
  std::optional<T> value;
  if constexpr (std::is_same_v<T, double>) {
    if (node.is_number()) value = node.value<double>();  // `lr = 1` is a number too
  } else {
    value = node.value_exact<T>();
  }
  if (!value) {
    std::ostringstream got;
    got << node.type();
    throw ParseError(str("config: ", key, " expected ", kKindOf<T>, ", got ", got.str(), " ",
                         place(source, node.source())));
  }
  setting = *std::move(value);
}

template <class T>
void assign(const char* key, const toml::node& node, std::string_view source,
            std::optional<T>& setting) {
  assign(key, node, source, setting.emplace());
}

/// The shortest decimal that reads back as `value`, with a point or an exponent, as TOML wants of a
/// float.
std::string shortest(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), result.ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

/// The table [model_options]: scalars, kept as text.
models::ModelOptions read_model_options(const toml::node& node, std::string_view source) {
  const toml::table* table = node.as_table();
  check<ParseError>(table != nullptr, "config: model_options expected a table, got another value ",
                    place(source, node.source()));
  models::ModelOptions options;
  for (const auto& [key, value] : *table) {
    std::ostringstream text;
    if (const auto* string = value.as_string()) {
      text << string->get();
    } else if (const auto* number = value.as_floating_point()) {
      text << shortest(number->get());
    } else if (value.is_number() || value.is_boolean()) {
      text << toml::node_view<const toml::node>(&value);
    } else {
      throw ParseError(str("config: model_options.", key.str(),
                           " expected a string or a number, got another value ",
                           place(source, value.source())));
    }
    options.emplace(key.str(), text.str());
  }
  return options;
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys = {"model_options"};
  const TrainConfig config;
  visit_settings(config, [&keys](const char* key, const auto&) { keys.emplace_back(key); });
  return keys;
}

void check_keys_known(const toml::table& table, std::string_view source) {
  const std::vector<std::string> known = known_keys();
  for (const auto& [key, value] : table) {
    const bool found = std::find(known.begin(), known.end(), key.str()) != known.end();
    check<ParseError>(found, "config: key expected a setting of train, got \"", key.str(), "\" ",
                      place(source, value.source()), did_you_mean(key.str(), known));
  }
}

/// `value` as a TOML string: over several lines when it has several, for people. toml++ writes some
/// such strings so that they do not read back: with three apostrophes in them, or a newline at the
/// beginning.
std::string toml_text(const std::string& value) {
  const bool lines = value.find('\n') != std::string::npos;
  const std::string quotes = lines ? std::string(3, '"') : "\"";
  std::string text = quotes;
  if (lines) text += '\n';  // not part of the string
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (text += '\\') += c;
    } else if (c == '\n' || (code >= 0x20 && code != 0x7f)) {
      text += c;
    } else {
      constexpr const char* kHex = "0123456789ABCDEF";
      ((text += "\\u00") += kHex[code >> 4]) += kHex[code & 15];
    }
  }
  return text + quotes;
}
std::string toml_text(bool value) { return value ? "true" : "false"; }
std::string toml_text(double value) { return shortest(value); }
std::string toml_text(std::int64_t value) { return std::to_string(value); }

}  // namespace

std::vector<std::string> setting_words(std::string_view key) {
  static constexpr Word<std::vector<std::string> (*)()> kTables[] = {
      {"optimizer", optimizer_words},
      {"schedule", schedule_words},
      {"anneal", anneal_words},
      {"precision", precision_words},
      {"conv", conv_words},
      {"device", device_words},
      {"on_full", on_full_words},
      {"tensorboard", switch_words},
      {"monitor", monitor_words},
      {"sampling", sampling_words},
      {"resize", models::picture_fit_words}};
  for (const auto& [name, words] : kTables)
    if (key == name) return words();
  return {};
}

void validate(const TrainConfig& c) {
  visit_settings(c, [](const char* key, const auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>)
      check_text(key, value);
  });
  for (const auto& [key, value] : c.model_options) check_text("model_options", key + value);
  if (c.weights.empty()) check_word("model", c.model);
  check_word("data", c.data);
  check<ArgumentError>(c.image_size >= 0 && c.image_size <= models::kMaxSide,
                       "config: image_size expected in [0, ", models::kMaxSide, "], got ",
                       c.image_size);
  check<ArgumentError>(models::parse_picture_fit(c.resize).has_value(),
                       "config: resize expected one of ", join_words(models::picture_fit_words()),
                       ", got \"", c.resize, "\"");
  check_at_least("max_pixels", c.max_pixels, 1);
  check_at_least("epochs", c.epochs, 1);
  check_at_least("batch_size", c.batch_size, 1);
  check_real("lr", c.lr, c.lr > 0, "a finite number above 0");
  const double momentum = c.momentum.value_or(0);
  check_real("momentum", momentum, momentum >= 0 && momentum < 1, "a number in [0, 1)");
  check<ArgumentError>(!c.momentum || c.optimizer == "sgd",
                       "config: momentum expected with optimizer \"sgd\" only, got it with \"",
                       c.optimizer, "\"");
  const double decay = c.weight_decay.value_or(0);
  check_real("weight_decay", decay, decay >= 0, "a finite number, at least 0");
  check_recipe_words(c);
  check_cycle(c);
  make_augmentation(c.augment, {1, 1});  // throws when it does not know a word
  if (!c.normalize.empty()) models::parse_normalization(c.normalize, "config: normalize");
  check_real("label_smoothing", c.label_smoothing, c.label_smoothing >= 0 && c.label_smoothing < 1,
             "a number in [0, 1)");
  check_word("class_weights", c.class_weights);
  check<ArgumentError>(c.shuffle || c.sampling != "balanced",
                       "config: sampling expected \"all\" where nothing is shuffled, got \"",
                       c.sampling, "\"");
  check_at_least("accumulate", c.accumulate, 1);
  check_real("clip_grad", c.clip_grad, c.clip_grad >= 0, "a finite number, at least 0");
  check_real("ema", c.ema, c.ema >= 0 && c.ema < 1, "a number in [0, 1)");
  check_at_least("patience", c.patience, 0);
  check_real("minutes", c.minutes, c.minutes >= 0, "a finite number, at least 0");
  parse_views(c.tta);  // throws when it does not know the word
  check_fine_tuning(c);
  check_at_least("seed", c.seed, 0);
  validate(static_cast<const MachineSettings&>(c));
  check_at_least("limit_train", c.limit_train, 0);
  check_at_least("limit_test", c.limit_test, 0);
  check_real("val_fraction", c.val_fraction, c.val_fraction >= 0 && c.val_fraction < 1,
             "a number in [0, 1)");
  const double test = c.test_fraction.value_or(0.5);
  check_real("test_fraction", test, test > 0 && test < 1, "a number between 0 and 1");
  check_word("project", c.project);
  check<ArgumentError>(
      !c.name.empty() && c.name.find('/') == std::string::npos && c.name != "." && c.name != "..",
      "config: name expected a folder's name, got \"", c.name, "\"");
  check_at_least("log_every", c.log_every, 0);
  parse_save_every(c.save_every);  // throws when it does not know it
  check_at_least("keep_checkpoints", c.keep_checkpoints, CheckpointFolder::kFewest);
}

TrainConfig in_force(TrainConfig config) {
  if (!config.momentum && config.optimizer == "sgd") config.momentum = 0.9;
  if (!config.weight_decay) config.weight_decay = config.optimizer == "adamw" ? 0.01 : 0.0;
  if (!config.warmup && config.schedule == "onecycle") config.warmup = 0.3;
  if (config.threads == 0) config.threads = num_threads();
  return config;
}

TrainConfig parse_config(std::string_view text, std::string_view source, TrainConfig defaults) {
  toml::table table;
  try {
    table = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw ParseError(str("config: text expected TOML, got an error: ", error.description(), " ",
                         place(source, error.source())));
  }
  check_keys_known(table, source);
  visit_settings(defaults, [&](const char* key, auto& setting) {
    if (const toml::node* node = table.get(key)) assign(key, *node, source, setting);
  });
  if (const toml::node* node = table.get("model_options")) {
    defaults.model_options = read_model_options(*node, source);
  }
  return defaults;
}

TrainConfig read_config(const std::filesystem::path& path, TrainConfig defaults) {
  return parse_config(io::read_text(path, kMostConfigBytes), path.string(), std::move(defaults));
}

std::string to_toml(const TrainConfig& config) {
  std::string text;
  const auto add_line = [&text](const std::string& key, const auto& value) {
    text += key + " = " + toml_text(value) + "\n";
  };
  visit_settings(config, [&add_line](const char* key, const auto& setting) {
    if constexpr (requires { setting.has_value(); }) {
      if (setting) add_line(key, *setting);
    } else {
      add_line(key, setting);
    }
  });
  text += "\n[model_options]\n";
  for (const auto& [key, value] : config.model_options) add_line(toml_text(key), value);
  return text;
}

}  // namespace fovea::train
