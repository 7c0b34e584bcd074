// The CPU's image kernels: see kernels.h.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void crop_flip(Queue&, ConstView x, ConstView placement, View y);  ///< KernelTable::crop_flip

}  // namespace fovea::kernels::cpu
