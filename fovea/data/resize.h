// Resize and RandomResizedCrop: images scaled to another size, whole or a part of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "fovea/data/random_part.h"
#include "fovea/data/resample.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// Scales a part of each image to `size`.
///
/// Shapes   batch [k, c, h, w]; parts [k], or one for all images
///          -> [k, c, size.height, size.width].
/// Throws   DTypeError unless u8, f32 or f64; ShapeError; ArgumentError when a size is below 1, or
///          when there are not as many parts as images; IndexError for a part that is empty or
///          reaches outside.
/// Numerics see Resampler. torchvision's with antialias=True are the same but for the order of
///          sums; Pillow rounds bytes after each direction, and may differ by 1. kNearest is
///          torchvision's "nearest-exact".
Tensor resized_crop(const Tensor& batch, std::span<const ImagePart> parts, ImageSize size,
                    Interpolation interpolation = Interpolation::kBilinear);

/// A window of what images become when they are scaled to `size`, without the rest of that.
///
/// Shapes   batch [k, c, h, w] -> [k, c, window.size.height, window.size.width].
/// Throws   DTypeError unless u8, f32 or f64; ShapeError; ArgumentError when a size is below 1;
///          IndexError for a window that is empty or reaches outside `size`.
/// Numerics the bits that Resize(size) has there.
Tensor resized_window(const Tensor& batch, ImageSize size, const ImagePart& window,
                      Interpolation interpolation = Interpolation::kBilinear);

/// Scales images to `size`, whatever their proportions, or to a length of their short side.
///
/// Numerics as resized_crop.
class Resize {
 public:
  /// Throws ArgumentError when a size is below 1.
  explicit Resize(ImageSize size, Interpolation interpolation = Interpolation::kBilinear);
  /// The shorter side becomes `side`, the longer one as many pixels, rounded down, as keep the
  /// proportions: what torchvision's Resize makes of one number.
  /// Throws ArgumentError when side is below 1.
  static Resize short_side(std::int64_t side,
                           Interpolation interpolation = Interpolation::kBilinear);

  /// The size that an image of size `image` becomes. Throws ShapeError when it is empty.
  ImageSize result(ImageSize image) const;
  /// Shapes   [k, c, h, w] -> [k, c, h', w'], see result().
  /// Throws   DTypeError unless u8, f32 or f64; ShapeError.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;

 private:
  ImageSize size_;
  std::optional<std::int64_t> short_side_;  // instead of size_
  Interpolation interpolation_;
};

/// Options of RandomResizedCrop.
struct RandomResizedCropOptions {
  Range scale = {.low = 0.08, .high = 1};                  ///< share of the image's area
  Range ratio = {.low = 3.0 / 4, .high = 4.0 / 3};         ///< width / height of the part
  Interpolation interpolation = Interpolation::kBilinear;  ///< how it is scaled
};

/// Scales a random part of each image to `size`.
///
/// A part is drawn up to ten times until it fits into the image; then the largest part in the
/// middle with proportions within `ratio` is taken.
/// Numerics as resized_crop.
/// Source   torchvision, RandomResizedCrop; Szegedy et al. 2014, arXiv:1409.4842, section 6.
class RandomResizedCrop {
 public:
  /// Throws ArgumentError when a size is below 1 or a range cannot be.
  explicit RandomResizedCrop(ImageSize size, RandomResizedCropOptions options = {});

  /// The part of sample `i` of a batch of images of size `image`.
  ImagePart part(const SampleKeys& keys, std::size_t i, ImageSize image) const;
  /// Shapes   [k, c, h, w] -> [k, c, size.height, size.width].
  /// Throws   DTypeError unless u8, f32 or f64; ShapeError; ArgumentError when there are not as
  ///          many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  ImageSize size_;
  RandomResizedCropOptions options_;
};

}  // namespace fovea::data
