#include "fovea/train/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/io/atomic_file.h"

namespace fovea::train {

namespace {

namespace fs = std::filesystem;

/// Text as printf makes it.
[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char buffer[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(buffer, sizeof buffer, pattern, arguments);
  va_end(arguments);
  return buffer;
}

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

/// Takes the directory for this run: open and locked for as long as the result lives. Null where it
/// cannot be locked, as on some file systems of networks.
std::shared_ptr<const int> lock_folder(const fs::path& path) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return nullptr;
  std::shared_ptr<const int> folder(new int(opened), [](const int* descriptor) {
    ::close(*descriptor);
    delete descriptor;
  });
  if (::flock(opened, LOCK_EX | LOCK_NB) == 0) return folder;
  check<IoError>(errno != EWOULDBLOCK,
                 "run directory: folder expected to be free, got one that another run is writing (",
                 path.string(), ")");
  return nullptr;
}

std::ofstream open_csv(const fs::path& path, std::string_view header) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << header << '\n' << std::flush;
  check<IoError>(file.good(), "run directory: file expected to be writable, got an error (",
                 path.string(), ")");
  return file;
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

void add_row(std::ofstream& file, const std::string& row, const fs::path& path) {
  file << (row + '\n') << std::flush;
  check<IoError>(file.good(), "run directory: row expected to be written, got an error (",
                 path.string(), ")");
}

std::string score_fields(const std::optional<Score>& score) {
  return score ? format(",%.8f,%.8f", score->loss, score->accuracy) : ",,";
}

}  // namespace

RunDirectory::RunDirectory(const fs::path& project, const std::string& name, Existing existing)
    : path_(make_folder(project, name, existing)), lock_(lock_folder(path_)) {
  std::error_code error;
  // What a run before left would otherwise stand beside what this one has written so far. Its
  // weights stay: until there are new ones they may be the only ones that somebody has.
  for (const char* file :
       {"report.json", "curves.svg", "confusion_matrix.svg", "confusion_matrix.csv"}) {
    fs::remove(path_ / file, error);
  }
  remove_events(path_);
  fs::create_directory(path_ / "weights", error);
  check_made(error, path_ / "weights");
  results_ = open_csv(path_ / "results.csv", results_header());
  steps_ = open_csv(path_ / "steps.csv", "step,loss");
}

void RunDirectory::write(const char* file, std::string_view content) const {
  io::write_file(path_ / file, content);
}

void RunDirectory::add_epoch(const EpochEvent& event) {
  add_row(results_, results_row(event), path_ / "results.csv");
}

void RunDirectory::add_step(std::int64_t step, double loss) {
  // 9 significant digits name an f32 exactly.
  add_row(steps_, format("%lld,%.9g", static_cast<long long>(step), loss), path_ / "steps.csv");
}

std::string_view results_header() {
  return "epoch,step,time_s,lr,train_loss,train_accuracy,val_loss,val_accuracy,"
         "test_loss,test_accuracy,images_per_s,data_wait_s";
}

std::string results_row(const EpochEvent& event) {
  return format("%lld,%lld,%.6f,%.9g", static_cast<long long>(event.epoch),
                static_cast<long long>(event.step), event.time_s, event.lr) +
         score_fields(event.train) + score_fields(event.val) + score_fields(event.test) +
         format(",%.3f,%.6f", event.images_per_s, event.data_wait_s);
}

}  // namespace fovea::train
