// 3x3 convolutions of stride 1 below the direct method's arithmetic: Winograd's F(4x4, 3x3) does 36
// multiplications for 16 outputs where the direct method does 144.
//
// Numerics An element's error is at most gamma_N times the sum that makes it with absolute values
//          everywhere, N being the channels (for dw, the tiles) and some 20. For values of one size
//          that is at most 63 times, in the mean 39 times the direct method's bound. Derivation:
//          docs/performance.md.
//          A pixel that is infinite or NaN reaches no other outputs forward than the direct
//          method's: such tiles are done again (redo.h). One that is merely large adds
//          that bound's share to the 16 outputs of its tiles, and gradients are not looked at: the
//          direct method (ConvAlgorithmScope) has neither.
// Threads  Parallel over tiles; the weight gradient's, the bias's and the fused statistics' sums
//          depend on the number of threads, nothing else does.
// Source    Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks".
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// True when Winograd's method can do this convolution: f32, 2-D, 3x3, stride 1, no dilation or
/// groups, padding at most 2.
bool winograd_can(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y);
/// True when a fixed cost model expects it to be faster than the direct method. Requires
/// winograd_can.
bool winograd_pays(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y);

/// Whole rows of a convolution's result in one image: [first, first + rows).
struct ConvBand {
  std::int64_t image, first, rows;
};

/// What takes a convolution's result while it is in cache, band by band. Parts run at once; each
/// opens its bands in order, one at a time.
class ConvSink {
 public:
  virtual ~ConvSink() = default;
  /// There will be so many parts. Called once, first.
  virtual void start(int parts) = 0;
  /// Where a band is to be written, [rows, out_w, k].
  virtual float* open(int part, const ConvBand& band) = 0;
  /// The band that was opened last is complete.
  virtual void close(int part, const ConvBand& band) = 0;
};

/// What makes the gradient of a convolution's result when it is wanted. As ConvSink, otherwise.
class ConvSource {
 public:
  virtual ~ConvSource() = default;
  /// There will be so many parts. Called once, first.
  virtual void start(int parts) = 0;
  /// A band will be opened soon.
  virtual void prefetch(const ConvBand&) const {}
  /// A band of the gradient, [rows, out_w, k], good until the part's next.
  virtual const float* open(int part, const ConvBand& band) = 0;
};

/// Floats of what winograd_prepare makes.
std::int64_t winograd_prepared_floats(const Shape& weight);
/// The transformed kernels, as winograd_forward takes them.
void winograd_prepare(ConstView weight, float* prepared);

/// KernelTable::conv_forward for a convolution that suits.
void winograd_forward(const ConvSpec& spec, const ConvEpilogue& epilogue, const ConvInputs& in,
                      View y);
/// The same, without an epilogue, for a result of `sizes`, given to `sink` in bands whose heights
/// are multiples of `band_rows`, but for the last of an image. `prepared` (may be null) is what
/// winograd_prepare made of weight.
void winograd_forward(const ConvSpec& spec, ConstView x, ConstView weight, const float* prepared,
                      ConstView bias, const Shape& sizes, std::int64_t band_rows, ConvSink& sink);
/// The gradients of a convolution that suits; those whose view is absent are left out.
void winograd_backward(const ConvSpec& spec, ConstView x, ConstView weight, ConstView dy, View dx,
                       View dweight, View dbias);
/// The same with the gradient of a result of `sizes` from `dy`, in bands as for winograd_forward.
void winograd_backward(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& sizes,
                       std::int64_t band_rows, ConvSource& dy, View dx, View dweight, View dbias);

}  // namespace fovea::kernels::cpu
