// Depthwise convolutions: each channel has one kernel of its own. Bound by memory, so what follows
// is done in registers.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// Whether a convolution belongs here: f32, 2-D, as many groups as channels on both sides.
bool depthwise_suits(const ConvSpec& spec, ConstView x, ConstView weight);

/// Floats of what depthwise_prepare makes.
std::int64_t depthwise_prepared_floats(const Shape& weight);
/// The weight [c, 1, kernel_h, kernel_w] with channels fastest.
void depthwise_prepare(ConstView weight, float* prepared);

/// KernelTable::conv_forward for a convolution that suits.
/// Numerics  each element is one chain of fused multiply-adds in the order of the kernel's
///           elements, from the bias or 0; padding is left out.
void depthwise_forward(const ConvSpec& spec, const ConvEpilogue& epilogue, const ConvInputs& in,
                       View y);

}  // namespace fovea::kernels::cpu
