#include "fovea/kernels/cpu/conv.h"

#include <cassert>

#include "fovea/kernels/cpu/elementwise.h"
#include "fovea/kernels/cpu/onednn.h"
#include "fovea/kernels/cpu/strided_pointwise.h"
#include "fovea/kernels/cpu/winograd.h"
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

void conv_forward(Queue&, const ConvSpec& spec, ConstView x, ConstView weight, ConstView bias,
                  View y) {
  assert(x.channels_last() && y.channels_last() && weight.contiguous());
  if (y.numel() == 0) return;
  if (y.dtype == f64) return reference::conv_forward<double>(spec, x, weight, bias, y);
  if (takes_winograd(spec, x, weight, y.sizes)) return winograd_forward(spec, x, weight, bias, y);
  onednn::convolution_forward(spec, x, weight, bias, y);
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
