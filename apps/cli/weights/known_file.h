// A file of weights, and what its content and its name say of it.
#pragma once

#include <string>

#include "fovea/models/public_weights.h"

namespace fovea::cli {

/// What is known of a file before it is read as weights.
struct KnownFile {
  std::string sha256;  ///< of its content
  std::string said;    ///< how that begins, by the file's name; or empty
  /// The public file that it is by its checksum, whatever it is called, or else by its name; null
  /// for none.
  const models::PublicWeights* weights = nullptr;

  bool agrees() const { return sha256.starts_with(said); }  ///< name and content, as far as it says
  /// Whether its content is that of `weights`.
  bool is_public() const {
    return weights != nullptr && sha256.starts_with(models::checksum_in_name(weights->file()));
  }
};

/// Reads a file. Throws IoError; ParseError where it is called as a public file and has another
/// size.
KnownFile known_file(const std::string& path);

/// fovea weights list, for one model or all.
int list_weights(const std::string& model, bool json);
/// fovea weights info: what a file is, and which model takes it. Bad input when name and content
/// disagree.
int show_weights(const std::string& path, bool json);

}  // namespace fovea::cli
