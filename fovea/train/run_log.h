// RunLog: the observer that writes down how a training goes: results.csv, steps.csv and curves.svg.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/io/growing_file.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/trainer.h"
#include "fovea/train/warnings.h"

namespace fovea::train {

/// A file that grows while a training runs, by its name in the run directory, and how much of it is
/// there.
using FileLengths = std::vector<std::pair<std::string, std::int64_t>>;

/// How a RunLog begins: a new training's does with nothing.
struct RunLogStart {
  std::vector<EpochEvent> epochs = {};  ///< those that are done
  FileLengths lengths = {};             ///< of what is to be kept of files that are there
};

/// Writes rows and curves as a training goes on. What cannot be written is a warning.
class RunLog : public TrainObserver {
 public:
  /// `directory` and `warnings` must outlive this. A row of steps.csv every `log_every` steps; 0:
  /// none. `model` is its name, for the picture.
  RunLog(const RunDirectory& directory, Warnings& warnings, std::string model,
         std::int64_t log_every, RunLogStart start = {});

  void on_step(const StepEvent& event) override;
  void on_epoch_end(const EpochEvent& event) override;

  const std::vector<EpochEvent>& epochs() const { return epochs_; }  ///< those that are done
  /// Has the files on disk, and says how long they are.
  FileLengths sync();

 private:
  /// results.csv with the rows of epochs that are done, written anew where some are missing; null
  /// when it cannot be opened.
  std::unique_ptr<io::GrowingFile> open_results();
  /// steps.csv with its first row, as long as it is to be; null when it cannot be opened.
  std::unique_ptr<io::GrowingFile> open_steps(std::uint64_t length);
  void add_row(io::GrowingFile* file, const std::string& row);

  const RunDirectory& directory_;
  Warnings& warnings_;
  std::string model_;
  std::int64_t log_every_;
  std::vector<EpochEvent> epochs_;
  std::unique_ptr<io::GrowingFile> results_, steps_;
};

/// Has `file`, which may be null, on disk, and adds how long it is.
void add_synced(io::GrowingFile* file, Warnings& warnings, FileLengths& lengths);
/// The length that `lengths` name for `file`; 0 when they do not.
std::uint64_t length_of(const FileLengths& lengths, std::string_view file);

/// The first row of results.csv, without its end of line.
std::string_view results_header();
/// A row of results.csv, without its end of line: fractions and losses with 8 digits after the
/// point, empty fields for what was not evaluated.
std::string results_row(const EpochEvent& event);

}  // namespace fovea::train
