#include "apps/base/signals.h"

#include <csignal>

namespace fovea::cli {

namespace {

std::atomic<bool> stop_requested{false};
std::atomic<int> received_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler may touch nothing that locks");

void set_action(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void on_signal(int signal);

void restore_defaults() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction present {};
    sigaction(signal, nullptr, &present);
    if (present.sa_handler == on_signal) set_action(signal, SIG_DFL, 0);
  }
}

void on_signal(int signal) {
  received_signal.store(signal, std::memory_order_relaxed);
  stop_requested.store(true, std::memory_order_relaxed);
  restore_defaults();  // the next one, of either kind, is for those who cannot wait
}

}  // namespace

StopSignals::StopSignals() {
  stop_requested = false;
  received_signal = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction present {};
    sigaction(signal, nullptr, &present);
    // What whoever started us has set to be ignored, as nohup and `command &` do, stays so.
    // SA_RESTART: reading data goes on where it was.
    if (present.sa_handler != SIG_IGN) set_action(signal, on_signal, SA_RESTART);
  }
}

StopSignals::~StopSignals() { restore_defaults(); }

const std::atomic<bool>& StopSignals::requested() { return stop_requested; }
int StopSignals::received() { return received_signal.load(std::memory_order_relaxed); }

}  // namespace fovea::cli
