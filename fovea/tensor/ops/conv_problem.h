// What all operations that convolve check first. For operations, not for programs.
#pragma once

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops/conv.h"

namespace fovea {

/// A convolution that can be done.
struct ConvProblem {
  kernels::ConvSpec spec;  ///< its geometry
  Shape output;            ///< sizes of its result, [n, k, out...]
};

/// The problem of convolving x [n, c, in...] in `spatial` dimensions. Throws what conv1d throws, in
/// the name of `operation`.
ConvProblem check_convolution(const char* operation, int spatial, const Tensor& x,
                              const Tensor& weight, const Tensor& bias, const ConvOptions& options);

/// What conv_forward would make of `weight`, by `plan`, kept beside it; undefined where there is
/// nothing to keep. `in` has the views of the dense inputs.
Tensor prepared_for(const ConvProblem& problem, const kernels::ConvInputs& in,
                    const kernels::PreparedPlan& plan, const Tensor& weight);

}  // namespace fovea
