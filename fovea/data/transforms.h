// The transforms that there are: scaling of values, normalising, mirroring, cutting, erasing, and
// in files of their own resizing, warps, blurring, changes of colour and policies that draw from
// them. What a transform is stands in transform.h.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "fovea/data/auto_augment.h"
#include "fovea/data/color_jitter.h"
#include "fovea/data/gaussian_blur.h"
#include "fovea/data/random_erasing.h"
#include "fovea/data/random_grayscale.h"
#include "fovea/data/random_warp.h"
#include "fovea/data/resize.h"
#include "fovea/data/transform.h"
#include "fovea/data/window_transform.h"

namespace fovea::data {

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

  const std::vector<Transform>& transforms() const { return transforms_; }  ///< in order

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

  const std::vector<double>& mean() const { return mean_; }  ///< of each channel, or of all
  const std::vector<double>& std() const { return std_; }    ///< of each channel, or of all

 private:
  std::vector<double> mean_, std_;
};

/// Mirrors each image left to right with probability p.
///
/// Shapes   [k, c, h, w] -> the same.
class RandomHorizontalFlip : public WindowTransform {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit RandomHorizontalFlip(double p = 0.5);
  WindowChange change() const override { return WindowChange::kMirror; }
  void place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const override;

 private:
  const char* name() const override { return "RandomHorizontalFlip"; }
  double p_;
};

/// Mirrors each image top to bottom with probability p.
///
/// Shapes   [k, c, h, w] -> the same.
class RandomVerticalFlip {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit RandomVerticalFlip(double p = 0.5);
  /// Throws ShapeError; DTypeError unless u8, f32 or f64; ArgumentError when there are not as many
  /// keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  double p_;
};

/// Options of RandomCrop.
struct RandomCropOptions {
  std::int64_t padding = 0;  ///< width of the border of zeros around the image
};

/// Cuts a window of `size` from a random place of the image with a border of `padding` zeros around
/// it.
///
/// Shapes   [k, c, h, w] -> [k, c, size.height, size.width].
/// Throws   ShapeError when the window is larger than the padded image.
class RandomCrop : public WindowTransform {
 public:
  /// Throws ArgumentError when a size is below 1 or padding is negative.
  explicit RandomCrop(ImageSize size, RandomCropOptions options = {});
  WindowChange change() const override { return WindowChange::kCut; }
  Shape result(const Shape& batch) const override;
  void place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const override;

 private:
  const char* name() const override { return "RandomCrop"; }
  ImageSize size_;
  std::int64_t padding_;
};

/// Cuts a window of `size` from the middle; zeros where the image is smaller. Where the middle is
/// half a pixel off, it is torchvision's: the window starts at an even row and column, a border is
/// wider after the image.
///
/// Shapes   [k, c, h, w] -> [k, c, size.height, size.width].
class CenterCrop : public WindowTransform {
 public:
  /// Throws ArgumentError when a size is below 1.
  explicit CenterCrop(ImageSize size);
  /// What is kept of an image of size `image`; it reaches outside where that is smaller.
  ImagePart part(ImageSize image) const;
  WindowChange change() const override { return WindowChange::kCut; }
  Shape result(const Shape& batch) const override;
  void place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const override;
  /// Applies it; it draws nothing, so no keys are needed.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys = {}) const;

 private:
  const char* name() const override { return "CenterCrop"; }
  ImageSize size_;
};

/// Puts zeros into a part of `size` whose middle is any pixel of the image; what would lie outside
/// is cut off.
///
/// Shapes   [k, c, h, w] -> the same.
/// Source   DeVries and Taylor 2017, "Improved Regularization of Convolutional Neural Networks with
///          Cutout".
class Cutout : public WindowTransform {
 public:
  /// Throws ArgumentError when a size is below 1.
  explicit Cutout(ImageSize size);
  WindowChange change() const override { return WindowChange::kErase; }
  void place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const override;

 private:
  const char* name() const override { return "Cutout"; }
  ImageSize size_;
};

}  // namespace fovea::data
