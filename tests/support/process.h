// Runs a program as a user would and looks at what comes out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace fovea::test {

/// How a program is started.
struct ProcessOptions {
  std::filesystem::path directory = ".";                ///< where it runs
  std::map<std::string, std::string> environment = {};  ///< beside what this process has
  std::optional<unsigned long> max_file_bytes = {};     ///< RLIMIT_FSIZE: a disk that is full
  std::filesystem::path output_file = {};  ///< standard output goes there, not into the result
  std::filesystem::path error_file = {};   ///< standard error likewise
  std::vector<int> closed = {};            ///< descriptors that are closed
};

/// What a program did.
struct ProcessResult {
  int exit_code = -1;           ///< its exit status, or 128 + the signal that killed it
  std::string out;              ///< standard output
  std::string err;              ///< standard error
  std::int64_t peak_bytes = 0;  ///< the most memory that it had resident at once
};

/// A program that is running. Its streams are gathered in files, so it never waits for a reader.
class Process {
 public:
  /// Starts `words[0]` with the other words as arguments.
  explicit Process(const std::vector<std::string>& words, const ProcessOptions& options = {});
  /// Kills it if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Its number.
  pid_t id() const { return pid_; }
  /// What has come on standard error so far.
  std::string error_so_far() const;
  /// Waits until standard error holds `text`; false when the program ends before or after a minute.
  bool wait_for_error(const std::string& text);
  /// Sends a signal.
  void send(int signal) const;
  /// Waits for its end.
  ProcessResult wait();

 private:
  bool has_ended();
  void wait_with(int flags);

  pid_t pid_ = -1;
  std::optional<int> status_;
  std::int64_t peak_bytes_ = 0;
  std::filesystem::path folder_;  // holds the files of its streams
};

/// Starts a program and waits for its end.
ProcessResult run_process(const std::vector<std::string>& words,
                          const ProcessOptions& options = {});

}  // namespace fovea::test
