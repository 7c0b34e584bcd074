// Random kernels of the CPU. Contracts: KernelTable; which element gets which number:
// reference/random.h.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void random(Queue&, Distribution, double a, double b, RngKey, View y);  ///< see KernelTable
void dropout(Queue&, RngKey, double p, ConstView x, View y);            ///< see KernelTable

}  // namespace fovea::kernels::cpu
