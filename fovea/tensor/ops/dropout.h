// Dropout: noise that keeps units from relying on each other.
//
// Which elements fall is a function of the generator's seed, its position and the element's index
// alone: not of the number of threads, nor of the layout in memory. Each call in training takes one
// stream of the generator. Backward draws the same numbers again, so no mask is stored.
//
// Source: Srivastava et al. 2014.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// In training each element becomes 0 with probability p, and the others are multiplied by 1/(1-p);
/// otherwise x itself.
///
/// Shapes   y has x's sizes and layout. f32 and f64.
/// Throws   ArgumentError unless 0 <= p <= 1, DTypeError unless f32 or f64, DeviceError when the
///          generator is of another device than x and not of the CPU.
/// Numerics p = 1 gives zeros.
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true,
               Generator& generator = default_generator());

/// Drops whole channels of [n, c, l], or of [c, l]. Otherwise as dropout.
/// Throws   ShapeError for other numbers of dimensions.
/// Source   Tompson et al. 2015.
Tensor dropout1d(const Tensor& x, double p = 0.5, bool training = true,
                 Generator& generator = default_generator());
/// Drops whole channels of [n, c, h, w], or of [c, h, w]. Otherwise as dropout1d.
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true,
                 Generator& generator = default_generator());
/// Drops whole channels of [n, c, d, h, w], or of [c, d, h, w]. Otherwise as dropout1d.
Tensor dropout3d(const Tensor& x, double p = 0.5, bool training = true,
                 Generator& generator = default_generator());

// --- For operations: not for users ---------------------------------------------------------------
/// Throws what dropout throws for these arguments, naming `operation`.
void check_dropout(const char* operation, const Tensor& x, double p, const Generator& generator);

}  // namespace fovea
