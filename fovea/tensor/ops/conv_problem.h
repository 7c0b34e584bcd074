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

/// Whether an operation may keep what it makes of `weight`: it does not record (a training would
/// change it), the elements cannot be changed unseen, and the device knows how.
bool keeps_prepared(const Tensor& weight, bool recording);
/// What conv_forward would make of `weight`, by `plan`, kept beside it; undefined where there is
/// nothing to keep. `in` has the views of the dense inputs.
Tensor prepared_weight(const Tensor& weight, const ConvProblem& problem,
                       const kernels::ConvInputs& in, const kernels::ConvPlan& plan);

}  // namespace fovea
