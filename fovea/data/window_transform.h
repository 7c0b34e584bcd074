// Transforms that move pixels without changing them: windows of images, mirrored, erased in part.
// They are described sample by sample, so that several of them, and the scaling of bytes, can be
// done in one pass over stored images (image_pass.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/data/transform.h"
#include "fovea/tensor/ops/image.h"

namespace fovea::data {

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
  bool operator==(const ImageSize&) const = default;  ///< the same height and width
};

/// Throws ArgumentError in the name of `transform` unless `size` has a pixel.
void check_size(ImageSize size, const char* transform);

/// Where the pixels of one sample come from, as transforms add up. It starts as the whole image.
class SampleWindow {
 public:
  /// The whole of an image of `size`.
  explicit SampleWindow(ImageSize size) : size_(size) {}

  void mirror();  ///< left to right
  /// A window of what there is, whose first row and column may lie outside.
  void cut(std::int64_t top, std::int64_t left, ImageSize size);
  /// Erases a part, as far as it lies inside. Requires that nothing is erased yet.
  void erase(std::int64_t top, std::int64_t left, ImageSize size);

  ImageSize size() const { return size_; }  ///< of what there is now
  const ImageWindow& in_image() const {
    return in_image_;
  }  ///< the same, as gather_images takes it

 private:
  ImageSize size_;
  ImageWindow in_image_;
};

/// What a WindowTransform may do to a window.
enum class WindowChange : std::uint8_t {
  kMirror,  ///< mirror it
  kCut,     ///< cut a window of it, where zeros may come in
  kErase,   ///< put fill() into a part of it
};

/// Base of the transforms that mirror images, cut windows out of them, or erase parts.
class WindowTransform {
 public:
  virtual ~WindowTransform() = default;
  /// The one kind of change that place() makes.
  virtual WindowChange change() const = 0;
  /// What an erased part becomes: one value, or one a channel.
  virtual const std::vector<double>& fill() const;
  /// Sizes of the result for a batch [k, c, h, w]. Throws ShapeError when it cannot be.
  virtual Shape result(const Shape& batch) const { return batch; }
  /// Changes the window of sample `i`, with numbers that depend on keys.draw(i) alone.
  virtual void place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const = 0;

  /// Applies it to a batch by operations.
  /// Shapes   [k, c, h, w] -> result().
  /// Throws   ShapeError; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 protected:
  /// For messages: its name.
  virtual const char* name() const = 0;
};

}  // namespace fovea::data
