#include "apps/cli/bench/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace fovea::cli {

namespace {

double time_runs(const std::function<void()>& work, std::int64_t runs) {
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < runs; ++i) work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
         static_cast<double>(runs);
}

}  // namespace

void time_in_turns(std::vector<Timed>& pieces, int rounds, double seconds_a_round,
                   const std::function<void()>& between) {
  std::vector<std::int64_t> runs;
  for (Timed& piece : pieces) {
    time_runs(piece.work, 2);  // makes kernels, fills caches
    const double once = time_runs(piece.work, 3);
    // A clock that saw no time pass gives no number of runs.
    runs.push_back(once > 0 ? std::max<std::int64_t>(1, std::llround(seconds_a_round / once)) : 1);
  }
  for (int round = 0; round < rounds; ++round) {
    between();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].seconds.push_back(time_runs(pieces[i].work, runs[i]));
    }
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace fovea::cli
