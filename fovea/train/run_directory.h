// A run directory: everything that a training leaves behind.
//
//   config.toml  env.json  report.json  confusion_matrix.svg  confusion_matrix.csv
//   weights/last.safetensors  weights/best.safetensors  weights/ema.safetensors (Recorder)
//   report.html  mistakes.svg (PageRecorder)
//   results.csv  steps.csv  curves.svg (RunLog)  events.out.tfevents.* (EventRecorder)
//   state/ (Checkpointer)
//
// Files are written whole or not at all, except the two CSV files and the event file, which grow by
// whole rows and records, each one handed to the system. A directory that exists is never written
// into unless the caller says so; then the weights that are there stay until new ones take their
// place. While a run lives it holds a lock on its directory, which the system drops with the
// process, however that ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

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
  /// weights in it.
  /// Throws   IoError when it cannot be made, or another run is writing into it.
  RunDirectory(const std::filesystem::path& project, const std::string& name, Existing existing);
  /// The directory of a run that goes on. What writers left there that were killed is removed.
  /// Throws   IoError when there is none, or another run is writing into it.
  explicit RunDirectory(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }  ///< the directory
  /// Path of weights/last.safetensors.
  std::filesystem::path last_weights() const { return path_ / "weights" / "last.safetensors"; }
  /// Path of weights/best.safetensors.
  std::filesystem::path best_weights() const { return path_ / "weights" / "best.safetensors"; }
  /// Path of weights/ema.safetensors.
  std::filesystem::path ema_weights() const { return path_ / "weights" / "ema.safetensors"; }
  std::filesystem::path state() const { return path_ / "state"; }         ///< where checkpoints lie
  std::filesystem::path config() const { return path_ / "config.toml"; }  ///< its settings
  std::filesystem::path report() const { return path_ / "report.json"; }  ///< of a finished run

  /// There while the run is one that was interrupted and has saved itself, and none that died.
  static constexpr const char* kStoppedMark = "state/stopped";
  /// Puts the mark there. Throws IoError.
  void mark_stopped() const { write(kStoppedMark, ""); }

  /// Removes what a run before left, but for its weights: until there are new ones they may be the
  /// only ones that somebody has. Throws IoError.
  void start_over() const;
  /// Makes it that of a run that is not finished, with these settings: its report, of fewer epochs,
  /// is removed. Throws IoError.
  void go_on(const std::string& settings) const;
  /// Writes a file of the directory, whole or not at all. Throws IoError.
  void write(const char* file, std::string_view content) const;

 private:
  void make_weights_folder() const;

  std::filesystem::path path_;
  std::shared_ptr<const int> lock_;  // the directory, open; null where there are no locks
};

}  // namespace fovea::train
