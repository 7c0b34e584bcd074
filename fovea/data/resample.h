// Scaling images that lie in host memory: what Resize and RandomResizedCrop do to each image of a
// batch, and what the readers of image files do to pictures of any size.
//
// Scaling is one weighted sum along columns and one along rows. Which pixels a sum takes, and with
// which weights, is worked out once (a Resampler) and used for any number of images of that size.
// What is cut off afterwards is never computed: the scaled form of an elongated picture may be
// huge.
// Threads: a Resampler is immutable and may be used from several threads at once.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "fovea/data/window_transform.h"

namespace fovea::data {

/// How values between pixels are found.
enum class Interpolation : std::uint8_t {
  kNearest,   ///< the pixel under the centre of the new one
  kBilinear,  ///< a triangle filter, widened when shrinking (antialias), as Pillow's
};

/// A rectangle of an image.
struct ImagePart {
  std::int64_t top = 0;                               ///< first row
  std::int64_t left = 0;                              ///< first column
  ImageSize size;                                     ///< rows and columns
  bool operator==(const ImagePart&) const = default;  ///< the same rectangle
};

/// A line of pixels, and what of its scaled form is wanted.
struct ScaledLine {
  std::int64_t start;   ///< the first pixel
  std::int64_t length;  ///< pixels, at least 1
  std::int64_t count;   ///< new pixels that they become, at least 1
  std::int64_t from;    ///< the first new pixel that is wanted
  std::int64_t wanted;  ///< new pixels that are, at least 1
};

/// The weights by which a line of pixels becomes a longer or shorter one.
template <class Real>
class ResampleLine {
 public:
  /// Those of the new pixels that are wanted, at the cost of these alone.
  /// Source   Pillow, src/libImaging/Resample.c, precompute_coeffs with bilinear_filter.
  ResampleLine(const ScaledLine& line, Interpolation interpolation);

  /// Pixels that come out.
  std::int64_t size() const { return static_cast<std::int64_t>(first_.size()); }
  /// The first pixel that new pixel `i` is made of.
  std::int64_t first(std::int64_t i) const { return first_[static_cast<std::size_t>(i)]; }
  /// Weights of that pixel and those after it; their sum is 1.
  std::span<const Real> weights(std::int64_t i) const {
    const auto k = static_cast<std::size_t>(i);
    return std::span(weights_).subspan(begin_[k], begin_[k + 1] - begin_[k]);
  }
  /// The first old pixel that any new one is made of.
  std::int64_t read_begin() const { return first_.front(); }
  /// The one after the last of them.
  std::int64_t read_end() const {
    return first_.back() + static_cast<std::int64_t>(weights(size() - 1).size());
  }

 private:
  void add_nearest(const ScaledLine& line);
  void add_bilinear(const ScaledLine& line);

  std::vector<std::int64_t> first_;
  std::vector<std::size_t> begin_ = {0};  // in weights_; of line i and of the end
  std::vector<Real> weights_;
};

/// Scales parts of images whose values are of type T: std::uint8_t, float or double.
///
/// Numerics weights are worked out in f64; sums are f32 for bytes, which are rounded once (half to
///          even) and clamped, and T otherwise. Each column is added up before each row.
template <class T>
class Resampler {
 public:
  using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;  ///< of the sums

  /// `part` becomes an image of `size`, of which `window` is wanted. Requires that none is empty,
  /// and that the window lies inside.
  Resampler(const ImagePart& part, ImageSize size, const ImagePart& window,
            Interpolation interpolation);

  /// Numbers of type Real that apply() needs room for.
  std::int64_t scratch_size() const { return width_; }
  /// Scales one plane of `columns` values a row; the window goes to `out`, gapless.
  /// Requires that the part lies inside the plane.
  void apply(const T* plane, std::int64_t columns, T* out, Real* scratch) const;

 private:
  ResampleLine<Real> rows_, columns_;
  std::int64_t left_, width_;  // columns that are read
};

}  // namespace fovea::data
