// Convolution blocks whose convolution is Winograd's, joined with what is around it: statistics or
// pooling see each band of the result while it is in cache, and backward makes the result's
// gradient a band at a time, so that it is never stored.
#pragma once

#include "fovea/kernels/cpu/norm/norm_pool.h"
#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// See KernelTable::conv_block_forward. z is where the convolution's result is kept; it may be
/// absent unless the block normalises by the batch's statistics.
void winograd_block_forward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                            const ConvBlockResults& out, View z);
/// The convolution's gradients, the result's coming from `dz`.
void winograd_block_backward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                             const NormPoolInput& dz, const ConvBlockGradients& d);

}  // namespace fovea::kernels::cpu
