// The CPU's fully connected layers: a product by matmul (or in bf16, see bf16_product.h), and what
// follows it in one further pass over a result that the cache still holds. Contracts in
// KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// KernelTable::linear_plan.
void linear_plan(Queue&, const LinearSpec&, const LinearInputs&, PreparedPlan* plan);
/// KernelTable::linear_prepare.
void linear_prepare(Queue&, const LinearSpec&, const LinearInputs&, View prepared);
/// KernelTable::linear_forward.
void linear_forward(Queue&, const LinearSpec&, const LinearInputs&, View y);
/// KernelTable::linear_backward.
void linear_backward(Queue&, const LinearSpec&, const LinearInputs&, ConstView y, ConstView dy,
                     View dx, View dweight, View dbias);

}  // namespace fovea::kernels::cpu
