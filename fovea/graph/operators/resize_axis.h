// Resizing of one dimension of a tensor, by the rules of ONNX's Resize.
#pragma once

#include <cstdint>

#include "fovea/tensor/tensor.h"

namespace fovea::graph {

/// How elements between elements are made.
enum class Interpolation : std::uint8_t { kNearest, kLinear };

/// Where the centre of an output lies in the input.
enum class Coordinates : std::uint8_t {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfCropAndResize,
  kTfHalfPixelForNn,
};

/// Which neighbour is nearest.
enum class Rounding : std::uint8_t {
  kRoundPreferFloor,
  kRoundPreferCeil,
  kFloor,
  kCeil,
  kByScale,  ///< Resize 10 and Upsample: down, but up where the output is smaller
};

/// A dimension to be resized.
struct ResizeAxis {
  int dim = 0;              ///< which
  std::int64_t input = 0;   ///< elements before
  std::int64_t output = 0;  ///< elements after
  /// By how much coordinates are stretched where sizes are given: `to` elements for `from`.
  std::int64_t to = 1;
  std::int64_t from = 1;  ///< see to
  /// By how much where scales are given; 0: sizes are.
  float scale = 0;
  double begin = 0;  ///< region of interest, as a share of the input
  double end = 1;    ///< see begin

  /// True when outputs are as far apart as inputs.
  bool stays() const { return scale == 0 ? to == from : scale == 1; }
};

/// How a dimension is resized.
struct ResizeRule {
  Interpolation interpolation = Interpolation::kNearest;  ///< what is between elements
  Coordinates coordinates = Coordinates::kAsymmetric;     ///< where outputs lie
  Rounding rounding = Rounding::kByScale;                 ///< for kNearest
  double outside = 0;  ///< value of what kTfCropAndResize puts outside of the input
};

/// x resized along one dimension. Positions outside take the nearest element inside, unless they
/// are kTfCropAndResize's. Requires axis.input > 0, unless axis.output is 0.
///
/// Numerics by sizes, positions are fractions of whole numbers: an output that lies on an element,
///          or between two, is there. By scales they are computed in f32 for kNearest, as others
///          do, so that 17 / 1.7 is the 10 that was meant.
Tensor resize_along(const Tensor& x, const ResizeAxis& axis, const ResizeRule& rule);

}  // namespace fovea::graph
