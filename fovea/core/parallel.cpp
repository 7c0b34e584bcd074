#include "fovea/core/parallel.h"

#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <string>

#include "fovea/core/denormals.h"
#include "fovea/core/error.h"
#include "fovea/core/team_seats.h"

namespace fovea {

namespace {

thread_local int scope_threads = 0;  // of the innermost ThreadsScope; 0: none

/// The quota of the process's cgroup in processors, from "max 100000" or "150000 100000"; infinite
/// if none.
double cgroup_quota() {
  std::ifstream v2("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (v2 >> quota >> period) {
    if (quota == "max" || period <= 0) return HUGE_VAL;
    return std::strtod(quota.c_str(), nullptr) / period;
  }
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double micros = 0;
  if (v1_quota >> micros && v1_period >> period && micros > 0 && period > 0) return micros / period;
  return HUGE_VAL;
}

std::atomic<int> configured_threads{0};

}  // namespace

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affinity = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  const double quota = std::max(1.0, std::floor(cgroup_quota()));
  return std::max(1, static_cast<int>(std::min<double>(affinity, quota)));
}

int num_threads() {
  if (scope_threads > 0) return scope_threads;
  int threads = configured_threads.load(std::memory_order_relaxed);
  if (threads == 0) {
    set_num_threads(available_processors());
    threads = configured_threads.load(std::memory_order_relaxed);
  }
  return threads;
}

namespace {

void check_threads(const char* operation, int threads) {
  check<ArgumentError>(threads >= 1 && threads <= kMaxThreads, operation,
                       ": threads expected in [1, ", kMaxThreads, "], got ", threads);
}

}  // namespace

void set_num_threads(int threads) {
  check_threads("set_num_threads", threads);
  configured_threads.store(threads, std::memory_order_relaxed);
  omp_set_num_threads(threads);  // oneDNN asks OpenMP
}

ThreadsScope::ThreadsScope(int threads) : before_(scope_threads) {
  check_threads("ThreadsScope", threads);
  scope_threads = threads;
  omp_set_num_threads(threads);  // per thread: oneDNN called from here keeps to it
}

ThreadsScope::~ThreadsScope() {
  scope_threads = before_;
  omp_set_num_threads(num_threads());
}

namespace detail {

int parts_for(std::int64_t count, std::int64_t grain) {
  const std::int64_t most = count / std::max<std::int64_t>(grain, 1);
  return static_cast<int>(std::clamp<std::int64_t>(most, 1, num_threads()));
}

void run_parallel(std::int64_t count, int parts, RangeFunction function, const void* closure) {
  if (count <= 0) return;
  const auto run_part = [=](int part) {
    const std::int64_t begin = count * part / parts;
    const std::int64_t end = count * (part + 1) / parts;
    if (begin < end) function(closure, part, begin, end);
  };
  if (parts == 1 || num_threads() == 1 || omp_in_parallel()) {
    const DenormalsScope flush(Denormals::kFlush);
    for (int part = 0; part < parts; ++part) run_part(part);
    return;
  }
  const int team = std::min(parts, num_threads());
  thread_local TeamSeats seats_of_team;  // each thread that starts loops has a team of its own
  TeamSeats& seats = seats_of_team;
#pragma omp parallel num_threads(team)
  {
    seats.take(omp_get_thread_num());
    const DenormalsScope flush(Denormals::kFlush);
#pragma omp for schedule(static) nowait  // the end of the region waits
    for (int part = 0; part < parts; ++part) run_part(part);
  }
}

}  // namespace detail

}  // namespace fovea
