// Transforms: what is done to the data of a batch between the data set and the model.
//
// A transform is anything that can be called with a batch [k, ...] and its SampleKeys. Random ones
// draw from (seed, epoch, sample index) alone: what happens to a sample does not depend on the
// batch it is in, on the batch size, or on a thread. Transforms work with operations, a batch at a
// time, and are immutable, so any thread may call one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::data {

/// Which samples a batch holds, and in which pass over the data: what random transforms draw from.
struct SampleKeys {
  std::uint64_t seed = 0;                 ///< of the loader
  std::uint64_t epoch = 0;                ///< pass over the data
  std::span<const std::int64_t> indices;  ///< number of each sample in the loader's data set

  /// Keys whose numbers are unrelated to these: those of transform `position` within a chain.
  SampleKeys nested(std::uint64_t position) const;
  /// Four random words for sample `i` of the batch. Requires i < indices.size().
  std::array<std::uint32_t, 4> draw(std::size_t i) const;
};

/// Turns the data of a batch into other data with as many samples.
using Transform = std::function<Tensor(const Tensor& batch, const SampleKeys& keys)>;

/// One transform after another.
class Compose {
 public:
  /// Empty transforms are left out.
  Compose(std::initializer_list<Transform> transforms)
      : Compose(std::vector<Transform>(transforms)) {}
  /// Empty transforms are left out.
  explicit Compose(std::vector<Transform> transforms);
  /// Applies all of them, the first one first.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;

 private:
  std::vector<Transform> transforms_;
};

/// u8 in [0, 255] to f32 in [0, 1]: x / 255. Batches of f32 stay as they are.
class ToTensor {
 public:
  /// Throws DTypeError unless u8 or f32.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;
};

/// Formula  y = (x - mean[c]) / std[c] for each channel c.
class Normalize {
 public:
  /// One value a channel, or one for all.
  /// Throws   ArgumentError when the lists are empty or of unlike length, a value is not finite, or
  ///          a standard deviation is not positive.
  Normalize(std::vector<double> mean, std::vector<double> std);
  /// Shapes   [k, c, ...] -> the same.
  /// Throws   ShapeError when c is not the number of values; DTypeError unless f32 or f64.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;

 private:
  std::vector<double> mean_, std_;
};

/// Mirrors each image left to right with probability p.
class RandomHorizontalFlip {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit RandomHorizontalFlip(double p = 0.5);
  /// Shapes   [k, c, h, w] -> the same.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  double p_;
};

/// Height and width in pixels.
struct ImageSize {
  std::int64_t height = 0;  ///< rows
  std::int64_t width = 0;   ///< columns
  ImageSize() = default;
  /// A square.
  ImageSize(std::int64_t side)
      : height(side), width(side) {}  // NOLINT(google-explicit-constructor)
  /// Height, then width.
  ImageSize(std::int64_t h, std::int64_t w) : height(h), width(w) {}
};

/// Options of RandomCrop.
struct RandomCropOptions {
  std::int64_t padding = 0;  ///< width of the border of zeros around the image
};

/// Cuts a window of `size` from a random place of the image with a border of `padding` zeros around
/// it.
class RandomCrop {
 public:
  /// Throws ArgumentError when a size is below 1 or padding is negative.
  explicit RandomCrop(ImageSize size, RandomCropOptions options = {});
  /// Shapes   [k, c, h, w] -> [k, c, size.height, size.width].
  /// Throws   ShapeError when the window is larger than the padded image.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  ImageSize size_;
  std::int64_t padding_;
};

/// Cuts a window of `size` from the middle; zeros where the image is smaller.
class CenterCrop {
 public:
  /// Throws ArgumentError when a size is below 1.
  explicit CenterCrop(ImageSize size);
  /// Shapes   [k, c, h, w] -> [k, c, size.height, size.width].
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;

 private:
  ImageSize size_;
};

/// How Resize finds values between pixels.
enum class Interpolation : std::uint8_t {
  kNearest,   ///< the pixel under the centre of the new one
  kBilinear,  ///< a triangle filter, widened when shrinking (antialias), as Pillow's
};

/// Scales images to `size`, whatever their proportions.
///
/// Numerics bilinear weights are Pillow's and torchvision's (antialias=True). u8 images are
///          computed in f32 and rounded once, as torchvision does; Pillow rounds after each
///          direction, and may differ by 1.
class Resize {
 public:
  /// Throws ArgumentError when a size is below 1.
  explicit Resize(ImageSize size, Interpolation interpolation = Interpolation::kBilinear);
  /// Shapes   [k, c, h, w] -> [k, c, size.height, size.width].
  /// Throws   DTypeError unless u8, f32 or f64.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;

 private:
  ImageSize size_;
  Interpolation interpolation_;
};

}  // namespace fovea::data
