#include "apps/serve/api/allowed.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "apps/base/exit_code.h"
#include "apps/serve/http/router.h"
#include "fovea/io/json.h"
#include "fovea/models/models.h"
#include "fovea/train/runs.h"
#include "fovea/vision/data_sets.h"

namespace fovea::serve {

namespace {

namespace fs = std::filesystem;

// Files and folders of the machine, and what says where things are written.
constexpr std::array<std::string_view, 9> kNotThePages = {
    "project", "data_root", "weights",    "exist_ok",     "device",
    "on_full", "threads",   "max_pixels", "model_options"};

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::ranges::all_of(
             name, [](unsigned char c) { return c >= 0x20 && c != '/' && c != '\\' && c != 0x7f; });
}

/// Whether `path` is `folder` or lies in it, once both are resolved.
bool lies_in(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const fs::path inner = fs::canonical(path, error);
  if (error) return false;
  const fs::path outer = fs::canonical(folder, error);
  if (error) return false;
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

/// A setting's value as TOML: JSON's strings, numbers and words are TOML's, too.
std::string toml_value(const std::string& key, const io::Json& value) {
  if (value.is_string() || value.is_boolean() || value.is_number()) return io::json_ascii(value);
  throw BadRequest(str("/api/training: ", key, " expected a text, a number, true or false, got ",
                       value.type_name()));
}

}  // namespace

fs::path Allowed::run(const std::string& name) const {
  if (!is_plain_name(name))
    throw BadRequest(
        str("run expected a name in the project folder, got \"", cli::one_line(name), "\""));
  std::error_code error;
  const fs::path path = project / name;
  if (!fs::is_regular_file(path / "config.toml", error) || !lies_in(path, project))
    throw NotFound(str("run expected to be there, got \"", cli::one_line(name), "\""));
  return path;
}

const std::string& Allowed::data(const std::string& name) const {
  const std::vector<std::string> known = vision::data_set_names();
  const bool is_known = std::ranges::find(known, name) != known.end();
  const bool is_ours =
      std::ranges::any_of(folders, [&](const fs::path& folder) { return lies_in(name, folder); });
  if (is_known || is_ours) return name;
  throw BadRequest(
      str("data expected a data set that is known, or a folder that --data names, got \"",
          cli::one_line(name), "\""));
}

train::TrainConfig Allowed::training(const io::Json& settings) const {
  if (!settings.is_object())
    throw BadRequest(str("/api/training: settings expected an object, got ", settings.type_name()));
  std::string toml;
  for (const auto& [key, value] : settings.items()) {
    const bool plain =
        std::ranges::all_of(key, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    if (!plain || key.empty() || std::ranges::find(kNotThePages, key) != kNotThePages.end())
      throw BadRequest(
          str("/api/training: setting expected to be one that the page may set, got \"",
              cli::one_line(key), "\""));
    toml += key + " = " + toml_value(key, value) + "\n";
  }
  train::TrainConfig defaults;
  defaults.project = project.string();
  defaults.data_root = data_root;
  train::TrainConfig config;
  try {
    config = train::parse_config(toml, "/api/training", defaults);
  } catch (const ParseError& error) {
    throw BadRequest(error.what());
  }
  const std::vector<std::string> zoo = models::model_names();
  const bool known_model = std::ranges::find(zoo, config.model) != zoo.end() ||
                           std::ranges::find(models, fs::path(config.model)) != models.end();
  if (!known_model)
    throw BadRequest(
        str("model expected one of the list, got \"", cli::one_line(config.model), "\""));
  if (!train::is_run_name(config.name))
    throw BadRequest(str("name expected a plain name, got \"", cli::one_line(config.name), "\""));
  if (!config.class_weights.empty() && config.class_weights != train::TrainConfig().class_weights &&
      config.class_weights != "balanced")
    throw BadRequest("class_weights expected \"balanced\" from the page");
  data(config.data);
  train::validate(config);
  return config;
}

}  // namespace fovea::serve
