// ColorJitter: brightness, contrast, saturation and hue changed at random.
#pragma once

#include <cstddef>
#include <variant>

#include "fovea/data/adjust_colors.h"
#include "fovea/data/random_part.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// From where a factor is drawn: a range, or how far it may lie from what changes nothing.
using JitterAmount = std::variant<double, Range>;

/// Options of ColorJitter, named as torchvision's: `{.brightness = 0.4, .hue = 0.1}`.
///
/// A number x stands for the range [max(0, 1 - x), 1 + x], and for hue for [-x, x]. What is left at
/// 0 does not change.
struct ColorJitterOptions {
  JitterAmount brightness = 0.0;  ///< 0 is black
  JitterAmount contrast = 0.0;    ///< 0 is grey
  JitterAmount saturation = 0.0;  ///< 0 is without colour
  JitterAmount hue = 0.0;         ///< in turns, from -0.5 to 0.5
};

/// Changes the colours of each image by factors of its own, in an order of its own.
///
/// Source   torchvision, ColorJitter; see adjust_colors for the arithmetic.
class ColorJitter {
 public:
  /// Throws ArgumentError for a range outside [0, infinity), for hue outside [-0.5, 0.5], or turned
  /// round.
  explicit ColorJitter(const ColorJitterOptions& options);

  /// What happens to sample `i`.
  ColorSteps steps(const SampleKeys& keys, std::size_t i) const;
  /// Shapes   [k, c, h, w] -> the same, c 1 or 3.
  /// Throws   as adjust_colors; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  struct Draw {
    ColorProperty property;
    Range range;
  };
  void add(ColorProperty property, const JitterAmount& amount);

  std::vector<Draw> draws_;  // of what changes
};

}  // namespace fovea::data
