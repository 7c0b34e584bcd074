#include "fovea/tensor/ops/conv.h"

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv_problem.h"
#include "fovea/tensor/ops/dense.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::ConvSpec;
using kernels::KernelTable;
using kernels::View;

namespace {

Tensors backward(const Backward& b, const ConvSpec& spec) {
  const Tensor x = b.saved(0), weight = b.saved(1);
  const Tensor dy = b.grad().contiguous(kChannelsLast);
  const Device device = x.device();
  Tensor dx, dweight, dbias;
  if (b.needs(0)) dx = empty(x.sizes(), {.dtype = x.dtype(), .device = device}, kChannelsLast);
  if (b.needs(1)) dweight = b.buffer(1);
  if (b.needs(1) && b.needs(2)) dbias = b.buffer(2);
  const auto view = [](const Tensor& t) { return t.defined() ? t.kernel_view() : View(); };
  if (b.needs(0) || b.needs(1)) {
    kernels::launch(device, &KernelTable::conv_backward, spec, x.kernel_view(),
                    weight.kernel_view(), dy.kernel_view(), view(dx), view(dweight), view(dbias));
  }
  if (b.needs(2) && !b.needs(1)) {
    Shape all_but_channels{0};
    for (int i = 2; i < dy.dim(); ++i) all_but_channels.push_back(i);
    dbias = sum(dy, all_but_channels);
  }
  return {dx, dweight, dbias};
}

Attributes attributes(const ConvSpec& spec, const Tensor& weight) {
  std::vector<std::int64_t> pads = to_ints(spec.padding_begin);
  pads.insert(pads.end(), spec.padding_end.begin(), spec.padding_end.end());
  std::vector<std::int64_t> kernel = to_ints(weight.sizes());
  kernel.erase(kernel.begin(), kernel.begin() + 2);
  return {{"kernel_shape", kernel},
          {"strides", to_ints(spec.stride)},
          {"pads", pads},
          {"dilations", to_ints(spec.dilation)},
          {"group", spec.groups}};
}

/// What a convolution reads, dense, and what was made of the weight.
struct DenseInputs {
  Tensor x, weight, bias, residual, prepared = {};

  kernels::ConvInputs views() const {
    const auto view = Tensor::optional_view;
    return {view(x), view(weight), view(bias), view(residual), view(prepared)};
  }
  void prepare(const ConvProblem& problem, const Tensor& kept_beside) {
    if (!problem.spec.weight_kept) return;
    const auto plan =
        plan_prepared(x.device(), &KernelTable::conv_plan, problem.spec, views(), problem.output);
    prepared = prepared_for(problem, views(), plan, kept_beside);
  }
  Tensor result(const ConvProblem& problem) const {
    return empty(problem.output, {.dtype = x.dtype(), .device = x.device()}, kChannelsLast);
  }
};

Tensor convolution(const char* operation, int spatial, const Tensor& x, const Tensor& weight,
                   const Tensor& bias, const ConvOptions& options) {
  if (x.dim() == spatial + 1)
    return convolution(operation, spatial, x.unsqueeze(0), weight, bias, options).squeeze(0);
  ConvProblem problem = check_convolution(operation, spatial, x, weight, bias, options);
  const bool recording = is_recording({x, weight, bias});
  problem.spec.weight_kept = keeps_prepared(weight, recording);
  if (recording) forget_prepared(weight);
  DenseInputs in{x.detach().contiguous(kChannelsLast), dense(weight), dense(bias), {}};
  in.prepare(problem, weight);
  const Tensor y = in.result(problem);
  kernels::launch(x.device(), &KernelTable::conv_forward, problem.spec, in.views(),
                  y.kernel_view());
  const Tensor result =
      record(operation, y, {x, weight, bias}, {in.x, in.weight},
             [spec = problem.spec](const Backward& b) { return backward(b, spec); });
  return traced("Conv", result, {x, weight, bias},
                [&] { return attributes(problem.spec, weight); });
}

}  // namespace

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv1dOptions& options) {
  return convolution("conv1d", 1, x, weight, bias, options);
}

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  return convolution("conv2d", 2, x, weight, bias, options);
}

Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv3dOptions& options) {
  return convolution("conv3d", 3, x, weight, bias, options);
}

Tensor conv_add_clamp(const Tensor& x, const Tensor& weight, const Tensor& bias,
                      const Tensor& residual, const ConvAddClampOptions& options) {
  const int spatial = weight.dim() - 2;
  ConvProblem problem = check_convolution("conv_add_clamp", spatial, x, weight, bias, options.conv);
  check<ShapeError>(!residual.defined() || residual.sizes() == problem.output,
                    "conv_add_clamp: residual expected shape ", problem.output, ", got ",
                    residual.defined() ? residual.sizes() : Shape(), " (input ", x.sizes(),
                    ", weight ", weight.sizes(), ")");
  check<DTypeError>(!residual.defined() || residual.dtype() == x.dtype(),
                    "conv_add_clamp: residual expected dtype ", x.dtype(), ", got ",
                    residual.defined() ? residual.dtype() : x.dtype());
  check<DeviceError>(!residual.defined() || residual.device() == x.device(),
                     "conv_add_clamp: residual expected on ", x.device(), ", got ",
                     residual.defined() ? residual.device() : x.device());
  check<ArgumentError>(options.low <= options.high,
                       "conv_add_clamp: low expected at most high, got ", options.low, " and ",
                       options.high);
  check<StateError>(!is_recording({x, weight, bias, residual}),
                    "conv_add_clamp: inputs expected to need no gradient, got one that does");
  const kernels::ConvEpilogue epilogue{options.low, options.high};
  if (!kernels::has_kernel(x.device(), &KernelTable::conv_add_clamp)) {
    Tensor y = convolution("conv_add_clamp", spatial, x, weight, bias, options.conv);
    if (residual.defined()) y = y + residual;
    return epilogue.clamps() ? clamp(y, epilogue.low, epilogue.high) : y;
  }
  problem.spec.weight_kept = keeps_prepared(weight, false);
  DenseInputs in{x.contiguous(kChannelsLast), dense(weight), dense(bias),
                 residual.defined() ? residual.contiguous(kChannelsLast) : residual};
  in.prepare(problem, weight);
  Tensor y = in.result(problem);
  kernels::launch(x.device(), &KernelTable::conv_add_clamp, problem.spec, epilogue, in.views(),
                  y.kernel_view());
  return y;
}

}  // namespace fovea
