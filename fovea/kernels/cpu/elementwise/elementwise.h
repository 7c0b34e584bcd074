// Elementwise kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// See KernelTable.
void fill(Queue&, double value, View y);
/// See KernelTable.
void copy(Queue&, ConstView x, View y);
/// See KernelTable.
void unary(Queue&, UnaryOp op, ConstView x, View y);
/// See KernelTable.
void unary_backward(Queue&, UnaryOp op, ConstView dy, ConstView saved, View dx);
/// See KernelTable.
void binary(Queue&, Binary op, ConstView a, ConstView b, View y);
/// See KernelTable.
void where(Queue&, ConstView condition, ConstView a, ConstView b, View y);
/// See KernelTable.
void arange(Queue&, double start, double step, View y);
/// See KernelTable.
void reduce(Queue&, Reduce op, ConstView x, View y);
/// See KernelTable.
void arg_extreme(Queue&, Extreme which, ConstView x, int dim, View values, View indices);

}  // namespace fovea::kernels::cpu
