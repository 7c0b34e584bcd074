// Brightness, contrast, saturation and hue of images, changed step by step: the arithmetic of
// ColorJitter without its dice.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::data {

/// What of an image's colours is changed.
enum class ColorProperty : std::uint8_t {
  kBrightness,  ///< blended with black
  kContrast,    ///< blended with the mean of its greys
  kSaturation,  ///< blended with its greys
  kHue,         ///< turned around the circle of colours
};

/// One change of an image's colours.
struct ColorStep {
  ColorProperty property = ColorProperty::kBrightness;  ///< what is changed
  /// Share of the image in the blend, 0 or more: 0 leaves the other part, 1 the image, more goes
  /// beyond it. Of the hue: turns from -0.5 to 0.5.
  double factor = 1;
  bool operator==(const ColorStep&) const = default;  ///< the same change
};

/// Changes in order; each result is clamped, and of bytes rounded down, before the next one.
using ColorSteps = std::vector<ColorStep>;

/// Changes the colours of each image of a batch by steps of its own.
///
/// Formula  blends are factor * x + (1 - factor) * other, clamped to [0, 1], for bytes to [0, 255];
///          grey is 0.2989 R + 0.587 G + 0.114 B; the hue is that of HSV.
/// Shapes   batch [k, c, h, w] with c 1 (grey, which has neither saturation nor hue) or 3 (RGB);
///          steps [k].
/// Throws   ShapeError; DTypeError unless u8, f32 or f64; ArgumentError when there are not as many
///          lists of steps as images, or a factor is outside its range.
/// Numerics f32, for f64 that. The mean of contrast is added up in f64.
/// Source   torchvision 0.15 and later, adjust_brightness, adjust_contrast, adjust_saturation,
///          adjust_hue of tensors.
Tensor adjust_colors(const Tensor& batch, std::span<const ColorSteps> steps);

}  // namespace fovea::data
