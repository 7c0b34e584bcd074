#include "fovea/tensor/ops/conv_transpose.h"

#include <algorithm>
#include <vector>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/dense.h"
#include "fovea/tensor/ops/operand_types.h"
#include "fovea/tensor/ops/pad.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::ConvSpec;
using kernels::KernelTable;
using kernels::View;

namespace {

/// A transposed convolution that can be done.
struct TransposeProblem {
  ConvSpec spec;  ///< of the convolution whose adjoint it is: from y to x
  Shape output;   ///< sizes of what that convolution reads, [n, k, out...]
  /// Zeros at the end that no window reaches, as pad takes them; empty when there are none.
  std::vector<std::int64_t> zeros;
};

void check_operands(const char* operation, int spatial, const Tensor& x, const Tensor& weight,
                    const Tensor& bias, std::int64_t groups) {
  check_operand_types(operation, x, weight, bias);
  check<ShapeError>(x.dim() == spatial + 2, operation, ": input expected ", spatial + 2,
                    " dimensions, got ", x.dim(), " (input ", x.sizes(), ")");
  check<ShapeError>(weight.dim() == spatial + 2, operation, ": weight expected ", spatial + 2,
                    " dimensions, got ", weight.dim(), " (weight ", weight.sizes(), ")");
  for (int i = 0; i < x.dim(); ++i) {
    check<ShapeError>(weight.size(i) > 0, operation, ": weight expected sizes above 0, got ",
                      weight.sizes());
    check<ShapeError>(i == 0 || x.size(i) > 0, operation,
                      ": input expected sizes above 0 after the batch, got ", x.sizes());
  }
  check<ArgumentError>(groups >= 1, operation, ": groups expected at least 1, got ", groups);
  check<ShapeError>(x.size(1) == weight.size(0) && x.size(1) % groups == 0, operation,
                    ": input expected ", weight.size(0), " channels, a multiple of groups, got ",
                    x.size(1), " (input ", x.sizes(), ", weight ", weight.sizes(), ", groups ",
                    groups, ")");
  const Shape per_channel{checked_mul(weight.size(1), groups)};
  check<ShapeError>(!bias.defined() || bias.sizes() == per_channel, operation,
                    ": bias expected shape ", per_channel, ", got ",
                    bias.defined() ? bias.sizes() : Shape());
}

/// The convolution that the options mean, with the padding that they give.
ConvSpec make_spec(const char* operation, const Shape& kernel,
                   const ConvTransposeOptions& options) {
  const int spatial = kernel.ndim();
  ConvSpec spec{.spatial = spatial,
                .stride = options.stride.expand(spatial, operation, "stride", 1),
                .padding_begin = {},
                .padding_end = {},
                .dilation = options.dilation.expand(spatial, operation, "dilation", 1),
                .groups = options.groups,
                .algorithm = current_conv_algorithm()};
  const auto padding = options.padding.resolve(operation, kernel, spec.stride, spec.dilation);
  spec.padding_begin = padding.begin;
  spec.padding_end = padding.end;
  return spec;
}

/// The problem of that convolution's adjoint with `more` elements at the end.
TransposeProblem make_problem(const char* operation, const Tensor& x, const Tensor& weight,
                              const ConvSpec& given, const Shape& more) {
  TransposeProblem problem{
      .spec = given, .output = {x.size(0), checked_mul(weight.size(1), given.groups)}, .zeros = {}};
  ConvSpec& spec = problem.spec;
  for (int i = 0; i < spec.spatial; ++i) {
    // More elements at the end are first those that padding would cut off, then zeros: as many as
    // the convolution may leave unread are among its input, the others are put behind it.
    const std::int64_t uncut = std::min(more[i], spec.padding_end[i]);
    const std::int64_t unread = std::min(more[i] - uncut, spec.stride[i] - 1);
    spec.padding_end[i] -= uncut;
    if (const std::int64_t behind = more[i] - uncut - unread; behind > 0) {
      problem.zeros.resize(2 * static_cast<std::size_t>(spec.spatial));
      problem.zeros[2 * static_cast<std::size_t>(spec.spatial - 1 - i) + 1] = behind;
    }
    const std::int64_t spread = checked_add(checked_mul(x.size(i + 2) - 1, spec.stride[i]),
                                            checked_mul(spec.dilation[i], weight.size(i + 2) - 1));
    const std::int64_t size =
        checked_add(spread, unread + 1) - spec.padding_begin[i] - spec.padding_end[i];
    check<ShapeError>(size > 0, operation, ": padding expected to leave some of the output, got ",
                      given.padding_begin, " and ", given.padding_end, " (input ", x.sizes(),
                      ", weight ", weight.sizes(), ")");
    problem.output.push_back(size);
  }
  return problem;
}

/// Gradients of x and weight: the adjoint's adjoint is the convolution, and its weight gradient has
/// the two ends swapped.
Tensors transpose_backward(const Backward& back, const ConvSpec& spec) {
  const Tensor x = back.saved(0), weight = back.saved(1);
  const Tensor dy = back.grad().contiguous(kChannelsLast);
  Tensor dx, dweight;
  if (back.needs(0)) {
    dx = empty(x.sizes(), {.dtype = x.dtype(), .device = x.device()}, kChannelsLast);
    kernels::launch(x.device(), &KernelTable::conv_forward, spec,
                    kernels::ConvInputs{dy.kernel_view(), weight.kernel_view()}, dx.kernel_view());
  }
  if (back.needs(1)) {
    dweight = back.buffer(1);
    kernels::launch(x.device(), &KernelTable::conv_backward, spec, dy.kernel_view(),
                    weight.kernel_view(), x.kernel_view(), View(), dweight.kernel_view(), View());
  }
  return {dx, dweight};
}

/// The product alone.
Tensor spread(const char* operation, const TransposeProblem& problem, const Tensor& x,
              const Tensor& weight) {
  const Tensor dense_x = x.detach().contiguous(kChannelsLast);
  const Tensor dense_weight = weight.detach().contiguous();
  const Tensor y = empty(problem.output, {.dtype = x.dtype(), .device = x.device()}, kChannelsLast);
  // The convolution's input is only asked for its sizes.
  kernels::launch(x.device(), &KernelTable::conv_backward, problem.spec, y.kernel_view(),
                  dense_weight.kernel_view(), dense_x.kernel_view(), y.kernel_view(), View(),
                  View());
  return record(
      operation, y, {x, weight}, {dense_x, dense_weight},
      [spec = problem.spec](const Backward& back) { return transpose_backward(back, spec); });
}

Tensor compute(const char* operation, const TransposeProblem& problem, const Tensor& x,
               const Tensor& weight, const Tensor& bias) {
  Tensor y = spread(operation, problem, x, weight);
  if (!problem.zeros.empty()) y = pad(y, problem.zeros);
  if (!bias.defined()) return y;
  Shape per_channel = Shape::filled(y.dim(), 1);
  per_channel[1] = bias.size(0);
  return y + bias.view(per_channel);
}

Attributes attributes(const ConvSpec& given, const Shape& more) {
  std::vector<std::int64_t> pads = to_ints(given.padding_begin);
  pads.insert(pads.end(), given.padding_end.begin(), given.padding_end.end());
  return {{"strides", to_ints(given.stride)},
          {"pads", pads},
          {"output_padding", to_ints(more)},
          {"dilations", to_ints(given.dilation)},
          {"group", given.groups}};
}

Tensor conv_transpose(const char* operation, int spatial, const Tensor& x, const Tensor& weight,
                      const Tensor& bias, const ConvTransposeOptions& options) {
  check_operands(operation, spatial, x, weight, bias, options.groups);
  const Shape kernel(std::span(weight.sizes().begin() + 2, weight.sizes().end()));
  const ConvSpec given = make_spec(operation, kernel, options);
  const Shape more = options.output_padding.expand(spatial, operation, "output_padding", 0);
  const TransposeProblem problem = make_problem(operation, x, weight, given, more);
  const auto result = [&] { return compute(operation, problem, x, weight, bias); };
  if (!tracer()) return result();
  return traced_whole("ConvTranspose", {x, weight, bias}, attributes(given, more), result);
}

}  // namespace

Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTransposeOptions& options) {
  return conv_transpose("conv_transpose1d", 1, x, weight, bias, options);
}

Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTransposeOptions& options) {
  return conv_transpose("conv_transpose2d", 2, x, weight, bias, options);
}

Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTransposeOptions& options) {
  return conv_transpose("conv_transpose3d", 3, x, weight, bias, options);
}

}  // namespace fovea
