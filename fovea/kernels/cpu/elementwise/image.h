// The CPU's image kernels: see kernels.h.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void crop_flip(Queue&, ConstView x, ConstView placement, View y);  ///< KernelTable::crop_flip
void gather_images(Queue&, ConstView x, ConstView index, ConstView windows, ConstView values,
                   View y);  ///< KernelTable::gather_images

}  // namespace fovea::kernels::cpu
