// A file of weights, and what its name says of it.
#pragma once

#include <string>

#include "fovea/models/public_weights.h"

namespace fovea::cli {

/// What is known of a file before it is read as weights.
struct KnownFile {
  std::string sha256;  ///< of its content
  std::string said;    ///< how that begins, by the file's name; or empty
  const models::PublicWeights* weights = nullptr;  ///< what it is by its name; null for none

  bool agrees() const { return sha256.starts_with(said); }  ///< name and content, as far as it says
};

/// Reads a file. Throws IoError.
KnownFile known_file(const std::string& path);

/// fovea weights list, for one model or all.
int list_weights(const std::string& model, bool json);
/// fovea weights info: what a file is, and which model takes it. Bad input when name and content
/// disagree.
int show_weights(const std::string& path, bool json);

}  // namespace fovea::cli
