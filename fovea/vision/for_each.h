// Work that may throw, on all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

#include "fovea/core/parallel.h"

namespace fovea::vision {

/// Calls f(i) for each i in [0, count), in parallel. All of them run; then the exception of the
/// lowest i that threw one is thrown, whatever the number of threads.
template <class F>
void for_each_index(std::int64_t count, const F& f) {
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(count));
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      try {
        f(i);
      } catch (...) {
        failures[static_cast<std::size_t>(i)] = std::current_exception();
      }
    }
  });
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace fovea::vision
