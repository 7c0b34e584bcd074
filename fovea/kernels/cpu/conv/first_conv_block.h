// Convolution blocks whose kernels see few values: a first convolution over one or three channels.
//
// The result z of such a convolution is large beside its input, so z is never stored: a few rows of
// it at a time are computed, normalised, activated and pooled in L1. With m and S the mean and the
// covariance of the patches p that the kernels see, a kernel w with bias b has the batch statistics
//     mean = w.m + b,  var = w'Sw,
// which are exact, and need no z. Backward, with dz the gradient of the normalised values (0 where
// not a window's maximum), G = sum dz (p - m), s = sum dz and sigma = sqrt(var + eps), is
//     dbeta = s,  dgamma = t = w.G / sigma,  dw = gamma / sigma (G - t / sigma S w),  db = 0.
// S and G are centred, by a pivot first, and summed in f64.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// True when the functions below do this block: f32, no groups, patches of at most 32 values, and
/// no gradient of x wanted.
bool first_conv_block_suits(const ConvBlockSpec& spec, ConstView x, ConstView weight);
/// See KernelTable::conv_block_plan.
std::int64_t first_conv_block_saved_bytes(const ConvBlockSpec& spec, ConstView weight);
/// See KernelTable::conv_block_forward.
void first_conv_block_forward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                              const ConvBlockResults& out);
/// See KernelTable::conv_block_backward.
void first_conv_block_backward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                               const ConvBlockResults& out, ConstView dy,
                               const ConvBlockGradients& d);

}  // namespace fovea::kernels::cpu
