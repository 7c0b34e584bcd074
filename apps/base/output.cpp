#include "apps/base/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "fovea/core/error.h"

namespace fovea::cli {

namespace {

bool output_failed = false;

/// For a write that has just failed.
[[noreturn]] void fail_output() {
  const int reason = errno;
  output_failed = true;
  if (reason == EPIPE) {
    // A reader that goes away (`fovea data list | head -1`) ends the command quietly, as any tool.
    std::signal(SIGPIPE, SIG_DFL);
    (void)std::raise(SIGPIPE);
  }
  throw IoError(str("standard output: ", std::strerror(reason)));
}

}  // namespace

void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one. Opened the other way round, so that use of it fails.
    (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

bool output_is_closed() {
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  return flags < 0 || (flags & O_ACCMODE) == O_RDONLY;  // see occupy_standard_streams
}

void write_output(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_output();
}

void flush_output() {
  if (!output_failed && std::fflush(stdout) != 0) fail_output();
}

void write_message(std::string_view text) noexcept {
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  (void)std::fflush(stderr);
}

}  // namespace fovea::cli
