// Convolution blocks: a convolution, batch norm, relu and max pooling as one operation. Contracts:
// KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// See KernelTable.
void conv_block_plan(Queue&, const ConvBlockSpec& spec, const ConvInputs& in, ConvBlockPlan* plan);
/// See KernelTable.
void conv_block_forward(Queue&, const ConvBlockSpec& spec, const ConvBlockInputs& in,
                        const ConvBlockResults& out);
/// See KernelTable.
void conv_block_backward(Queue&, const ConvBlockSpec& spec, const ConvBlockInputs& in,
                         const ConvBlockResults& out, ConstView dy, const ConvBlockGradients& d);

}  // namespace fovea::kernels::cpu
