// How often a kernel ran.
#pragma once

#include <cstdint>
#include <string_view>

#include "fovea/tensor/profile.h"

namespace fovea::test {

/// How often `kernel` ran in `work`.
template <class F>
std::int64_t calls(std::string_view kernel, const F& work) {
  Profile profile;
  profile.start();
  work();
  profile.stop();
  std::int64_t count = 0;
  for (const ProfileRow& row : profile.rows())
    if (row.kernel == kernel) count += row.calls;
  return count;
}

}  // namespace fovea::test
