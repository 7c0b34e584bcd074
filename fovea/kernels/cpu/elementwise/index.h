// Indexing kernels of the CPU. Contracts: KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// See KernelTable. Any dtype.
void index_select(Queue&, ConstView x, int dim, ConstView index, View y);
/// See KernelTable. f32, f64, i64. Equal indices are added in order, for any number of threads.
void index_add(Queue&, int dim, ConstView index, ConstView x, View y);
/// See KernelTable. Any dtype.
void gather(Queue&, ConstView x, int dim, ConstView index, View y);
/// See KernelTable. f32, f64, i64. Equal indices are added in order, for any number of threads.
void scatter_add(Queue&, int dim, ConstView index, ConstView x, View y);

}  // namespace fovea::kernels::cpu
