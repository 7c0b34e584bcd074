// The CPU's convolutions: f32 by oneDNN, f64 by the reference loops. Contracts in KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// KernelTable::conv_forward.
void conv_forward(Queue&, const ConvSpec& spec, ConstView x, ConstView weight, ConstView bias,
                  View y);
/// KernelTable::conv_backward_input.
void conv_backward_input(Queue&, const ConvSpec& spec, ConstView dy, ConstView weight, View dx);
/// KernelTable::conv_backward_weight.
void conv_backward_weight(Queue&, const ConvSpec& spec, ConstView x, ConstView dy, View dweight,
                          View dbias);

}  // namespace fovea::kernels::cpu
