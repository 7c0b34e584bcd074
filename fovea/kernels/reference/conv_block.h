// A convolution block as its parts, one after the other: the oracle of the fast ways. Where
// something is normalised, the convolution's result is kept for backward.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/kernels/kernels.h"
#include "fovea/kernels/reference/batch_norm.h"
#include "fovea/kernels/reference/conv.h"
#include "fovea/kernels/reference/norm_pool.h"

namespace fovea::kernels::reference {

/// KernelTable::conv_block_plan.
inline ConvBlockPlan conv_block_plan(const ConvBlockSpec& spec, DType dtype) {
  const std::int64_t bytes = spec.conv_sizes.numel() * static_cast<std::int64_t>(size_of(dtype));
  return {.saved_bytes = spec.norm == BlockNorm::kNone ? 0 : bytes};
}

/// KernelTable::conv_block_forward.
template <class T>
void conv_block_forward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                        const ConvBlockResults& out) {
  const Shape& sizes = spec.conv_sizes;
  std::vector<T> own(out.saved.data ? 0 : static_cast<std::size_t>(sizes.numel()));
  const View z{out.saved.data ? out.saved.data : own.data(), dtype_of<T>, sizes,
               channels_last_strides(sizes)};
  reference::conv_forward<T>(spec.conv, in.x, in.weight, in.bias, z);
  if (spec.norm == BlockNorm::kBatch) reference::batch_norm_stats<T>(z, out.mean, out.var);
  reference::norm_pool_forward<T>(spec.epilogue, z, out.mean, out.var, spec.eps, in.norm_weight,
                                  in.norm_bias, out.y, out.positions);
}

/// KernelTable::conv_block_backward.
template <class T>
void conv_block_backward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                         const ConvBlockResults& out, ConstView dy, const ConvBlockGradients& d) {
  const Shape& sizes = spec.conv_sizes;
  const View z{out.saved.data, dtype_of<T>, sizes, channels_last_strides(sizes)};
  std::vector<T> values(static_cast<std::size_t>(sizes.numel()));
  const View dz{values.data(), dtype_of<T>, sizes, channels_last_strides(sizes)};
  std::vector<T> sums(static_cast<std::size_t>(2 * sizes[1]));
  const View sum{sums.data(), dtype_of<T>, {sizes[1]}, {1}};
  const View sum_xhat{sums.data() + sizes[1], dtype_of<T>, {sizes[1]}, {1}};
  if (spec.norm != BlockNorm::kNone) {
    reference::norm_pool_backward_sums<T>(spec.epilogue, dy, out.y, out.positions, z, out.mean,
                                          out.var, spec.eps, sum, sum_xhat);
  }
  const bool batch = spec.norm == BlockNorm::kBatch;
  reference::norm_pool_backward_input<T>(
      spec.epilogue, dy, out.y, out.positions, z, out.mean, out.var, spec.eps, in.norm_weight,
      batch ? ConstView(sum) : ConstView(), batch ? ConstView(sum_xhat) : ConstView(), dz);
  for (std::int64_t c = 0; c < sizes[1]; ++c) {
    if (d.dnorm_bias.data) d.dnorm_bias.as<T>()[c] = sum.as<T>()[c];
    if (d.dnorm_weight.data) d.dnorm_weight.as<T>()[c] = sum_xhat.as<T>()[c];
  }
  if (d.dx.data) reference::conv_backward_input<T>(spec.conv, dz, in.weight, d.dx);
  if (!d.dweight.data && !d.dbias.data) return;
  std::vector<T> unused(d.dweight.data ? 0 : static_cast<std::size_t>(in.weight.numel()));
  View dweight = d.dweight;
  if (!dweight.data) dweight = {unused.data(), dtype_of<T>, in.weight.sizes, in.weight.strides};
  reference::conv_backward_weight<T>(spec.conv, in.x, dz, dweight, d.dbias);
}

}  // namespace fovea::kernels::reference
