// Ctrl-C and SIGTERM: the first one asks the training to end after its step, the second one kills.
#pragma once

#include <atomic>

namespace fovea::cli {

/// While it lives, SIGINT and SIGTERM set a flag instead of killing; a second one kills as usual.
/// Threads: one at a time in the process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// True once a signal has come.
  static const std::atomic<bool>& requested();
  /// The signal that came: SIGINT, SIGTERM, or 0.
  static int received();
};

}  // namespace fovea::cli
