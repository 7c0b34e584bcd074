// The f32 products that our own loops compute faster than oneDNN's general ones.
#pragma once

#include "fovea/kernels/cpu/onednn/onednn.h"

namespace fovea::kernels::cpu {

/// Computes the product if it is of a kind that our own loops are for, by a fixed rule on its sizes
/// and strides; otherwise does nothing and returns false. The kinds:
///
/// - a row vector times a matrix with dense columns, as in a linear layer's forward pass for one
///   sample: bound by reading the matrix;
/// - many rows times a matrix whose columns fill vectors (panels.h).
bool vector_or_panel_product(const onednn::Product& product);

}  // namespace fovea::kernels::cpu
