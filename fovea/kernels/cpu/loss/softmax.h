// Softmax kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void softmax(Queue&, bool log, ConstView x, int dim, View y);  ///< see KernelTable
void softmax_backward(Queue&, bool log, ConstView dy, ConstView y, int dim,
                      View dx);  ///< see KernelTable

}  // namespace fovea::kernels::cpu
