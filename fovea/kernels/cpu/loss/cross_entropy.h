// Cross entropy kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void cross_entropy_forward(Queue&, const CrossEntropySpec&, ConstView x, ConstView target,
                           ConstView weight, View log_probs, View losses,
                           View sample_weights);  ///< see KernelTable
void cross_entropy_backward(Queue&, const CrossEntropySpec&, ConstView dlosses, ConstView log_probs,
                            ConstView target, ConstView weight, View dx);  ///< see KernelTable

}  // namespace fovea::kernels::cpu
