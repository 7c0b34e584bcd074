// RandomRotation, RandomAffine and RandomPerspective: images warped at random.
#pragma once

#include <cstddef>

#include "fovea/data/random_part.h"
#include "fovea/data/transform.h"
#include "fovea/data/warp.h"

namespace fovea::data {

/// Turns each image about its middle by an angle drawn evenly.
///
/// Source   torchvision, RandomRotation.
class RandomRotation {
 public:
  /// By angles from degrees.low to degrees.high, counter-clockwise.
  /// Throws ArgumentError unless low <= high and both are finite.
  explicit RandomRotation(Range degrees, WarpOptions options = {.fill = {0}});
  /// By up to `degrees` either way. Throws ArgumentError unless finite and at least 0.
  explicit RandomRotation(double degrees, WarpOptions options = {.fill = {0}});

  /// What happens to sample `i` of images of size `image`.
  Warp warp(const SampleKeys& keys, std::size_t i, ImageSize image) const;
  /// Shapes   [k, c, h, w] -> the same.
  /// Throws   as warp_images; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  Range degrees_;
  WarpOptions options_;
};

/// Options of RandomAffine, named as torchvision's. Each is drawn evenly.
struct RandomAffineOptions {
  Range degrees = {0, 0};            ///< turned clockwise
  Place translate = {};              ///< the most it is moved, as shares of width and height
  Range scale = {1, 1};              ///< above 0
  Range shear_x = {0, 0};            ///< degrees by which vertical lines lean
  Range shear_y = {0, 0};            ///< degrees by which horizontal lines lean
  WarpOptions warp = {.fill = {0}};  ///< how it is looked up
};

/// Turns, moves, scales and shears each image at random, about its middle. It is moved by whole
/// pixels.
///
/// Source   torchvision, RandomAffine.
class RandomAffine {
 public:
  /// Throws ArgumentError for a range that is turned round or not finite, shares outside [0, 1], a
  /// scale that is not positive.
  explicit RandomAffine(RandomAffineOptions options);

  /// What happens to sample `i` of images of size `image`.
  AffineChange change(const SampleKeys& keys, std::size_t i, ImageSize image) const;
  /// Shapes   [k, c, h, w] -> the same.
  /// Throws   as warp_images; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  RandomAffineOptions options_;
};

/// Options of RandomPerspective, named as torchvision's.
struct RandomPerspectiveOptions {
  double distortion_scale = 0.5;  ///< the most a corner moves in, as a share of half the side
  double p = 0.5;                 ///< share of the images that change
  WarpOptions warp = {.interpolation = Interpolation::kBilinear, .fill = {0}};  ///< how
};

/// Shows each image askew with probability p: its corners move in by whole pixels, each by itself
/// and each number drawn evenly.
///
/// Source   torchvision, RandomPerspective.
class RandomPerspective {
 public:
  /// Throws ArgumentError unless distortion_scale and p are in [0, 1].
  explicit RandomPerspective(RandomPerspectiveOptions options = {});

  /// Where the corners of sample `i` of images of size `image` come to lie.
  Corners corners(const SampleKeys& keys, std::size_t i, ImageSize image) const;
  /// Shapes   [k, c, h, w] -> the same.
  /// Throws   as warp_images; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  RandomPerspectiveOptions options_;
};

}  // namespace fovea::data
