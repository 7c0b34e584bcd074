// f32 matrix products in panels, what linear layers multiply with.
#pragma once

#include "fovea/kernels/cpu/onednn/onednn.h"

namespace fovea::kernels::cpu {

/// y = a b + bias. Panels of b are packed so that they lie densely, transposed where b's columns
/// are what is dense, and multiplied by all rows while the next one is fetched (Goto and van de
/// Geijn 2008, "Anatomy of High-Performance Matrix Multiplication").
///
/// Requires  a batch of one.
/// Numerics  each element is one chain of fused multiply-adds in the order of the sum, from the
///           bias or 0, whatever the number of threads.
void panel_product(const onednn::Product& product);

}  // namespace fovea::kernels::cpu
