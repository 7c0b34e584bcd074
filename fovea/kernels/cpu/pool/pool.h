// Pooling kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void extreme_pool_forward(Queue&, Extreme which, const PoolSpec& spec, ConstView x, View y,
                          View indices);                                       ///< see KernelTable
void extreme_pool_backward(Queue&, ConstView dy, ConstView indices, View dx);  ///< see KernelTable
void adaptive_extreme_pool_forward(Queue&, Extreme which, ConstView x, View y,
                                   View indices);                             ///< see KernelTable
void avg_pool_forward(Queue&, const PoolSpec& spec, ConstView x, View y);     ///< see KernelTable
void avg_pool_backward(Queue&, const PoolSpec& spec, ConstView dy, View dx);  ///< see KernelTable
void adaptive_avg_pool_forward(Queue&, ConstView x, View y);                  ///< see KernelTable
void adaptive_avg_pool_backward(Queue&, ConstView dy, View dx);               ///< see KernelTable

}  // namespace fovea::kernels::cpu
