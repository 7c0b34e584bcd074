#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/tape.h"

namespace fovea {

using kernels::KernelTable;

namespace {

constexpr const char* kName = "batch_norm";
constexpr auto kChannelsLast = MemoryFormat::kChannelsLast;

/// `tensor`, unless undefined, must be [c] of x's dtype and device.
void check_per_channel(const char* name, const Tensor& tensor, const Tensor& x) {
  if (!tensor.defined()) return;
  check<DeviceError>(tensor.device() == x.device(), kName, ": ", name, " expected on ", x.device(),
                     ", got ", tensor.device());
  check<DTypeError>(tensor.dtype() == x.dtype(), kName, ": ", name, " expected dtype ", x.dtype(),
                    ", got ", tensor.dtype());
  check<ShapeError>(tensor.sizes() == Shape{x.size(1)}, kName, ": ", name, " expected shape ",
                    Shape{x.size(1)}, ", got ", tensor.sizes(), " (input ", x.sizes(), ")");
}

void check_arguments(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                     const Tensor& weight, const Tensor& bias, const BatchNormOptions& options) {
  dispatch_float(x.dtype(), kName, [](auto) {});
  check<ShapeError>(x.dim() >= 2 && x.dim() <= 5, kName,
                    ": input expected 2 to 5 dimensions [n, c, spatial...], got ", x.dim(),
                    " (input ", x.sizes(), ")");
  check<ArgumentError>(options.eps >= 0, kName, ": eps expected at least 0, got ", options.eps);
  check<ArgumentError>(options.momentum >= 0 && options.momentum <= 1, kName,
                       ": momentum expected in [0, 1], got ", options.momentum);
  check<ArgumentError>(running_mean.defined() == running_var.defined(), kName,
                       ": running_mean and running_var expected both or neither, got one");
  check<ArgumentError>(options.training || running_mean.defined(), kName,
                       ": running_mean and running_var expected in evaluation, got none");
  check_per_channel("running_mean", running_mean, x);
  check_per_channel("running_var", running_var, x);
  check_per_channel("weight", weight, x);
  check_per_channel("bias", bias, x);
  for (const Tensor& running : {running_mean, running_var}) {
    check<StateError>(!running.defined() || !running.requires_grad(), kName,
                      ": running statistics expected not to require grad, got one that does");
  }
  const std::int64_t count = x.size(1) == 0 ? 2 : x.numel() / x.size(1);
  check<ShapeError>(!options.training || count > 1, kName,
                    ": input expected more than 1 value a channel in training, got ", count,
                    " (input ", x.sizes(), ")");
}

/// running = (1 - momentum) running + momentum * batch * factor, in place.
void move_running(const Tensor& running, const Tensor& batch, double momentum, double factor) {
  const NoGrad no_grad;
  Tensor moved = running;
  moved.mul_(1 - momentum).add_(batch, momentum * factor);
}

/// The statistics that x is normalised by; in training they move the running ones.
std::pair<Tensor, Tensor> statistics(const Tensor& x, const Tensor& running_mean,
                                     const Tensor& running_var, const BatchNormOptions& options) {
  if (!options.training)
    return {running_mean.detach().contiguous(), running_var.detach().contiguous()};
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  const Tensor mean = empty({x.size(1)}, like), var = empty({x.size(1)}, like);
  kernels::launch(x.device(), &KernelTable::batch_norm_stats, x.kernel_view(), mean.kernel_view(),
                  var.kernel_view());
  if (running_mean.defined() && x.size(1) > 0) {
    const auto count = static_cast<double>(x.numel() / x.size(1));
    move_running(running_mean, mean, options.momentum, 1);
    move_running(running_var, var, options.momentum, count / (count - 1));
  }
  return {mean, var};
}

/// Gradients of x, weight and bias, for saved x, mean, var and weight.
Tensors backward(const Backward& back, bool training, double eps) {
  const Tensor x = back.saved(0), mean = back.saved(1), var = back.saved(2), weight = back.saved(3);
  const Tensor dy = back.grad().contiguous(kChannelsLast);
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  Tensor sum_dy, sum_dy_xhat, dx;
  if (back.needs(1) || back.needs(2) || (training && back.needs(0))) {
    sum_dy_xhat = back.needs(1) ? back.buffer(1) : empty(mean.sizes(), like);
    sum_dy = back.needs(2) ? back.buffer(2) : empty(mean.sizes(), like);
    kernels::launch(x.device(), &KernelTable::batch_norm_backward_sums, dy.kernel_view(),
                    x.kernel_view(), mean.kernel_view(), var.kernel_view(), eps,
                    sum_dy.kernel_view(), sum_dy_xhat.kernel_view());
  }
  if (back.needs(0)) {
    dx = empty(x.sizes(), like, kChannelsLast);
    const kernels::ConstView scale = Tensor::optional_view(weight);
    if (training) {
      kernels::launch(x.device(), &KernelTable::batch_norm_backward_input, dy.kernel_view(),
                      x.kernel_view(), mean.kernel_view(), var.kernel_view(), eps, scale,
                      sum_dy.kernel_view(), sum_dy_xhat.kernel_view(), dx.kernel_view());
    } else {
      // Constant statistics: dx = dy weight / sqrt(var + eps), a normalisation of dy by mean 0.
      kernels::launch(x.device(), &KernelTable::batch_norm_apply, dy.kernel_view(),
                      zeros_like(mean).kernel_view(), var.kernel_view(), eps, scale,
                      kernels::ConstView{}, dx.kernel_view());
    }
  }
  return {dx, back.needs(1) ? sum_dy_xhat : Tensor(), back.needs(2) ? sum_dy : Tensor()};
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight, const Tensor& bias, const BatchNormOptions& options) {
  check_arguments(x, running_mean, running_var, weight, bias, options);
  const Tensor dense = x.detach().contiguous(kChannelsLast);
  const Tensor scale = weight.defined() ? weight.detach().contiguous() : Tensor();
  const Tensor shift = bias.defined() ? bias.detach().contiguous() : Tensor();
  const auto [mean, var] = statistics(dense, running_mean, running_var, options);
  const Tensor y = empty(x.sizes(), {.dtype = x.dtype(), .device = x.device()}, kChannelsLast);
  kernels::launch(x.device(), &KernelTable::batch_norm_apply, dense.kernel_view(),
                  mean.kernel_view(), var.kernel_view(), options.eps, Tensor::optional_view(scale),
                  Tensor::optional_view(shift), y.kernel_view());
  return record(kName, y, {x, weight, bias}, {dense, mean, var, scale},
                [training = options.training, eps = options.eps](const Backward& back) {
                  return backward(back, training, eps);
                });
}

}  // namespace fovea
