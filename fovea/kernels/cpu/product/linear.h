// The CPU's fully connected layers: a product by matmul (or in bf16, see bf16_product.h), and what
// follows it in one further pass over a result that the cache still holds. Contracts in
// KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// KernelTable::linear_forward.
void linear_forward(Queue&, const LinearSpec&, ConstView x, ConstView weight, ConstView weight_bf16,
                    ConstView bias, View y);
/// KernelTable::linear_backward.
void linear_backward(Queue&, const LinearSpec&, ConstView x, ConstView weight,
                     ConstView weight_bf16, ConstView y, ConstView dy, View dx, View dweight,
                     View dbias);

}  // namespace fovea::kernels::cpu
