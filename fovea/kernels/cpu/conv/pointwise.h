// 1x1 convolutions whose weight stays, as in inference: products of pixels and a weight that has
// been packed once, with what follows done block by block, in cache.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// Whether a convolution belongs here: f32, 1x1 (in any number of dimensions), one group, no
/// padding, a weight that is kept.
bool pointwise_suits(const ConvSpec& spec, ConstView x, ConstView weight);

/// Floats of what pointwise_prepare makes.
std::int64_t pointwise_prepared_floats(const Shape& weight);
/// The weight [k, c, 1...] transposed, in panels of columns as small_gemm reads them.
void pointwise_prepare(ConstView weight, float* prepared);

/// KernelTable::conv_forward for a convolution that suits.
/// Numerics  each element is one chain of fused multiply-adds in the order of the channels,
///           whatever the number of threads.
void pointwise_forward(Queue& queue, const ConvSpec& spec, const ConvEpilogue& epilogue,
                       const ConvInputs& in, View y);

}  // namespace fovea::kernels::cpu
