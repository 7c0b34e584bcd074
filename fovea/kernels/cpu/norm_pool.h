// The fused block batch norm, activation, max pooling. Contracts: KernelTable.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// A normalisation as an affine map: x * scale + shift, a channel each; without statistics, 1 and
/// the bias.
struct NormAffine {
  std::vector<float> scale, shift;
  NormAffine(std::int64_t channels, ConstView mean, ConstView var, double eps, ConstView weight,
             ConstView bias);
};

/// See KernelTable.
void norm_pool_forward(Queue&, const BlockSpec& spec, ConstView x, ConstView mean, ConstView var,
                       double eps, ConstView weight, ConstView bias, View y, View positions);
/// See KernelTable.
void norm_pool_backward_sums(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                             ConstView positions, ConstView x, ConstView mean, ConstView var,
                             double eps, View sum_dz, View sum_dz_xhat);
/// See KernelTable.
void norm_pool_backward_input(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                              ConstView positions, ConstView x, ConstView mean, ConstView var,
                              double eps, ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat,
                              View dx);

}  // namespace fovea::kernels::cpu
