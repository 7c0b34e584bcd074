#include "apps/serve/api/models.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "apps/base/exit_code.h"
#include "apps/serve/http/router.h"
#include "fovea/core/rng.h"
#include "fovea/explain/render/page_text.h"
#include "fovea/train/config.h"
#include "fovea/vision/data_sets.h"

namespace fovea::serve {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptModels = 4;

/// Changes when somebody writes the file.
std::string stamp_of(const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error).time_since_epoch().count();
  if (error) return {};
  const auto size = fs::file_size(file, error);
  return error ? std::string() : str(time, " ", size);
}

fs::path best_weights_of(const fs::path& run) { return run / "weights" / "best.safetensors"; }

models::LoadedModel load_file(const fs::path& file) {
  if (!is_list_of_layers(file)) return models::load_model({.weights = file});
  manual_seed(0);  // the same fresh weights each time
  return models::load_model({.model = file.string()});
}

bool has_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// A name of a folder in the project, and nothing that leads out of it.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         name.find_first_of("/\\") == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

/// The data set that a model was made for, by its classes' names, or else by the size of its images
/// and how many classes there are; of several one that is here.
const vision::DataSetInfo* guess_data(const models::ModelCard& card, std::int64_t classes,
                                      const std::string& root) {
  const vision::DataSetInfo* guess = nullptr;
  for (const vision::DataSetInfo& info : vision::data_sets()) {
    const bool named = card.classes.empty()
                           ? static_cast<std::int64_t>(info.classes.size()) == classes
                           : info.classes == card.classes;
    if (!named || card.input != Shape({info.image[0], info.image[1], info.image[2]})) continue;
    if (vision::data_set_state(info, root).complete()) return &info;
    if (guess == nullptr) guess = &info;
  }
  return guess;
}

/// What a model by its name is made for.
models::ModelCard zoo_card(const std::string& name, const std::string& root) {
  models::ModelCard card{.model = name,
                         .options = models::complete_options(name),
                         .classes = {},
                         .input = models::model_input(name)};
  std::int64_t classes = 0;
  if (const auto found = card.options.find("num_classes"); found != card.options.end()) {
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), classes);
  }
  if (const auto* const info = guess_data(card, classes, root)) card.classes = info->classes;
  return card;
}

std::vector<std::string> sorted_runs(const fs::path& project) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(project, error)) {
    const std::string name = entry.path().filename().string();
    if (is_plain_name(name) && has_file(best_weights_of(entry.path()))) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::string json_of_entry(const ModelEntry& entry) {
  return explain::PageObject()
      .text("id", entry.id)
      .text("title", entry.title)
      .text("kind", entry.kind)
      .text("model", entry.model)
      .text("data", entry.data)
      .json("classes", explain::list_of_all(entry.classes, explain::page_string))
      .json("input",
            explain::list_of_all(std::vector<std::int64_t>(entry.input.begin(), entry.input.end()),
                                 [](std::int64_t size) { return std::to_string(size); }))
      .flag("trained", entry.kind != "zoo")
      .finish();
}

[[noreturn]] void no_such_model(const std::string& id) {
  throw NotFound(str("model expected to be one that is there, got \"", cli::one_line(id), "\""));
}

}  // namespace

bool is_list_of_layers(const fs::path& file) { return file.extension() == ".toml"; }

