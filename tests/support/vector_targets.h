// Runs a test of vector code once for each instruction set that this machine has, not only for the
// best.
#pragma once

#include <gtest/gtest.h>

#include "hwy/highway.h"

namespace fovea::test {

/// Calls `f()` for every instruction set that was compiled in and that the CPU has.
template <class F>
void for_each_vector_target(const F& f) {
  hwy::SetSupportedTargetsForTest(0);
  auto targets = hwy::SupportedTargets() & HWY_TARGETS;
  while (targets != 0) {
    const auto target = targets & -targets;
    targets &= targets - 1;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    SCOPED_TRACE(hwy::TargetName(target));
    f();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace fovea::test
