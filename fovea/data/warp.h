// Warps: images turned, moved, scaled, sheared or seen askew. A warp says of each pixel of the new
// image from where in the old one it comes; warp_images looks there.
//
// Places are torchvision's: of a pixel in column j the middle is at j + 1/2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "fovea/data/resample.h"
#include "fovea/tensor/tensor.h"

namespace fovea::data {

/// A place in an image, in pixels from its upper left corner.
struct Place {
  double x = 0;                                   ///< to the right
  double y = 0;                                   ///< down
  bool operator==(const Place&) const = default;  ///< the same
};

/// What Warp::affine does, in this order: it shears, scales and turns about `center`, then moves.
struct AffineChange {
  double degrees = 0;                ///< turned clockwise, as torchvision's affine (not its rotate)
  Place move = {};                   ///< pixels that the image is moved by
  double scale = 1;                  ///< above 0
  double shear_x = 0;                ///< degrees by which vertical lines lean
  double shear_y = 0;                ///< degrees by which horizontal lines lean
  std::optional<Place> center = {};  ///< unset: the middle of the image
};

/// The corners of a part of an image: upper left, upper right, lower right, lower left.
using Corners = std::array<Place, 4>;

/// Where the pixels of a new image come from.
///
/// Formula  the new pixel with its middle at (u, v) is looked up at
///          ((a u + b v + c) / (g u + h v + 1), (d u + e v + f) / (g u + h v + 1)).
struct Warp {
  double a = 1;  ///< x by u
  double b = 0;  ///< x by v
  double c = 0;  ///< x, moved
  double d = 0;  ///< y by u
  double e = 1;  ///< y by v
  double f = 0;  ///< y, moved
  double g = 0;  ///< the divisor by u; 0 unless seen askew
  double h = 0;  ///< the divisor by v; 0 unless seen askew

  /// That of torchvision's affine for images of size `image`. Requires change.scale > 0.
  /// Source   torchvision, _get_inverse_affine_matrix.
  static Warp affine(ImageSize image, const AffineChange& change);
  /// Turned about the middle, counter-clockwise: torchvision's rotate.
  static Warp rotation(ImageSize image, double degrees);
  /// What lies at `from` comes to lie at `to`. Where no perspective does that, nothing changes.
  /// Source   torchvision, _get_perspective_coeffs.
  static Warp perspective(const Corners& from, const Corners& to);

  bool operator==(const Warp&) const = default;  ///< the same
};

/// How warped images are looked up.
struct WarpOptions {
  Interpolation interpolation = Interpolation::kNearest;  ///< without antialias
  /// What comes in from outside: one value, or one a channel; none: zeros, which differ from a 0
  /// here in that bilinear pixels on an edge keep all of what they have of the image, as
  /// torchvision's fill=None.
  std::vector<double> fill = {};
};

/// Warps each image of a batch by a warp of its own.
///
/// Formula  bilinear values are those of zeros around the image; with a fill they become
///          inside * value + (1 - inside) * fill, where `inside` is the weight of the pixels that
///          lie in the image.
/// Shapes   batch [k, c, h, w], warps [k] -> [k, c, h, w].
/// Throws   ShapeError; DTypeError unless u8, f32 or f64; ArgumentError when there are not as many
///          warps as images, or fill has another number of values than 0, 1 or c.
/// Numerics places and sums are f32, for f64 that; bytes are rounded, half to even. A place right
///          between two pixels may fall to either.
/// Source   torchvision, affine, rotate and perspective of tensors.
Tensor warp_images(const Tensor& batch, std::span<const Warp> warps, const WarpOptions& options);

}  // namespace fovea::data