std::string title_of(const fs::path& path) {
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

Models::Models(ModelsOptions options) : options_(std::move(options)), loaded_(kKeptModels) {}

Models::Source Models::source_of(const std::string& id) const {
  if (id.starts_with("run:")) {
    const std::string name = id.substr(4);
    if (!is_plain_name(name)) no_such_model(id);
    const fs::path run = options_.project / name;
    return {.weights = best_weights_of(run), .run = run};
  }
  std::size_t number = 0;
  const char* const end = id.data() + id.size();
  if (id.starts_with("file:")) {
    const auto read = std::from_chars(id.data() + 5, end, number);
    if (read.ec == std::errc() && read.ptr == end && number < options_.files.size()) {
      const fs::path& file = options_.files[number];
      std::error_code error;
      if (fs::is_directory(file, error)) return {.weights = best_weights_of(file), .run = file};
      return {.weights = file, .run = {}};
    }
  }
  no_such_model(id);
}

void Models::check_files() const {
  for (std::size_t i = 0; i < options_.files.size(); ++i) {
    const fs::path file = source_of(str("file:", i)).weights;
    if (is_list_of_layers(file)) {
      load_file(file);
    } else {
      models::load_model_file(file);
    }
  }
}

cli::DataFlags Models::data_of(const Source& source, const models::ModelCard& card,
                               std::int64_t classes) const {
  cli::DataFlags flags{.data = {}, .root = options_.data_root};
  if (has_file(source.run / "config.toml") && !source.run.empty()) {
    const train::TrainConfig config = train::read_config(source.run / "config.toml");
    flags.data = config.data;
    if (!config.data_root.empty()) flags.root = config.data_root;
    flags.skip_corrupt = config.skip_corrupt;
    flags.max_pixels = config.max_pixels;
    return flags;
  }
  const auto* const info = guess_data(card, classes, flags.root);
  if (info != nullptr) flags.data = info->name;
  return flags;
}

std::optional<ModelEntry> Models::entry_of(const std::string& id, const Source& source) const {
  const std::string stamp = stamp_of(source.weights);
  const std::lock_guard lock(mutex_);
  KnownFile& known = files_[id];
  if (!stamp.empty() && known.stamp == stamp) return known.entry;
  known = {.stamp = stamp, .entry = {}};
  if (stamp.empty()) return {};
  try {
    const bool drawn = is_list_of_layers(source.weights);
    models::ModelCard card;
    std::int64_t classes = 0;
    if (drawn) {
      const models::LoadedModel model = load_file(source.weights);
      card = model.card;
      classes = model.classes;
    } else {
      card = models::load_model_file(source.weights).card;
      classes = std::ssize(card.classes);
    }
    const fs::path& named = source.run.empty() ? source.weights : source.run;
    known.entry = ModelEntry{.id = id,
                             .title = title_of(named),
                             .kind = id.starts_with("run:") ? "run"
                                     : drawn                ? "zoo"
                                                            : "file",
                             .model = card.model,
                             .data = data_of(source, card, classes).data,
                             .classes = card.classes,
                             .input = card.input};
  } catch (const Error&) {
    // Left out: what stands there is not what a run leaves, or is being written.
  }
  return known.entry;
}

std::vector<ModelEntry> Models::list() const {
  std::vector<ModelEntry> entries;
  const auto add = [&](const std::string& id) {
    if (std::optional<ModelEntry> entry = entry_of(id, source_of(id)))
      entries.push_back(std::move(*entry));
  };
  if (live_.version && live_.version()) {
    try {
      const std::shared_ptr<ServedModel> live = get("training");
      const models::ModelCard& card = live->classifier().card();
      entries.push_back({.id = "training",
                         .title = "training",
                         .kind = "training",
                         .model = card.model,
                         .data = live->data().data,
                         .classes = card.classes,
                         .input = card.input});
    } catch (const Conflict&) {
      // It has not been seen yet.
    } catch (const NotFound&) {
      // It is over by now.
    }
  }
  for (std::size_t i = 0; i < options_.files.size(); ++i) add(str("file:", i));
  for (const std::string& name : sorted_runs(options_.project)) add("run:" + name);
  for (const models::ModelInfo& info : models::known_models()) {
    const models::ModelCard card = zoo_card(info.name, options_.data_root);
    entries.push_back({.id = "zoo:" + info.name,
                       .title = info.title,
                       .kind = "zoo",
                       .model = info.name,
                       .data = data_of({}, card, std::ssize(card.classes)).data,
                       .classes = card.classes,
                       .input = card.input});
  }
  return entries;
}

std::string Models::to_json() const { return explain::list_of_all(list(), json_of_entry); }

std::shared_ptr<ServedModel> Models::load(const std::string& id) const {
  if (id == "training") {
    LiveModel live = live_.snapshot();
    return std::make_shared<ServedModel>(id, std::move(live.model), std::move(live.data));
  }
  if (id.starts_with("zoo:")) {
    const std::string name = id.substr(4);
    manual_seed(0);  // the same fresh weights each time
    models::LoadedModel model = models::load_model({.model = name});
    const models::ModelCard card = zoo_card(name, options_.data_root);
    if (static_cast<std::int64_t>(card.classes.size()) == model.classes)
      model.card.classes = card.classes;
    cli::DataFlags data = data_of({}, model.card, model.classes);
    return std::make_shared<ServedModel>(id, std::move(model), std::move(data));
  }
  const Source source = source_of(id);
  models::LoadedModel model = load_file(source.weights);
  cli::DataFlags data = data_of(source, model.card, model.classes);
  return std::make_shared<ServedModel>(id, std::move(model), std::move(data));
}

/// The one that learns. Who waits for it to be between two steps keeps nobody from other models.
std::shared_ptr<ServedModel> Models::get_live() const {
  const std::string id = "training";
  const std::lock_guard waiting(live_mutex_);
  std::string stamp;  // empty: none learns
  if (live_.version)
    if (const std::optional<std::int64_t> version = live_.version())
      stamp = std::to_string(version.value());
  std::shared_ptr<ServedModel> last;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* const kept = loaded_.find(id)) {
      last = kept->second;
      if (stamp.empty() || kept->first == stamp) return last;
    }
  }
  if (stamp.empty()) throw NotFound("model expected to learn right now, got none that does");
  std::shared_ptr<ServedModel> now;
  try {
    now = load(id);
  } catch (const Conflict&) {
    if (!last) throw;
    return last;
  }
  const std::lock_guard lock(mutex_);
  return loaded_.put(id, {stamp, std::move(now)}).second;
}

std::string Models::stamp(const std::string& id) const {
  if (!id.starts_with("zoo:")) return stamp_of(source_of(id).weights);
  const std::vector<std::string> names = models::model_names();
  return std::ranges::find(names, id.substr(4)) == names.end() ? std::string() : "fresh";
}

std::shared_ptr<ServedModel> Models::get(const std::string& id) const {
  if (id == "training") return get_live();
  const std::string now = stamp(id);
  if (now.empty()) no_such_model(id);
  const std::lock_guard lock(mutex_);
  if (auto* const kept = loaded_.find(id); kept != nullptr && kept->first == now)
    return kept->second;
  return loaded_.put(id, {now, load(id)}).second;
}

}  // namespace fovea::serve
