#include "fovea/tensor/ops/norm_problem.h"

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/pool.h"
#include "fovea/tensor/tape.h"

namespace fovea {

namespace {

constexpr const char* kName = "batch_norm";

/// `tensor`, unless undefined, must be [c] of x's dtype and device, c being that of `sizes`.
void check_per_channel(const char* name, const Tensor& tensor, const Tensor& x,
                       const Shape& sizes) {
  if (!tensor.defined()) return;
  check<DeviceError>(tensor.device() == x.device(), kName, ": ", name, " expected on ", x.device(),
                     ", got ", tensor.device());
  check<DTypeError>(tensor.dtype() == x.dtype(), kName, ": ", name, " expected dtype ", x.dtype(),
                    ", got ", tensor.dtype());
  check<ShapeError>(tensor.sizes() == Shape{sizes[1]}, kName, ": ", name, " expected shape ",
                    Shape{sizes[1]}, ", got ", tensor.sizes(), " (input ", sizes, ")");
}

/// running = (1 - momentum) running + momentum * batch * factor, in place.
void move_running(const Tensor& running, const Tensor& batch, double momentum, double factor) {
  const NoGrad no_grad;
  Tensor moved = running;
  moved.mul_(1 - momentum).add_(batch, momentum * factor);
}

}  // namespace

void check_batch_norm(const Tensor& x, const Shape& sizes, const NormTensors& norm,
                      const BatchNormOptions& options) {
  dispatch_float(x.dtype(), kName, [](auto) {});
  check<ShapeError>(sizes.ndim() >= 2 && sizes.ndim() <= 5, kName,
                    ": input expected 2 to 5 dimensions [n, c, spatial...], got ", sizes.ndim(),
                    " (input ", sizes, ")");
  check<ArgumentError>(options.eps >= 0, kName, ": eps expected at least 0, got ", options.eps);
  check<ArgumentError>(options.momentum >= 0 && options.momentum <= 1, kName,
                       ": momentum expected in [0, 1], got ", options.momentum);
  check<ArgumentError>(norm.running_mean.defined() == norm.running_var.defined(), kName,
                       ": running_mean and running_var expected both or neither, got one");
  check<ArgumentError>(options.training || norm.running_mean.defined(), kName,
                       ": running_mean and running_var expected in evaluation, got none");
  check_per_channel("running_mean", norm.running_mean, x, sizes);
  check_per_channel("running_var", norm.running_var, x, sizes);
  check_per_channel("weight", norm.weight, x, sizes);
  check_per_channel("bias", norm.bias, x, sizes);
  for (const Tensor& running : {norm.running_mean, norm.running_var}) {
    check<StateError>(!running.defined() || !running.requires_grad(), kName,
                      ": running statistics expected not to require grad, got one that does");
  }
  const std::int64_t count = sizes[1] == 0 ? 2 : sizes.numel() / sizes[1];
  check<ShapeError>(!options.training || count > 1, kName,
                    ": input expected more than 1 value a channel in training, got ", count,
                    " (input ", sizes, ")");
}

kernels::BlockSpec check_epilogue(const char* operation, const Shape& sizes,
                                  const BlockEpilogue& epilogue) {
  const auto [relu, height, width] = epilogue;
  check<ArgumentError>(height >= 1 && width >= 1 && height <= 256 && width <= 256 / height,
                       operation, ": window expected 1 to 256 elements, got ", height, " x ",
                       width);
  check<ShapeError>(height <= sizes[2] && width <= sizes[3], operation,
                    ": window expected inside the input, got ", height, " x ", width, " (input ",
                    sizes, ")");
  return {relu, height, width};
}

Tensor relu_pool(const Tensor& x, const BlockEpilogue& epilogue) {
  const Tensor y = epilogue.relu ? relu(x) : x;
  const bool pools = epilogue.pool_height > 1 || epilogue.pool_width > 1;
  return pools ? max_pool2d(y, {.kernel_size = {epilogue.pool_height, epilogue.pool_width}}) : y;
}

void move_running_statistics(const NormTensors& norm, const Tensor& mean, const Tensor& var,
                             std::int64_t count, double momentum) {
  if (!norm.running_mean.defined() || count == 0) return;
  move_running(norm.running_mean, mean, momentum, 1);
  move_running(norm.running_var, var, momentum,
               static_cast<double>(count) / static_cast<double>(count - 1));
}

}  // namespace fovea
