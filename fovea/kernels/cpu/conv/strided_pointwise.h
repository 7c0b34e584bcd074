// The backward passes of 1x1 convolutions with a stride, which look at one pixel in a few.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// Whether conv_backward belongs here: a 1x1 filter (in any number of dimensions) with a stride and
/// no padding, whose channels do not all fill vectors of 16. For these oneDNN 2.6.3 gathers pixels
/// on AVX-512 into scratch memory as if they did, and overwrites what lies behind it.
bool strided_pointwise_suits(const ConvSpec& spec, ConstView x, ConstView weight, ConstView y);

/// As KernelTable::conv_backward, by the convolution of stride 1 over the pixels that count.
/// Requires f32 and strided_pointwise_suits.
void strided_pointwise_backward(Queue& queue, const ConvSpec& spec, ConstView x, ConstView weight,
                                ConstView dy, View dx, View dweight, View dbias);

/// The pixels of x on which the 1x1 windows of a result of sizes y stand, gapless, written to
/// `pixels`.
void gather_standing(Queue& queue, const ConvSpec& spec, ConstView x, const Shape& y,
                     float* pixels);

}  // namespace fovea::kernels::cpu
