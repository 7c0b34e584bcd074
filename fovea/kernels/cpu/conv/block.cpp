// The plain way of a block: the convolution's result z is stored; one pass takes its statistics, a
// second one normalises, activates and pools. Backward makes dz in one pass, whose sums visit the
// winners alone, and hands it to the convolution. Blocks that can do with less are sent elsewhere:
// those of few inputs wholly, and Winograd's convolutions with the passes that can be joined with
// them.

#include "fovea/kernels/cpu/conv/block.h"

#include "fovea/kernels/cpu/conv/conv.h"
#include "fovea/kernels/cpu/conv/first_conv_block.h"
#include "fovea/kernels/cpu/norm/batch_norm.h"
#include "fovea/kernels/cpu/norm/norm_pool.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/cpu/winograd/block.h"
#include "fovea/kernels/cpu/winograd/winograd.h"

namespace fovea::kernels::cpu {

namespace {

std::int64_t bytes_of(const ConvBlockSpec& spec, DType dtype) {
  return spec.conv_sizes.numel() * static_cast<std::int64_t>(size_of(dtype));
}

/// An array of the convolution's result in `memory`.
View result_in(void* memory, const ConvBlockSpec& spec, DType dtype) {
  return {memory, dtype, spec.conv_sizes, channels_last_strides(spec.conv_sizes)};
}

View channel_view(void* memory, DType dtype, std::int64_t channels) {
  return {memory, dtype, {channels}, {1}};
}

}  // namespace

void conv_block_plan(Queue& queue, const ConvBlockSpec& spec, const ConvInputs& in,
                     ConvBlockPlan* plan) {
  *plan = {};
  if (first_conv_block_suits(spec, in.x, in.weight)) {
    plan->saved_bytes = first_conv_block_saved_bytes(spec, in.weight);
    return;
  }
  // Without a normalisation, backward needs y and the winners' places alone.
  if (spec.norm != BlockNorm::kNone) plan->saved_bytes = bytes_of(spec, in.x.dtype);
  conv_plan(queue, spec.conv, in, spec.conv_sizes, &plan->prepared);
}

void conv_block_forward(Queue& queue, const ConvBlockSpec& spec, const ConvBlockInputs& in,
                        const ConvBlockResults& out) {
  if (first_conv_block_suits(spec, in.x, in.weight)) return first_conv_block_forward(spec, in, out);
  const ConvInputs conv{in.x, in.weight, in.bias, {}, in.prepared};
  if (spec.norm == BlockNorm::kNone && spec.epilogue.window() == 1) {
    ConvEpilogue epilogue;
    if (spec.epilogue.relu) epilogue.low = 0;
    return conv_add_clamp(queue, spec.conv, epilogue, conv, out.y);
  }
  const bool winograd = takes_winograd(spec.conv, in.x, in.weight, spec.conv_sizes);
  const bool stored = !winograd || spec.norm == BlockNorm::kBatch;
  const Scratch<std::byte> own(out.saved.data || !stored ? 0 : bytes_of(spec, in.x.dtype));
  View z = result_in(out.saved.data ? out.saved.data : own.data(), spec, in.x.dtype);
  if (!out.saved.data && !stored) z.data = nullptr;
  if (winograd) return winograd_block_forward(spec, in, out, z);
  conv_forward(queue, spec.conv, conv, z);
  if (spec.norm == BlockNorm::kBatch) batch_norm_stats(queue, z, out.mean, out.var);
  norm_pool_forward(queue, spec.epilogue, z, out.mean, out.var, spec.eps, in.norm_weight,
                    in.norm_bias, out.y, out.positions);
}

void conv_block_backward(Queue& queue, const ConvBlockSpec& spec, const ConvBlockInputs& in,
                         const ConvBlockResults& out, ConstView dy, const ConvBlockGradients& d) {
  if (first_conv_block_suits(spec, in.x, in.weight))
    return first_conv_block_backward(spec, in, out, dy, d);
  const DType dtype = in.x.dtype;
  const std::int64_t channels = spec.conv_sizes[1];
  const ConstView z = result_in(out.saved.data, spec, dtype);
  const Scratch<double> sums(2 * channels);
  const View sum_dz = d.dnorm_bias.data ? d.dnorm_bias : channel_view(sums.data(), dtype, channels);
  const View sum_dz_xhat =
      d.dnorm_weight.data ? d.dnorm_weight : channel_view(sums.data() + channels, dtype, channels);
  if (spec.norm == BlockNorm::kBatch || d.dnorm_weight.data || d.dnorm_bias.data) {
    norm_pool_backward_sums(queue, spec.epilogue, dy, out.y, out.positions, z, out.mean, out.var,
                            spec.eps, sum_dz, sum_dz_xhat);
  }
  if (!d.dx.data && !d.dweight.data && !d.dbias.data) return;
  const Scratch<double> unused(d.dweight.data ? 0 : in.weight.numel());  // dbias comes with dweight
  ConvBlockGradients wanted = d;
  if (!d.dweight.data && d.dbias.data)
    wanted.dweight = {unused.data(), dtype, in.weight.sizes, in.weight.strides};
  const bool constant = spec.norm != BlockNorm::kBatch;
  const ConstView by_sum = constant ? ConstView() : sum_dz,
                  by_sum_xhat = constant ? ConstView() : sum_dz_xhat;
  if (takes_winograd(spec.conv, in.x, in.weight, spec.conv_sizes)) {
    const NormPoolInput dz(spec.epilogue, spec.conv_sizes, dy, out.y, out.positions, z, out.mean,
                           out.var, spec.eps, in.norm_weight, by_sum, by_sum_xhat);
    return winograd_block_backward(spec, in, dz, wanted);
  }
  const Scratch<std::byte> own(bytes_of(spec, dtype));
  const View dz = result_in(own.data(), spec, dtype);
  norm_pool_backward_input(queue, spec.epilogue, dy, out.y, out.positions, z, out.mean, out.var,
                           spec.eps, in.norm_weight, by_sum, by_sum_xhat, dz);
  conv_backward(queue, spec.conv, in.x, in.weight, dz, wanted.dx, wanted.dweight, wanted.dbias);
}

}  // namespace fovea::kernels::cpu
