// How the command ends: the exit codes that scripts rely on, and the one place that maps errors to
// them.
#pragma once

#include <csignal>
#include <exception>
#include <string>

#include "fovea/core/error.h"
#include "fovea/core/language.h"

namespace fovea::cli {

/// What the command's exit status means.
enum ExitCode : int {
  kExitDone = 0,           ///< all went well
  kExitInternal = 1,       ///< a defect of Fovea itself
  kExitUsage = 2,          ///< the command line cannot be understood
  kExitBadInput = 3,       ///< a file or data that cannot be what it should be
  kExitIo = 4,             ///< missing, unreadable, disk full
  kExitNumeric = 5,        ///< a value became NaN or infinite
  kExitMemory = 6,         ///< out of memory
  kExitRankFailed = 7,     ///< a rank of a distributed run failed
  kExitInterrupted = 130,  ///< after SIGINT
  kExitTerminated = 143,   ///< after SIGTERM, SIGHUP or SIGUSR1
};

/// The code of a command that a signal ended.
inline ExitCode exit_code_of_signal(int signal) {
  return signal == SIGINT ? kExitInterrupted : kExitTerminated;
}

/// A command line that cannot be understood: an unknown word, a missing or unusable value.
class UsageError : public Error {
  using Error::Error;
};

/// What an exception means for the user.
struct Failure {
  ExitCode code;  ///< the exit status
  Text message;   ///< one line for standard error
};

/// `text` without the control characters that a hostile file name may hold, which would break the
/// line or the terminal.
std::string one_line(std::string text);
/// Sorts a caught exception into an exit code and its line.
Failure describe_failure(const std::exception_ptr& error);

}  // namespace fovea::cli
