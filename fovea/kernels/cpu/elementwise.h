// Elementwise kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

void fill(Queue&, double value, View y);                                                 ///< see KernelTable
void copy(Queue&, ConstView x, View y);                                                  ///< see KernelTable
void unary(Queue&, UnaryOp op, ConstView x, View y);                                     ///< see KernelTable
void unary_backward(Queue&, UnaryOp op, ConstView dy, ConstView saved, View dx);         ///< see KernelTable
void binary(Queue&, Binary op, ConstView a, ConstView b, View y);                        ///< see KernelTable
void where(Queue&, ConstView condition, ConstView a, ConstView b, View y);               ///< see KernelTable
void arange(Queue&, double start, double step, View y);                                  ///< see KernelTable
void reduce(Queue&, Reduce op, ConstView x, View y);                                     ///< see KernelTable
void arg_extreme(Queue&, Extreme which, ConstView x, int dim, View values, View indices);  ///< see KernelTable

}  // namespace fovea::kernels::cpu
