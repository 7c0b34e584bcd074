// What may be done with a run that nobody trains. See runs.h.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/utf8.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/growing_file.h"
#include "fovea/io/json.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/folder_lock.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/run_log.h"
#include "fovea/train/runs.h"

namespace fovea::train {

namespace {

namespace fs = std::filesystem;

// What begins with a dot is in no list: nobody sees half of a run.
constexpr const char* kAside = ".deleted-";

/// The run's directory, which nobody else takes meanwhile.
FolderLock take_run(const fs::path& run, const char* what) {
  FolderLock lock = lock_folder(run);
  check<StateError>(lock.state != LockState::kTaken, "run: one that nobody trains expected to be ",
                    what, ", got one that runs (", run.filename().string(), ")");
  return lock;
}

void move_run(const fs::path& run, const fs::path& to, const char* what) {
  std::error_code error;
  fs::rename(run, to, error);
  check<IoError>(!error, "run: cannot be ", what, ": ", error.message(), " (", run.string(), ")");
}

/// Removes runs that were moved aside by somebody who did not come to their end.
void sweep(const fs::path& project) {
  std::vector<fs::path> left;
  std::error_code error;
  for (fs::directory_iterator folder(project, error), end; !error && folder != end;
       folder.increment(error)) {
    if (folder->path().filename().string().starts_with(kAside)) left.push_back(folder->path());
  }
  for (const fs::path& path : left) fs::remove_all(path, error);
}

/// Cuts off what logs say of later steps.
void cut_logs(const fs::path& run, const Checkpoint& checkpoint) {
  std::string rows = std::string(results_header()) + '\n';
  for (const EpochEvent& epoch : run_epochs(run))
    if (epoch.step <= checkpoint.position.step) rows += results_row(epoch) + '\n';
  io::write_file(run / "results.csv", rows);
  const std::uint64_t length = length_of(checkpoint.logs, "steps.csv");
  if (length > 0) io::GrowingFile(run / "steps.csv", length).sync();
}

}  // namespace

bool is_run_name(std::string_view name) {
  const auto plain = [](unsigned char c) {
    return c >= 0x20 && c != 0x7f && c != '/' && c != '\\';
  };
  return !name.empty() && name.size() <= 100 && is_utf8(name) &&
         std::string_view(".- ").find(name.front()) == std::string_view::npos &&
         name.back() != ' ' && std::ranges::all_of(name, plain);
}

void rename_run(const fs::path& run, const std::string& name) {
  check<ArgumentError>(
      is_run_name(name),
      "run: name expected to be a folder's, of at most 100 bytes, that begins with "
      "no \".\", \"-\" or space, got ",
      io::json_line(name));
  const FolderLock lock = take_run(run, "renamed");
  const fs::path to = run.parent_path() / name;
  std::error_code error;
  check<ArgumentError>(!fs::exists(fs::symlink_status(to, error)),
                       "run: name expected to be free, got \"", name, "\"");
  move_run(run, to, "renamed");
}

void delete_run(const fs::path& run) {
  static std::atomic<int> number{0};
  const FolderLock lock = take_run(run, "deleted");
  const fs::path aside = run.parent_path() / str(kAside, ::getpid(), "-", ++number);
  move_run(run, aside, "deleted");
  std::error_code error;
  fs::remove_all(aside, error);
  check<IoError>(!error, "run: cannot be deleted: ", error.message(), " (", aside.string(), ")");
  sweep(run.parent_path());
}

void rewind_run(const fs::path& run, std::int64_t step) {
  const FolderLock lock = take_run(run, "rewound");
  const std::vector<fs::path> files = CheckpointFolder(run / "state").files();
  const auto wanted = std::ranges::find(files, std::optional(step), checkpoint_step);
  check<ArgumentError>(wanted != files.end(), "run: checkpoint expected after step ", step,
                       ", got none (", run.filename().string(), ")");
  const Checkpoint checkpoint = load_checkpoint(*wanted);  // is whole, or nothing is done
  // The report first: without it the run is not finished, whatever comes between the rest.
  const auto remove = [](const fs::path& file) {
    std::error_code error;
    fs::remove(file, error);
    check<IoError>(!error, "run: cannot be rewound: ", error.message(), " (", file.string(), ")");
  };
  remove(run / "report.json");
  io::write_file(run / RunDirectory::kStoppedMark, "");
  std::for_each(files.begin(), wanted, remove);
  cut_logs(run, checkpoint);
}

}  // namespace fovea::train
