#include "tests/support/process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fovea::test {

namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "fovea-process-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return pattern;
}

void redirect(const std::filesystem::path& path, int descriptor, int flags) {
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

/// In the child, which is a copy of this process alone and becomes the program.
[[noreturn]] void become(const std::vector<std::string>& words, const ProcessOptions& options,
                         const std::filesystem::path& folder) {
  redirect("/dev/null", STDIN_FILENO, O_RDONLY);
  const auto out = options.output_file.empty() ? folder / "out" : options.output_file;
  redirect(out, STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  const auto err = options.error_file.empty() ? folder / "err" : options.error_file;
  redirect(err, STDERR_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  if (chdir(options.directory.c_str()) != 0) _exit(126);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  if (options.max_file_bytes) {
    std::signal(SIGXFSZ, SIG_IGN);  // writing then fails, as on a full disk
    const rlimit limit{*options.max_file_bytes, *options.max_file_bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  for (const int descriptor : options.closed) close(descriptor);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& words, const ProcessOptions& options)
    : folder_(make_folder()) {
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) become(words, options, folder_);
}

Process::~Process() {
  if (!has_ended()) {
    send(SIGKILL);
    wait();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Process::error_so_far() const { return read_all(folder_ / "err"); }

bool Process::wait_for_error(const std::string& text) {
  constexpr int kTries = 6000;
  for (int i = 0; i < kTries; ++i) {
    if (error_so_far().find(text) != std::string::npos) return true;
    if (has_ended()) return error_so_far().find(text) != std::string::npos;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

void Process::send(int signal) const { kill(pid_, signal); }

/// Takes its status if it has ended; with WNOHANG it waits for nothing.
void Process::wait_with(int flags) {
  int status = 0;
  rusage usage{};
  pid_t ended = 0;
  while ((ended = wait4(pid_, &status, flags, &usage)) < 0 && errno == EINTR) continue;
  if (ended != pid_) return;
  status_ = status;
  peak_bytes_ = usage.ru_maxrss * 1024;
}

bool Process::has_ended() {
  if (!status_) wait_with(WNOHANG);
  return status_.has_value();
}

ProcessResult Process::wait() {
  if (!status_) wait_with(0);
  const int code = WIFEXITED(*status_) ? WEXITSTATUS(*status_) : 128 + WTERMSIG(*status_);
  return {code, read_all(folder_ / "out"), read_all(folder_ / "err"), peak_bytes_};
}

ProcessResult run_process(const std::vector<std::string>& words, const ProcessOptions& options) {
  return Process(words, options).wait();
}

}  // namespace fovea::test
