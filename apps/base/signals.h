// Ctrl-C and the signals that ask a program to end (SIGTERM, SIGHUP, and SIGUSR1, by which queues
// of clusters say that the time is nearly over): they end a command at once, with the code for it.
// While a training runs, the first one asks it to end after its step, and the second one ends it at
// once.
#pragma once

#include <atomic>
#include <string_view>

namespace fovea::cli {

/// From now on these signals end the process at once, with 130 (SIGINT) or 143, unless whoever
/// started it has set them to be ignored. Those that were held back come now.
void end_at_signals();
/// Holds them back until end_at_signals, also in a program that this process becomes.
void hold_signals();

/// While it lives, the first of these signals sets a flag, and says so on standard error; a second
/// one ends the process at once.
/// Threads: one at a time in the process.
class StopSignals {
 public:
  /// `heard` is what is said: a literal.
  explicit StopSignals(std::string_view heard = "ends after this step; once more: at once");
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// True once a signal has come.
  static const std::atomic<bool>& requested();
  /// The signal that came, or 0.
  static int received();
};

}  // namespace fovea::cli
