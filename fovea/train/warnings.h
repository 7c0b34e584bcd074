// Warnings: what goes wrong beside a training and must not end it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fovea/core/error.h"

namespace fovea::train {

/// A log, a picture or another file that tells of a training is not worth the training: where it
/// cannot be written, that is said at once, in a line for each file, and again at the end.
/// Threads: belongs to one at a time.
class Warnings {
 public:
  /// `tell`, which may be empty, is told of the first failure of each file.
  explicit Warnings(std::function<void(const std::string&)> tell = {}) : tell_(std::move(tell)) {}

  /// Calls `write`, which writes to `file`; an IoError becomes a warning. Returns whether there was
  /// none.
  template <class F>
  bool tolerate(const std::string& file, const F& write) {
    try {
      write();
      return true;
    } catch (const IoError& error) {
      add(file, error.what());
      return false;
    }
  }
  /// A line for each file that was not written, with how often that was tried.
  std::vector<std::string> lines() const;

 private:
  struct Warning {
    std::string file, message;
    std::int64_t times = 0;
  };
  void add(const std::string& file, const std::string& message);

  std::function<void(const std::string&)> tell_;
  std::vector<Warning> warnings_;
};

}  // namespace fovea::train
