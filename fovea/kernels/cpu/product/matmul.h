// The CPU's matrix products: f32 by oneDNN (or vector_or_panel.h), f64 and i64 by plain loops.
// Contract in KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// KernelTable::matmul.
void matmul(Queue&, ConstView a, ConstView b, ConstView bias, View y);

}  // namespace fovea::kernels::cpu
