// Parallel loops over one team of threads: OpenMP's, which oneDNN uses too.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace fovea {

/// The most threads that anything may be told to use: more than any machine has processors.
inline constexpr int kMaxThreads = 1024;

/// Processors that this process may use: the CPU affinity mask, cut by the cgroup's quota; at least
/// 1.
int available_processors();
/// Threads that parallel loops of this thread use: those of its innermost ThreadsScope, else those
/// set for the process, else available_processors().
int num_threads();
/// Sets the number of threads. Throws ArgumentError unless 1 <= threads <= kMaxThreads.
void set_num_threads(int threads);

/// While it lives, parallel loops started by this thread use `threads` threads.
class ThreadsScope {
 public:
  /// Throws ArgumentError unless 1 <= threads <= kMaxThreads.
  explicit ThreadsScope(int threads);
  ~ThreadsScope();
  ThreadsScope(const ThreadsScope&) = delete;
  ThreadsScope& operator=(const ThreadsScope&) = delete;

 private:
  int before_;
};

/// While it lives, parallel loops started by this thread run on this thread alone. For background
/// threads, so that they do not start a second team.
class SerialScope : public ThreadsScope {
 public:
  SerialScope() : ThreadsScope(1) {}
};

namespace detail {
using RangeFunction = void (*)(const void* closure, int part, std::int64_t begin, std::int64_t end);
void run_parallel(std::int64_t count, int parts, RangeFunction function, const void* closure);
/// How many parts to cut `count` items into so that none has fewer than `grain`.
int parts_for(std::int64_t count, std::int64_t grain);
}  // namespace detail

/// Calls `f(begin, end)` for consecutive ranges that cover [0, count), in parallel, each at least
/// `grain` long. The cut depends only on count, grain and the number of threads. Denormals are
/// flushed to zero inside, and the caller's floating-point state is restored. `f` must not throw.
template <class F>
void parallel_for(std::int64_t count, std::int64_t grain, const F& f) {
  detail::run_parallel(
      count, detail::parts_for(count, grain),
      [](const void* closure, int, std::int64_t begin, std::int64_t end) {
        (*static_cast<const F*>(closure))(begin, end);
      },
      std::addressof(f));
}

/// Calls `f(part, begin, end)` for `parts` consecutive ranges that cover [0, count), in parallel.
/// The cut depends on count and parts alone, so results that are kept per part and added in order
/// are the same for any thread count.
template <class F>
void parallel_parts(std::int64_t count, int parts, const F& f) {
  detail::run_parallel(
      count, parts,
      [](const void* closure, int part, std::int64_t begin, std::int64_t end) {
        (*static_cast<const F*>(closure))(part, begin, end);
      },
      std::addressof(f));
}

}  // namespace fovea
