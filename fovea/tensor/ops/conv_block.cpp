#include "fovea/tensor/ops/conv_block.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv_problem.h"
#include "fovea/tensor/ops/dense.h"
#include "fovea/tensor/ops/norm_problem.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::BlockNorm;
using kernels::ConvBlockInputs;
using kernels::ConvBlockResults;
using kernels::ConvBlockSpec;
using kernels::KernelTable;

namespace {

/// The tensors of one block: what forward makes is what backward finds on the tape.
struct ConvBlockTensors {
  Tensor x, weight, bias, norm_weight, norm_bias;
  Tensor y = {}, positions = {}, mean = {}, var = {}, saved = {};
  Tensor prepared = {};  // forward's alone

  Tensors to_save() const {
    return {x, weight, bias, norm_weight, norm_bias, y, positions, mean, var, saved};
  }
  static ConvBlockTensors saved_by(const Backward& b) {
    return {b.saved(0), b.saved(1), b.saved(2), b.saved(3), b.saved(4),
            b.saved(5), b.saved(6), b.saved(7), b.saved(8), b.saved(9)};
  }
  ConvBlockInputs inputs() const {
    const auto view = Tensor::optional_view;
    return {view(x), view(weight), view(bias), view(norm_weight), view(norm_bias), view(prepared)};
  }
  ConvBlockResults results() const {
    const auto view = Tensor::optional_view;
    return {view(y), view(positions), view(mean), view(var), view(saved)};
  }
};

ConvBlockSpec make_spec(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const NormTensors& norm, const ConvBlockOptions& options) {
  const auto [conv, sizes] = check_convolution("conv2d", 2, x, weight, bias, options.conv);
  ConvBlockSpec spec{.conv = conv, .conv_sizes = sizes};
  if (options.norm) {
    check_batch_norm(x, sizes, norm, *options.norm);
    spec.norm = options.norm->training ? BlockNorm::kBatch : BlockNorm::kConstant;
    spec.eps = options.norm->eps;
  }
  spec.epilogue = check_epilogue("conv_block", sizes, options.epilogue);
  return spec;
}

Tensors backward(const Backward& b, const ConvBlockSpec& spec) {
  const ConvBlockTensors block = ConvBlockTensors::saved_by(b);
  const Tensor dy = b.grad().contiguous(kChannelsLast);
  Tensors gradients(5);
  if (b.needs(0)) {
    gradients[0] =
        empty(block.x.sizes(), {.dtype = dy.dtype(), .device = dy.device()}, kChannelsLast);
  }
  for (std::size_t i = 1; i < gradients.size(); ++i)
    if (b.needs(i)) gradients[i] = b.buffer(i);
  const auto view = [&](std::size_t i) { return Tensor::optional_view(gradients[i]); };
  kernels::launch(dy.device(), &KernelTable::conv_block_backward, spec, block.inputs(),
                  block.results(), dy.kernel_view(),
                  kernels::ConvBlockGradients{view(0), view(1), view(2), view(3), view(4)});
  return gradients;
}

bool has_blocks(Device device) {
  return kernels::has_kernel(device, &KernelTable::conv_block_plan,
                             &KernelTable::conv_block_forward, &KernelTable::conv_block_backward);
}

}  // namespace

Tensor conv_block(const Tensor& x, const Tensor& weight, const Tensor& bias,
                  const NormTensors& norm, const ConvBlockOptions& options) {
  ConvBlockSpec spec = make_spec(x, weight, bias, norm, options);
  if (!has_blocks(x.device())) {  // its parts, which the tape records
    const Tensor y = conv2d(x, weight, bias, options.conv);
    return options.norm ? batch_norm_relu_pool(y, norm, *options.norm, options.epilogue)
                        : relu_pool(y, options.epilogue);
  }
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  const bool recording = is_recording({x, weight, bias, norm.weight, norm.bias});
  spec.input_gradient = recording && x.requires_grad();
  spec.conv.weight_kept = keeps_prepared(weight, recording);
  ConvBlockTensors block{.x = x.detach().contiguous(kChannelsLast),
                         .weight = dense(weight),
                         .bias = dense(bias),
                         .norm_weight = dense(norm.weight),
                         .norm_bias = dense(norm.bias)};
  const Shape sizes{spec.conv_sizes[0], spec.conv_sizes[1],
                    spec.conv_sizes[2] / spec.epilogue.window_h,
                    spec.conv_sizes[3] / spec.epilogue.window_w};
  block.y = empty(sizes, like, kChannelsLast);
  if (spec.norm == BlockNorm::kBatch) {
    block.mean = empty({sizes[1]}, like);
    block.var = empty({sizes[1]}, like);
  } else if (spec.norm == BlockNorm::kConstant) {
    block.mean = dense(norm.running_mean);
    block.var = dense(norm.running_var);
  }
  const kernels::ConvInputs conv{block.x.kernel_view(), block.weight.kernel_view(),
                                 Tensor::optional_view(block.bias)};
  kernels::ConvBlockPlan plan;
  kernels::launch(x.device(), &KernelTable::conv_block_plan, spec, conv, &plan);
  if (recording) {
    const TensorOptions bytes{.dtype = u8, .device = x.device()};
    if (spec.epilogue.window() > 1) block.positions = empty(sizes, bytes, kChannelsLast);
    if (plan.saved_bytes > 0) block.saved = empty({plan.saved_bytes}, bytes);
    forget_prepared(weight);
  } else if (kernels::has_kernel(x.device(), &KernelTable::conv_prepare)) {
    block.prepared = prepared_for({spec.conv, spec.conv_sizes}, conv, plan.prepared, weight);
  }
  kernels::launch(x.device(), &KernelTable::conv_block_forward, spec, block.inputs(),
                  block.results());
  if (spec.norm == BlockNorm::kBatch) {
    const std::int64_t count = spec.conv_sizes.numel() / sizes[1];
    move_running_statistics(norm, block.mean, block.var, count, options.norm->momentum);
  }
  return record("conv_block", block.y, {x, weight, bias, norm.weight, norm.bias},
                recording ? block.to_save() : Tensors(),
                [spec](const Backward& b) { return backward(b, spec); });
}

}  // namespace fovea
