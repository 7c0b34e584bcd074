#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/dense.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/ops/norm_problem.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::KernelTable;

namespace {

/// The statistics that x is normalised by; in training they move the running ones.
std::pair<Tensor, Tensor> statistics(const Tensor& x, const NormTensors& norm,
                                     const BatchNormOptions& options) {
  if (!options.training)
    return {norm.running_mean.detach().contiguous(), norm.running_var.detach().contiguous()};
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  const Tensor mean = empty({x.size(1)}, like), var = empty({x.size(1)}, like);
  kernels::launch(x.device(), &KernelTable::batch_norm_stats, x.kernel_view(), mean.kernel_view(),
                  var.kernel_view());
  const std::int64_t count = x.size(1) == 0 ? 0 : x.numel() / x.size(1);
  move_running_statistics(norm, mean, var, count, options.momentum);
  return {mean, var};
}

/// What backward needs of a block: batch_norm alone is the block without an epilogue.
struct Block {
  kernels::BlockSpec spec;
  bool training;
  double eps;
  bool plain() const { return !spec.relu && spec.window() == 1; }
};

/// Saved by a block, in this order.
struct SavedBlock {
  Tensor x, mean, var, weight, y, positions;
  explicit SavedBlock(const Backward& back)
      : x(back.saved(0)),
        mean(back.saved(1)),
        var(back.saved(2)),
        weight(back.saved(3)),
        y(back.saved(4)),
        positions(back.saved(5)) {}
};

void backward_sums(const Block& block, const SavedBlock& s, const Tensor& dy, const Tensor& sum_dz,
                   const Tensor& sum_dz_xhat) {
  if (block.plain()) {
    kernels::launch(dy.device(), &KernelTable::batch_norm_backward_sums, dy.kernel_view(),
                    s.x.kernel_view(), s.mean.kernel_view(), s.var.kernel_view(), block.eps,
                    sum_dz.kernel_view(), sum_dz_xhat.kernel_view());
  } else {
    kernels::launch(dy.device(), &KernelTable::norm_pool_backward_sums, block.spec,
                    dy.kernel_view(), s.y.kernel_view(), Tensor::optional_view(s.positions),
                    s.x.kernel_view(), s.mean.kernel_view(), s.var.kernel_view(), block.eps,
                    sum_dz.kernel_view(), sum_dz_xhat.kernel_view());
  }
}

Tensor backward_input(const Block& block, const SavedBlock& s, const Tensor& dy,
                      const Tensor& sum_dz, const Tensor& sum_dz_xhat) {
  Tensor dx = empty(s.x.sizes(), {.dtype = dy.dtype(), .device = dy.device()}, kChannelsLast);
  const kernels::ConstView scale = Tensor::optional_view(s.weight);
  const kernels::ConstView none;
  if (!block.plain()) {
    const auto sums = [&](const Tensor& sum) -> kernels::ConstView {
      return block.training ? kernels::ConstView(sum.kernel_view()) : none;
    };
    kernels::launch(dy.device(), &KernelTable::norm_pool_backward_input, block.spec,
                    dy.kernel_view(), s.y.kernel_view(), Tensor::optional_view(s.positions),
                    s.x.kernel_view(), s.mean.kernel_view(), s.var.kernel_view(), block.eps, scale,
                    sums(sum_dz), sums(sum_dz_xhat), dx.kernel_view());
  } else if (block.training) {
    kernels::launch(dy.device(), &KernelTable::batch_norm_backward_input, dy.kernel_view(),
                    s.x.kernel_view(), s.mean.kernel_view(), s.var.kernel_view(), block.eps, scale,
                    sum_dz.kernel_view(), sum_dz_xhat.kernel_view(), dx.kernel_view());
  } else {
    // Constant statistics: dx = dy weight / sqrt(var + eps), a normalisation of dy by mean 0.
    kernels::launch(dy.device(), &KernelTable::batch_norm_apply, dy.kernel_view(),
                    zeros_like(s.mean).kernel_view(), s.var.kernel_view(), block.eps, scale, none,
                    dx.kernel_view());
  }
  return dx;
}

/// Gradients of x, weight and bias.
Tensors backward(const Backward& back, const Block& block) {
  const SavedBlock saved(back);
  const Tensor dy = back.grad().contiguous(kChannelsLast);
  const TensorOptions like{.dtype = dy.dtype(), .device = dy.device()};
  Tensor sum_dz, sum_dz_xhat, dx;
  if (back.needs(1) || back.needs(2) || (block.training && back.needs(0))) {
    sum_dz_xhat = back.needs(1) ? back.buffer(1) : empty(saved.mean.sizes(), like);
    sum_dz = back.needs(2) ? back.buffer(2) : empty(saved.mean.sizes(), like);
    backward_sums(block, saved, dy, sum_dz, sum_dz_xhat);
  }
  if (back.needs(0)) dx = backward_input(block, saved, dy, sum_dz, sum_dz_xhat);
  return {dx, back.needs(1) ? sum_dz_xhat : Tensor(), back.needs(2) ? sum_dz : Tensor()};
}

/// Forward and record of a block; its arguments are checked.
Tensor run_block(const char* operation, const Tensor& x, const NormTensors& norm,
                 const BatchNormOptions& options, const Block& block, const Shape& sizes) {
  const Tensor dense = x.detach().contiguous(kChannelsLast);
  const Tensor scale = norm.weight.defined() ? norm.weight.detach().contiguous() : Tensor();
  const Tensor shift = norm.bias.defined() ? norm.bias.detach().contiguous() : Tensor();
  const auto [mean, var] = statistics(dense, norm, options);
  const Tensor y = empty(sizes, {.dtype = x.dtype(), .device = x.device()}, kChannelsLast);
  Tensor positions;
  if (block.plain()) {
    kernels::launch(x.device(), &KernelTable::batch_norm_apply, dense.kernel_view(),
                    mean.kernel_view(), var.kernel_view(), options.eps,
                    Tensor::optional_view(scale), Tensor::optional_view(shift), y.kernel_view());
  } else {
    if (block.spec.window() > 1) {
      positions = empty(sizes, {.dtype = u8, .device = x.device()}, kChannelsLast);
    }
    const kernels::View places = positions.defined() ? positions.kernel_view() : kernels::View{};
    kernels::launch(x.device(), &KernelTable::norm_pool_forward, block.spec, dense.kernel_view(),
                    mean.kernel_view(), var.kernel_view(), options.eps,
                    Tensor::optional_view(scale), Tensor::optional_view(shift), y.kernel_view(),
                    places);
  }
  return record(operation, y, {x, norm.weight, norm.bias},
                {dense, mean, var, scale, block.plain() ? Tensor() : y, positions},
                [block](const Backward& back) { return backward(back, block); });
}

bool has_norm_pool(Device device) {
  return kernels::has_kernel(device, &KernelTable::norm_pool_forward,
                             &KernelTable::norm_pool_backward_sums,
                             &KernelTable::norm_pool_backward_input);
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight, const Tensor& bias, const BatchNormOptions& options) {
  const NormTensors norm{running_mean, running_var, weight, bias};
  check_batch_norm(x, x.sizes(), norm, options);
  Tensor y = run_block("batch_norm", x, norm, options,
                       {{.relu = false}, options.training, options.eps}, x.sizes());
  if (!tracer() || options.training) return y;
  return traced("BatchNormalization", y,
                {x, weight.defined() ? weight : ones_like(running_mean),
                 bias.defined() ? bias : zeros_like(running_mean), running_mean, running_var},
                [&] {
                  return Attributes{{"epsilon", options.eps}};
                });
}

Tensor batch_norm_relu_pool(const Tensor& x, const NormTensors& norm,
                            const BatchNormOptions& options, const BlockEpilogue& epilogue) {
  check_batch_norm(x, x.sizes(), norm, options);
  check<ShapeError>(x.dim() == 4, "batch_norm_relu_pool",
                    ": input expected 4 dimensions [n, c, h, w], got ", x.dim(), " (input ",
                    x.sizes(), ")");
  const kernels::BlockSpec block = check_epilogue("batch_norm_relu_pool", x.sizes(), epilogue);
  if (!has_norm_pool(x.device())) {
    return relu_pool(
        batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, options),
        epilogue);
  }
  return run_block("batch_norm_relu_pool", x, norm, options, {block, options.training, options.eps},
                   {x.size(0), x.size(1), x.size(2) / block.window_h, x.size(3) / block.window_w});
}

}  // namespace fovea
