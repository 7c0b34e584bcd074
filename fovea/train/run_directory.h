// A run directory: everything that a training leaves behind.
//
//   config.toml  env.json  results.csv  steps.csv  report.json  curves.svg
//   confusion_matrix.svg  confusion_matrix.csv  weights/last.safetensors  weights/best.safetensors
//   events.out.tfevents.* (EventRecorder)
//
// Files are written whole or not at all, except the two CSV files and the event file, which grow by
// whole rows and records, each one flushed. A directory that exists is never written into unless
// the caller says so; then the weights that are there stay until new ones take their place. While a
// run lives it holds a lock on its directory, which the system drops with the process, however that
// ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/models/model_file.h"
#include "fovea/nn/module.h"
#include "fovea/train/report.h"
#include "fovea/train/trainer.h"

namespace fovea::train {

/// Whether a directory that exists may be written into.
enum class Existing : std::uint8_t {
  kNextName,  ///< no: exp2, exp3, ... instead
  kReuse,     ///< yes: its files are replaced, unless another run is writing them
};

/// A folder for one training. See the head of this file.
class RunDirectory {
 public:
  /// Makes project/name, or with a number from 2 after the name when that exists, and the folder
  /// weights in it; and results.csv and steps.csv with their first rows.
  /// Throws   IoError when it cannot be made, or another run is writing into it.
  RunDirectory(const std::filesystem::path& project, const std::string& name, Existing existing);

  const std::filesystem::path& path() const { return path_; }  ///< the directory
  /// Path of weights/last.safetensors.
  std::filesystem::path last_weights() const { return path_ / "weights" / "last.safetensors"; }
  /// Path of weights/best.safetensors.
  std::filesystem::path best_weights() const { return path_ / "weights" / "best.safetensors"; }

  /// Writes a file of the directory, whole or not at all. Throws IoError.
  void write(const char* file, std::string_view content) const;
  /// Appends a row to results.csv. Throws IoError.
  void add_epoch(const EpochEvent& event);
  /// Appends a row to steps.csv. Throws IoError.
  void add_step(std::int64_t step, double loss);

 private:
  std::filesystem::path path_;
  std::shared_ptr<const int> lock_;  // the directory, open; null where there are no locks
  std::ofstream results_, steps_;
};

/// The first row of results.csv, without its end of line.
std::string_view results_header();
/// A row of results.csv, without its end of line: fractions and losses with 8 digits after the
/// point, empty fields for what was not evaluated.
std::string results_row(const EpochEvent& event);

}  // namespace fovea::train
