// What a data set that comes from files can say of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fovea::vision {

/// Names and SHA-256, in lower-case hexadecimal.
using Checksums = std::vector<std::pair<std::string, std::string>>;

/// Beside data::Dataset, the base of data sets that come from files.
class FileBacked {
 public:
  virtual ~FileBacked() = default;
  /// What tells this data from other data, for the record of a training: a SHA-256 for each file,
  /// or for all of them together. Throws IoError.
  virtual Checksums checksums() const = 0;
};

}  // namespace fovea::vision
