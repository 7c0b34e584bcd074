#include "fovea/core/team_seats.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <thread>

namespace {
thread_local int moves_asked = 0;  // how often the calling thread has asked for other processors
}  // namespace

// In place of the C library's: where a thread runs is the kernel's affair too, but not what it asks
// for.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): theirs are reserved
extern "C" int sched_setaffinity(pid_t thread, std::size_t bytes, const cpu_set_t* set) noexcept {
  ++moves_asked;
  return static_cast<int>(::syscall(SYS_sched_setaffinity, thread, bytes, set));
}

namespace fovea {
namespace {

/// The processors that the calling thread may use.
cpu_set_t allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  return set;
}

/// Runs `test` in a thread of its own, whose processors it may change and which has never moved.
template <class F>
void in_a_thread(const F& test) {
  std::thread(test).join();
}

TEST(TeamSeats, AThreadLeavesTheProcessorOfALowerNumber) {
  in_a_thread([] {
    const cpu_set_t before = allowed();
    if (CPU_COUNT(&before) < 2) GTEST_SKIP() << "needs two processors";
    const auto seats = std::make_unique<TeamSeats>();
    int first = -1, second = -1;
    // The kernel may move the thread by itself, between two calls.
    for (int attempt = 0; attempt < 100 && first != sched_getcpu(); ++attempt) {
      seats->take(0);
      first = sched_getcpu();
    }
    seats->take(1);  // the same thread in another role: surely on the same processor
    second = sched_getcpu();
    EXPECT_NE(second, first);
    const cpu_set_t after = allowed();
    EXPECT_TRUE(CPU_EQUAL(&after, &before)) << "still pinned";
  });
}

TEST(TeamSeats, AThreadStaysOnAProcessorOfItsOwn) {
  in_a_thread([] {
    const auto seats = std::make_unique<TeamSeats>();
    seats->take(1);  // a higher number does not make a lower one move
    const int before = sched_getcpu();
    seats->take(0);
    EXPECT_EQ(sched_getcpu(), before);
  });
}

TEST(TeamSeats, WithoutAFreeProcessorNothingHappens) {
  in_a_thread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    const auto seats = std::make_unique<TeamSeats>();
    seats->take(0);
    seats->take(1);
    const cpu_set_t after = allowed();
    EXPECT_TRUE(CPU_EQUAL(&after, &one));
  });
}

/// How often thread number `number` asks to be moved, on the processor of number 0 unless the
/// kernel moves it in between.
int moves_of(int number) {
  int moves = 0;
  in_a_thread([&] {
    const auto seats = std::make_unique<TeamSeats>();
    seats->take(0);
    const int before = moves_asked;
    seats->take(number);
    moves = moves_asked - before;
  });
  return moves;
}

TEST(TeamSeats, NumbersBeyondTheSeatsAreLeftAlone) {
  const cpu_set_t processors = allowed();
  if (CPU_COUNT(&processors) < 2) GTEST_SKIP() << "needs two processors";
  int moves = 0;
  for (int attempt = 0; attempt < 100 && moves == 0; ++attempt) moves = moves_of(1023);
  EXPECT_GT(moves, 0) << "the last that has a seat";
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(moves_of(1024), 0);
    EXPECT_EQ(moves_of(1 << 20), 0);
  }
}

}  // namespace
}  // namespace fovea
