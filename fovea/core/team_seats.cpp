#include "fovea/core/team_seats.h"

#include <sched.h>

#include <chrono>

namespace fovea {

void TeamSeats::take(int thread) noexcept {
  if (thread >= kMost) return;
  int processor = sched_getcpu();
  if (is_taken(processor, thread) && move_away(thread)) processor = sched_getcpu();
  auto& seat = seats_[static_cast<std::size_t>(thread)];
  // Written only when it changes: what all threads read should stay in all their caches.
  if (seat.load(std::memory_order_relaxed) != processor) {
    seat.store(processor, std::memory_order_relaxed);
  }
  int used = used_.load(std::memory_order_relaxed);
  while (used <= thread && !used_.compare_exchange_weak(used, thread + 1)) {
  }
}

/// Whether a thread with a number below `below` is on `processor`.
bool TeamSeats::is_taken(int processor, int below) const noexcept {
  for (int other = 0; other < below; ++other) {
    if (seats_[static_cast<std::size_t>(other)].load(std::memory_order_relaxed) == processor) {
      return true;
    }
  }
  return false;
}

/// Moves the calling thread; false when it stays.
bool TeamSeats::move_away(int thread) const noexcept {
  // Where processors are short, the kernel brings threads together again: they should not spend
  // their time on moving.
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point next = Clock::time_point::min();
  const Clock::time_point now = Clock::now();
  if (now < next) return false;
  next = now + std::chrono::milliseconds(1);

  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return false;
  cpu_set_t free = allowed;
  const int used = used_.load(std::memory_order_relaxed);
  for (int other = 0; other < used; ++other) {
    const int taken = seats_[static_cast<std::size_t>(other)].load(std::memory_order_relaxed);
    if (other != thread && taken >= 0 && taken < CPU_SETSIZE) CPU_CLR(taken, &free);
  }
  if (CPU_COUNT(&free) == 0 || sched_setaffinity(0, sizeof free, &free) != 0) return false;
  sched_setaffinity(0, sizeof allowed, &allowed);
  return true;
}

}  // namespace fovea
