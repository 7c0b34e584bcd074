// RandAugment and TrivialAugment: a few changes of an image, drawn from fourteen.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fovea/data/image_steps.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// Options of RandAugment, named as torchvision's.
struct RandAugmentOptions {
  std::int64_t num_ops = 2;              ///< changes of an image
  std::int64_t magnitude = 9;            ///< how much, of the bins from 0 on
  std::int64_t num_magnitude_bins = 31;  ///< into which the range of each magnitude is divided
  WarpOptions warp = {};                 ///< of shears, translations and rotations
};

/// Applies num_ops changes, each drawn evenly from all ImageChanges, to each image, with one
/// magnitude for all of them; shears, translations, rotations, brightness, colour, contrast and
/// sharpness take either sign, evenly drawn.
///
/// Formula  with m = magnitude / (num_magnitude_bins - 1): shear 0.3 m, translation 150/331 m of
///          the side, rotation 30 m degrees, brightness to sharpness 0.9 m, posterize to
///          8 - round(4 m) bits, solarize from 255 (1 - m) on.
/// Source   Cubuk, Zoph, Shlens and Le 2020, "RandAugment: Practical automated data augmentation
///          with a reduced search space"; torchvision, RandAugment.
class RandAugment {
 public:
  /// Throws ArgumentError unless num_ops >= 0, num_magnitude_bins >= 2 and 0 <= magnitude <
  /// num_magnitude_bins.
  explicit RandAugment(RandAugmentOptions options = {});

  /// What happens to sample `i` of images of size `image`.
  ImageSteps steps(const SampleKeys& keys, std::size_t i, ImageSize image) const;
  /// Shapes   [k, c, h, w] -> the same, c 1 or 3.
  /// Throws   as apply_image_steps; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  RandAugmentOptions options_;
};

/// Options of TrivialAugmentWide, named as torchvision's.
struct TrivialAugmentOptions {
  std::int64_t num_magnitude_bins = 31;  ///< into which the range of each magnitude is divided
  WarpOptions warp = {};                 ///< of shears, translations and rotations
};

/// Applies one change, drawn evenly from all ImageChanges, to each image, with a magnitude drawn
/// evenly too, and with either sign where RandAugment has either.
///
/// Formula  with m evenly one of 0, 1/(bins - 1), ..., 1: shear 0.99 m, translation 32 m pixels,
///          rotation 135 m degrees, brightness to sharpness 0.99 m, posterize 8 - round(6 m) bits,
///          solarize 255 (1 - m).
/// Source   Müller and Hutter 2021, "TrivialAugment: Tuning-free Yet State-of-the-Art Data
///          Augmentation", the wide space; torchvision, TrivialAugmentWide.
class TrivialAugmentWide {
 public:
  /// Throws ArgumentError unless num_magnitude_bins >= 2.
  explicit TrivialAugmentWide(TrivialAugmentOptions options = {});

  /// What happens to sample `i`.
  ImageSteps steps(const SampleKeys& keys, std::size_t i) const;
  /// Shapes   [k, c, h, w] -> the same, c 1 or 3.
  /// Throws   as apply_image_steps; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  TrivialAugmentOptions options_;
};

}  // namespace fovea::data
