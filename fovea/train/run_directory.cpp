#include "fovea/train/run_directory.h"

#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/read_file.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/folder_lock.h"

namespace fovea::train {

namespace {

namespace fs = std::filesystem;

void check_made(const std::error_code& error, const fs::path& path) {
  check<IoError>(!error, "run directory: folder expected to be made, got ", error.message(), " (",
                 path.string(), ")");
}

/// Makes the run's own folder: the first free name, or the given one.
fs::path make_folder(const fs::path& project, const std::string& name, Existing existing) {
  std::error_code error;
  fs::create_directories(project, error);
  check_made(error, project);
  for (std::int64_t number = 1;; ++number) {
    fs::path path = project / (number == 1 ? name : name + std::to_string(number));
    // One system call that both looks and takes: two runs that start together get two folders.
    const bool made = fs::create_directory(path, error);
    if (made) return path;
    if (existing == Existing::kReuse && fs::is_directory(path)) return path;
    if (error != std::errc::file_exists) check_made(error, path);
    check<IoError>(existing != Existing::kReuse, "run directory: folder expected, got a file (",
                   path.string(), ")");
  }
}

/// Takes the directory for this run, as long as the result lives; null where there are no locks.
std::shared_ptr<const int> take_folder(const fs::path& path) {
  FolderLock lock = lock_folder(path);
  check<IoError>(lock.state != LockState::kTaken,
                 "run directory: folder expected to be free, got one that another run is writing (",
                 path.string(), ")");
  return std::move(lock.held);
}

/// Removes the event files of a run before, whose names nobody knows.
void remove_events(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> events;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().filename().string().starts_with("events.out.tfevents."))
      events.push_back(entry.path());
  }
  for (const fs::path& path : events) fs::remove(path, error);
}

}  // namespace

RunDirectory::RunDirectory(const fs::path& project, const std::string& name, Existing existing)
    : path_(make_folder(project, name, existing)), lock_(take_folder(path_)) {
  start_over();
  make_weights_folder();
}

// What a run before left would otherwise stand beside what this one has written so far.
void RunDirectory::start_over() const {
  std::error_code error;
  for (const char* file :
       {"report.json", "report.html", "curves.svg", "mistakes.svg", "confusion_matrix.svg",
        "confusion_matrix.csv", "label_counts.csv", kStoppedMark}) {
    fs::remove(path_ / file, error);
  }
  remove_events(path_);
  CheckpointFolder(state()).clear();
}

RunDirectory::RunDirectory(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  check<IoError>(fs::is_directory(path_, error), "run directory: folder expected, got none (",
                 path_.native(), ")");
  lock_ = take_folder(path_);
  make_weights_folder();
  fs::remove(path_ / kStoppedMark, error);
  for (const fs::path& folder : {path_, path_ / "weights", state()}) io::remove_temporaries(folder);
}

void RunDirectory::go_on(const std::string& settings) const {
  if (io::read_text(config()) != settings) write("config.toml", settings);
  std::error_code error;
  fs::remove(report(), error);
}

void RunDirectory::make_weights_folder() const {
  std::error_code error;
  fs::create_directory(path_ / "weights", error);
  check_made(error, path_ / "weights");
}

void RunDirectory::write(const char* file, std::string_view content) const {
  io::write_file(path_ / file, content);
}

}  // namespace fovea::train
