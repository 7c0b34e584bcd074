// The CPU's kernels. One file a family: each declares here what the table needs.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// The CPU's backend, with every entry of the table filled.
const Backend& backend();

}  // namespace fovea::kernels::cpu
