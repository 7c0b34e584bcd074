// Two devices that the tests of the rooms above kernels/ run on too: FOVEA_TEST_DEVICE=protected or
// =late puts every tensor there unless the test says otherwise. They are registered in each of
// these test programs, so that a test may also ask for Device("late").
//
//   protected  the CPU's kernels, over memory that nobody but a kernel may touch
//   late       the reference's kernels, which run when the host waits for them, over such memory
#pragma once

#include <cstddef>

#include "fovea/core/device.h"

namespace fovea::test {

/// Kernels and frees that were submitted to a device of kind "late" and have not run yet.
std::size_t late_pending(Device device);

/// Makes `kind`:0 the default device where FOVEA_TEST_DEVICE names `name`.
void use_as_test_device(const char* name, std::int16_t kind);

}  // namespace fovea::test
