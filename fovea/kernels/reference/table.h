// The reference kernels as a table: what every device's kernels are compared with, and what the
// device "late" of the tests runs. For tests: nothing here is fast.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::reference {

/// Every kernel as plain loops, in f32, f64 and the other dtypes that the contract names. They are
/// done when they return, and ignore the queue.
const KernelTable& table();

}  // namespace fovea::kernels::reference
