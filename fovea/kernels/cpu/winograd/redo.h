// Tiles that Winograd's method would spoil: its transforms mix all 36 pixels of a patch, so that
// one that is infinite or NaN reaches outputs that do not depend on it.
#pragma once

#include "fovea/kernels/cpu/winograd/tiles.h"

namespace fovea::kernels::cpu {

/// The direct method: y, a tile of outputs, for the patch x [6, 6, c] and `weight` [k, c, 3, 3],
/// plus bias (may be null). Where each output has NaN among what it depends on, so that all are NaN
/// as it is, nothing is done: a network that has diverged stays fast.
void winograd_redo(const Patch<const float>& x, const float* weight, const float* bias,
                   const Patch<float>& y);

}  // namespace fovea::kernels::cpu
