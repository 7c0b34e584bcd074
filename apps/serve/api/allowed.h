// What the page may name: runs of the project folder, data sets that are known, folders that the
// command line named. Nothing else of the file system is its business.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fovea/io/json_fwd.h"
#include "fovea/train/config.h"

namespace fovea::serve {

/// Where the page may look. Paths are compared as the system resolves them, links too.
struct Allowed {
  std::filesystem::path project = "runs/train";     ///< folder of runs
  std::string data_root = {};                       ///< of known data sets; empty: the usual places
  std::vector<std::filesystem::path> folders = {};  ///< of pictures, and what lies in them
  std::vector<std::filesystem::path> models = {};   ///< files that list layers, or hold a model

  /// The directory of the run called `name`. Throws BadRequest for what is no plain name; NotFound
  /// when there is none.
  std::filesystem::path run(const std::string& name) const;
  /// A data set that is known, or a folder that may be read. Throws BadRequest for another one.
  const std::string& data(const std::string& name) const;
  /// Settings of a training as the page sends them, checked: keys as in config.toml.
  /// Throws   BadRequest for keys that are not the page's business, values of a wrong kind, and
  ///          models and data that it may not name; as train::validate.
  train::TrainConfig training(const io::Json& settings) const;
};

}  // namespace fovea::serve
