// Softmax and its logarithm along one dimension, f32 and f64, any strides.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// Probabilities from scores along `dim`, which may be negative.
///
/// Formula  y_i = exp(x_i) / sum_j exp(x_j).
/// Shapes   y has x's sizes and layout; a 0-d x counts as one of size 1.
/// Throws   IndexError when there is no such dimension, DTypeError unless f32 or f64.
/// Numerics the largest score is subtracted first, so exp cannot overflow. NaN or +inf in
///          a row make the row NaN.
Tensor softmax(const Tensor& x, int dim);

/// Logarithm of softmax, without the loss of accuracy that log(softmax(x)) has where probabilities
/// are small.
///
/// Formula  y_i = x_i - log(sum_j exp(x_j)).
/// Shapes   as softmax.
/// Throws   as softmax.
Tensor log_softmax(const Tensor& x, int dim);

}  // namespace fovea
