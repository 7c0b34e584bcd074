// The models that the page can look into, by their ids.
//
//   run:NAME      the best weights of a run of the project folder
//   file:K        the K-th weights file, list of layers, or run directory of the command line
//   zoo:NAME      a model by its name, with fresh weights
//   training      the one that learns right now
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/api/recent.h"
#include "apps/serve/api/served_model.h"
#include "fovea/models/load_model.h"

namespace fovea::serve {

/// Where models are found.
struct ModelsOptions {
  std::filesystem::path project = "runs/train";   ///< folder of runs
  std::vector<std::filesystem::path> files = {};  ///< weights files and run directories
  std::string data_root = {};                     ///< of data sets; empty: the usual places
};

/// The model that learns right now, as it was after a step.
struct LiveModel {
  models::LoadedModel model;  ///< a copy that is nobody else's
  cli::DataFlags data;        ///< what it learns from
};

/// Who knows the model that learns right now. Both may be called from any thread, and ask nothing
/// of Models, which waits for them.
struct LiveModels {
  /// Another number for each state of the model that is worth a new look; nothing: none learns.
  std::function<std::optional<std::int64_t>()> version = {};
  /// The model as it is now.
  std::function<LiveModel()> snapshot = {};
};

/// A line of the list of models.
struct ModelEntry {
  std::string id;                         ///< see the head of this file
  std::string title;                      ///< for people
  std::string kind;                       ///< "run", "file", "zoo", "training"
  std::string model;                      ///< its name
  std::string data;                       ///< of its samples; empty: none is known
  std::vector<std::string> classes = {};  ///< names by index; may be empty
  Shape input = {};                       ///< [channels, height, width]
};

/// Whether a file lists layers, whose weights are drawn, by its ending.
bool is_list_of_layers(const std::filesystem::path& file);

/// The last name of a path, also of one that ends in a slash.
std::string title_of(const std::filesystem::path& path);

/// The models. See the head of this file.
/// Threads  may be used by several at once.
class Models {
 public:
  explicit Models(ModelsOptions options);  ///< found there

  /// Tells who knows of the training. To be called before anybody asks.
  void set_live(LiveModels live) { live_ = std::move(live); }

  /// Reads what the command line names. Throws as models::load_model.
  void check_files() const;
  /// All there are. What cannot be read is left out.
  std::vector<ModelEntry> list() const;
  /// The list as JSON: [{"id", "title", "kind", "model", "data", "classes", "input", "trained"}].
  std::string to_json() const;

  /// The model with this id, of the last four or loaded now; loaded again where its file changed.
  /// Of the one that learns what was seen of it last, where it cannot be looked at now: it is
  /// judged, or over.
  /// Throws   NotFound when there is none; Conflict for one that learns and was not seen yet; as
  ///          models::load_model.
  std::shared_ptr<ServedModel> get(const std::string& id) const;
  /// Another text when the weights of a model that does not learn are others; empty for none.
  /// Throws   NotFound for what is no id.
  std::string stamp(const std::string& id) const;

 private:
  /// A file with weights, and the run that it belongs to, if any.
  struct Source {
    std::filesystem::path weights, run;
  };
  /// What a weights file says of itself, as long as it has this stamp.
  struct KnownFile {
    std::string stamp;
    std::optional<ModelEntry> entry;  // nothing: it cannot be read
  };

  Source source_of(const std::string& id) const;
  std::optional<ModelEntry> entry_of(const std::string& id, const Source& source) const;
  cli::DataFlags data_of(const Source& source, const models::ModelCard& card,
                         std::int64_t classes) const;
  std::shared_ptr<ServedModel> load(const std::string& id) const;
  std::shared_ptr<ServedModel> get_live() const;

  ModelsOptions options_;
  LiveModels live_;
  mutable std::mutex live_mutex_;  // of who waits for the one that learns
  mutable std::mutex mutex_;       // of what follows
  mutable std::map<std::string, KnownFile> files_;
  mutable Recent<std::string, std::pair<std::string, std::shared_ptr<ServedModel>>> loaded_;
};

}  // namespace fovea::serve
