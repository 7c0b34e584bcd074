#include "apps/base/signals.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

#include "apps/base/exit_code.h"

namespace fovea::cli {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

std::atomic<bool> stop_requested{false};
std::atomic<int> received_signal{0};
std::string_view said_at_first;  // set before a handler is
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler may touch nothing that locks");

void set_action(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

/// Sets the handler of all, but for one that is ignored: what whoever started us has set
/// to be ignored, as nohup and `command &` do, stays so.
void handle(void (*handler)(int), int flags) {
  for (const int signal : kSignals) {
    struct sigaction present {};
    sigaction(signal, nullptr, &present);
    if (present.sa_handler != SIG_IGN) set_action(signal, handler, flags);
  }
}

void change_mask(int how) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kSignals) sigaddset(&signals, signal);
  sigprocmask(how, &signals, nullptr);
}

void end_at_once(int signal) {
  // A terminal's prompt then begins a line of its own.
  if (isatty(STDERR_FILENO) == 1) (void)!write(STDERR_FILENO, "\n", 1);
  _exit(exit_code_of_signal(signal));
}

void on_signal(int signal) {
  received_signal.store(signal, std::memory_order_relaxed);
  stop_requested.store(true, std::memory_order_relaxed);
  for (const std::string_view part :
       {std::string_view("\nfovea: "), said_at_first, std::string_view("\n")})
    (void)!write(STDERR_FILENO, part.data(), part.size());
  handle(end_at_once, 0);  // the next one, of any kind, is for those who cannot wait
}

}  // namespace

void end_at_signals() {
  handle(end_at_once, 0);
  change_mask(SIG_UNBLOCK);
}

void hold_signals() { change_mask(SIG_BLOCK); }

StopSignals::StopSignals(std::string_view heard) {
  said_at_first = heard;
  stop_requested = false;
  received_signal = 0;
  handle(on_signal, SA_RESTART);  // reading data goes on where it was
}

StopSignals::~StopSignals() { end_at_signals(); }

const std::atomic<bool>& StopSignals::requested() { return stop_requested; }
int StopSignals::received() { return received_signal.load(std::memory_order_relaxed); }

}  // namespace fovea::cli
