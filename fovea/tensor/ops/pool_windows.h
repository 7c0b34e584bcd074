// Pooling by windows described in full: a border of its own at each end, dilation, any number of
// windows, as ONNX has them. What pool.h's functions and the graph's operators are made of; for
// operations, not for programs.
#pragma once

#include <tuple>

#include "fovea/kernels/specs.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

/// Throws in the name of `operation` unless x is [n, c, spatial...] of f32 or f64, with `spatial`
/// dimensions of 1 and more elements.
void check_pool_input(const char* operation, const Tensor& x, int spatial);

/// The largest or smallest element of each window and its flat position in the spatial dimensions
/// of x, i64; -1 for a window that dilation has put wholly into the border.
///
/// Shapes   x [n, c, in...], `output` [n, c, out...]; y and positions as `output`, channels-last.
///          Positions are undefined when neither `with_positions` nor the tape wants them.
/// Requires check_pool_input; lists of `spec` as long as it says; windows that start inside x or
///          the border before it.
std::tuple<Tensor, Tensor> extreme_pool(const char* operation, kernels::Extreme which,
                                        const Tensor& x, const kernels::PoolSpec& spec,
                                        const Shape& output, bool with_positions);

/// The same by the windows of an adaptive pooling that give `output`. Otherwise as extreme_pool.
std::tuple<Tensor, Tensor> adaptive_extreme_pool(const char* operation, kernels::Extreme which,
                                                 const Tensor& x, const Shape& output,
                                                 bool with_positions);

/// The mean of each window, as spec.count_include_pad and spec.divisor_override say. Otherwise as
/// extreme_pool.
Tensor average_pool(const char* operation, const Tensor& x, const kernels::PoolSpec& spec,
                    const Shape& output);

}  // namespace fovea
