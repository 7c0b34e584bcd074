// The CPU's convolutions: f32 by Winograd or oneDNN, f64 by the reference loops. Contracts in
// KernelTable.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// True when the convolution to a result of sizes y is computed by Winograd's method.
bool takes_winograd(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y);
/// KernelTable::conv_plan.
void conv_plan(Queue&, const ConvSpec& spec, const ConvInputs& in, const Shape& y,
               PreparedPlan* plan);
/// KernelTable::conv_prepare.
void conv_prepare(Queue&, const ConvSpec& spec, const ConvInputs& in, const Shape& y,
                  View prepared);
/// KernelTable::conv_forward.
void conv_forward(Queue&, const ConvSpec& spec, const ConvInputs& in, View y);
/// KernelTable::conv_add_clamp.
void conv_add_clamp(Queue&, const ConvSpec& spec, const ConvEpilogue& epilogue,
                    const ConvInputs& in, View y);
/// KernelTable::conv_backward.
void conv_backward(Queue&, const ConvSpec& spec, ConstView x, ConstView weight, ConstView dy,
                   View dx, View dweight, View dbias);

}  // namespace fovea::kernels::cpu
