// Keeps the threads of a team on processors of their own.
//
// A thread that has slept is often woken on the processor of the thread that wakes it, though
// others are idle, and may stay there: the kernel moves threads that have been waiting for
// milliseconds, and those of a team wait for microseconds. On two Zen 4 cores, Linux 6.18, the 300
// loops after a pause of 0.1 s took 39 us each in nearly every trial, and take 8 since a thread
// that finds another one of its team on its processor moves away. It is not pinned: the kernel may
// move it as before.
#pragma once

#include <array>
#include <atomic>

namespace fovea {

/// Where the threads of one team were last. Threads of the team may use it at once.
class TeamSeats {
 public:
  TeamSeats() {
    for (auto& seat : seats_) seat.store(kNowhere, std::memory_order_relaxed);
  }
  /// For thread number `thread` of the team: notes its processor, and moves it to one without a
  /// thread of the team when a thread with a lower number is there too. Does nothing when there is
  /// no such processor, for numbers of 1024 and more, and within a millisecond after a move.
  void take(int thread) noexcept;

 private:
  static constexpr int kNowhere = -1, kMost = 1024;

  bool is_taken(int processor, int below) const noexcept;
  bool move_away(int thread) const noexcept;

  std::array<std::atomic<int>, kMost> seats_;  // processor of each thread
  std::atomic<int> used_{0};                   // the first of them that were ever taken
};

}  // namespace fovea
