#include "fovea/kernels/cpu/conv/conv.h"

#include <cassert>

#include "fovea/kernels/cpu/conv/depthwise.h"
#include "fovea/kernels/cpu/conv/epilogue.h"
#include "fovea/kernels/cpu/conv/pointwise.h"
#include "fovea/kernels/cpu/conv/strided_pointwise.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/onednn/onednn.h"
#include "fovea/kernels/cpu/winograd/winograd.h"
#include "fovea/kernels/reference/conv.h"

namespace fovea::kernels::cpu {

namespace {

/// A batch of none: sums over nothing.
void fill_zero(Queue& queue, View dweight, View dbias) {
  if (dweight.data) fill(queue, 0, dweight);
  if (dbias.data) fill(queue, 0, dbias);
}

}  // namespace

bool takes_winograd(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y) {
  if (spec.algorithm == ConvAlgorithm::kDirect || !winograd_can(spec, x, weight, y)) return false;
  return spec.algorithm == ConvAlgorithm::kWinograd || winograd_pays(spec, x, weight, y);
}

namespace {

/// Who computes a convolution.
enum class Method : std::uint8_t { kReference, kWinograd, kPointwise, kDepthwise, kOneDnn };

Method method_of(const ConvSpec& spec, const ConvInputs& in, const Shape& y) {
  if (in.x.dtype == f64) return Method::kReference;
  if (takes_winograd(spec, in.x, in.weight, y)) return Method::kWinograd;
  if (pointwise_suits(spec, in.x, in.weight)) return Method::kPointwise;
  if (depthwise_suits(spec, in.x, in.weight)) return Method::kDepthwise;
  return Method::kOneDnn;
}

}  // namespace

void conv_plan(Queue&, const ConvSpec& spec, const ConvInputs& in, const Shape& y,
               PreparedPlan* plan) {
  const Method method = method_of(spec, in, y);
  const auto floats = [&](std::int64_t count) {
    *plan = {.purpose = Purpose::kConvolution,
             .bytes = count * std::int64_t{sizeof(float)},
             .layout = static_cast<std::uint64_t>(method)};
  };
  *plan = {};
  if (y.numel() == 0 || in.weight.numel() == 0) return;
  if (method == Method::kWinograd) floats(winograd_prepared_floats(in.weight.sizes));
  if (method == Method::kPointwise) floats(pointwise_prepared_floats(in.weight.sizes));
  if (method == Method::kDepthwise) floats(depthwise_prepared_floats(in.weight.sizes));
  if (method == Method::kOneDnn) *plan = onednn::convolution_plan(spec, in, y);
}

void conv_prepare(Queue&, const ConvSpec& spec, const ConvInputs& in, const Shape& y,
                  View prepared) {
  const Method method = method_of(spec, in, y);
  auto* const to = static_cast<float*>(prepared.data);
  if (method == Method::kWinograd) winograd_prepare(in.weight, to);
  if (method == Method::kPointwise) pointwise_prepare(in.weight, to);
  if (method == Method::kDepthwise) depthwise_prepare(in.weight, to);
  if (method == Method::kOneDnn) onednn::convolution_prepare(spec, in, y, to);
}

void conv_forward(Queue& queue, const ConvSpec& spec, const ConvInputs& in, View y) {
  conv_add_clamp(queue, spec, {}, in, y);
}

void conv_add_clamp(Queue& queue, const ConvSpec& spec, const ConvEpilogue& epilogue,
                    const ConvInputs& in, View y) {
  assert(in.x.channels_last() && y.channels_last() && in.weight.contiguous());
  if (y.numel() == 0) return;
  switch (method_of(spec, in, y.sizes)) {
    case Method::kReference:
      reference::conv_forward<double>(spec, in.x, in.weight, in.bias, y);
      return reference::conv_epilogue<double>(epilogue, in.residual, y);
    case Method::kWinograd:
      return winograd_forward(spec, epilogue, in, y);
    case Method::kPointwise:
      return pointwise_forward(queue, spec, epilogue, in, y);
    case Method::kDepthwise:
      return depthwise_forward(spec, epilogue, in, y);
    case Method::kOneDnn:
      onednn::convolution_forward(spec, in, y);
      return conv_epilogue(epilogue, in.residual, y);
  }
}

void conv_backward(Queue& queue, const ConvSpec& spec, ConstView x, ConstView weight, ConstView dy,
                   View dx, View dweight, View dbias) {
  assert(x.channels_last() && dy.channels_last() && weight.contiguous());
  assert(dweight.data || !dbias.data);
  if (x.numel() == 0) return fill_zero(queue, dweight, dbias);
  if (x.dtype == f64) {
    if (dx.data) reference::conv_backward_input<double>(spec, dy, weight, dx);
    if (dweight.data) reference::conv_backward_weight<double>(spec, x, dy, dweight, dbias);
  } else if (takes_winograd(spec, x, weight, dy.sizes)) {
    winograd_backward(spec, x, weight, dy, dx, dweight, dbias);
  } else if (strided_pointwise_suits(spec, x, weight, dy)) {
    strided_pointwise_backward(queue, spec, x, weight, dy, dx, dweight, dbias);
  } else {
    if (dx.data) onednn::convolution_backward_input(spec, dy, weight, dx);
    if (dweight.data) onednn::convolution_backward_weight(spec, x, dy, dweight, dbias);
  }
}

}  // namespace fovea::kernels::cpu
