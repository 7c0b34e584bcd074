#include "fovea/kernels/cpu/conv/strided_pointwise.h"

#include <algorithm>

#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/onednn/onednn.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

bool all_are(const Shape& values, std::int64_t wanted) {
  return std::all_of(values.begin(), values.end(),
                     [wanted](std::int64_t value) { return value == wanted; });
}

/// The pixels of `x` on which windows stand: `sizes` of them.
template <class AnyView>
AnyView standing(AnyView x, const Shape& sizes, const ConvSpec& spec) {
  x.sizes = sizes;
  for (int i = 0; i < spec.spatial; ++i) x.strides[i + 2] *= spec.stride[i];
  return x;
}

}  // namespace

bool strided_pointwise_suits(const ConvSpec& spec, ConstView x, ConstView weight, ConstView y) {
  constexpr std::int64_t kVector = 16;
  if (all_are(spec.stride, 1) || (x.size(1) % kVector == 0 && y.size(1) % kVector == 0)) {
    return false;
  }
  for (int i = 0; i < spec.spatial; ++i) {
    if (weight.size(i + 2) != 1) return false;
  }
  return all_are(spec.padding_begin, 0) && all_are(spec.padding_end, 0);
}

void strided_pointwise_backward(Queue& queue, const ConvSpec& spec, ConstView x, ConstView weight,
                                ConstView dy, View dx, View dweight, View dbias) {
  Shape sizes = dy.sizes;
  sizes[1] = x.size(1);
  const Scratch<> memory(sizes.numel());
  const View pixels{memory.data(), f32, sizes, channels_last_strides(sizes)};
  ConvSpec dense = spec;
  std::fill(dense.stride.begin(), dense.stride.end(), 1);
  if (dweight.data) {
    copy(queue, standing(x, sizes, spec), pixels);
    onednn::convolution_backward_weight(dense, pixels, dy, dweight, dbias);
  }
  if (dx.data) {
    onednn::convolution_backward_input(dense, dy, weight, pixels);
    fill(queue, 0, dx);
    copy(queue, pixels, standing(dx, sizes, spec));
  }
}

void gather_standing(Queue& queue, const ConvSpec& spec, ConstView x, const Shape& y,
                     float* pixels) {
  Shape sizes = y;
  sizes[1] = x.size(1);
  copy(queue, standing(x, sizes, spec), {pixels, f32, sizes, channels_last_strides(sizes)});
}

}  // namespace fovea::kernels::cpu
