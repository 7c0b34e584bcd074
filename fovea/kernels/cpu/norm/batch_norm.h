// Batch normalisation kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// See KernelTable.
/// Numerics f32 values are centred on the mean of their block of 64 rows before they are squared,
///          and blocks are merged in double: mean and var have a relative error of a few eps,
///          whatever the mean, before they are rounded to f32. The same bits for any number of
///          threads.
void batch_norm_stats(Queue&, ConstView x, View mean, View var);
/// See KernelTable. y may be x.
void batch_norm_apply(Queue&, ConstView x, ConstView mean, ConstView var, double eps,
                      ConstView weight, ConstView bias, View y);
/// See KernelTable.
/// Numerics sums of 64 rows in f32, their sums in double. The same bits for any number of threads.
void batch_norm_backward_sums(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                              double eps, View sum_dy, View sum_dy_xhat);
/// See KernelTable. dx may be dy or x.
void batch_norm_backward_input(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                               double eps, ConstView weight, ConstView sum_dy,
                               ConstView sum_dy_xhat, View dx);

}  // namespace fovea::kernels::cpu
