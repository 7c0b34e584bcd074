#include "fovea/kernels/cpu/conv.h"

#include <cassert>

#include "fovea/kernels/cpu/elementwise.h"
#include "fovea/kernels/cpu/onednn.h"
#include "fovea/kernels/reference/conv.h"

namespace fovea::kernels::cpu {

void conv_forward(Queue&, const ConvSpec& spec, ConstView x, ConstView weight, ConstView bias,
                  View y) {
  assert(x.channels_last() && y.channels_last() && weight.contiguous());
  if (y.numel() == 0) return;
  if (y.dtype == f64) return reference::conv_forward<double>(spec, x, weight, bias, y);
  onednn::convolution_forward(spec, x, weight, bias, y);
}

void conv_backward_input(Queue&, const ConvSpec& spec, ConstView dy, ConstView weight, View dx) {
  assert(dy.channels_last() && dx.channels_last() && weight.contiguous());
  if (dx.numel() == 0) return;
  if (dx.dtype == f64) return reference::conv_backward_input<double>(spec, dy, weight, dx);
  onednn::convolution_backward_input(spec, dy, weight, dx);
}

void conv_backward_weight(Queue& queue, const ConvSpec& spec, ConstView x, ConstView dy,
                          View dweight, View dbias) {
  assert(x.channels_last() && dy.channels_last() && dweight.contiguous());
  if (x.numel() == 0) {  // a batch of none: sums over nothing
    fill(queue, 0, dweight);
    if (dbias.data) fill(queue, 0, dbias);
    return;
  }
  if (dweight.dtype == f64)
    return reference::conv_backward_weight<double>(spec, x, dy, dweight, dbias);
  onednn::convolution_backward_weight(spec, x, dy, dweight, dbias);
}

}  // namespace fovea::kernels::cpu
