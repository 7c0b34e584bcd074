// RandomErasing: a rectangle of an image overwritten at random.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "fovea/data/random_part.h"
#include "fovea/data/window_transform.h"

namespace fovea::data {

/// Options of RandomErasing.
struct RandomErasingOptions {
  double p = 0.5;                             ///< share of the images that lose a part
  Range scale = {.low = 0.02, .high = 0.33};  ///< share of the image's area
  Range ratio = {.low = 0.3, .high = 3.3};    ///< height / width of the part
  std::vector<double> value = {0};            ///< what it becomes: one value, or one a channel
};

/// Overwrites a random rectangle of an image, with probability p. An image in which ten drawn
/// rectangles in a row do not fit keeps its pixels.
///
/// Shapes   [k, c, h, w] -> the same.
/// Throws   ShapeError when there are several values, but not one a channel.
/// Source   Zhong, Zheng, Kang, Li and Yang 2017, "Random Erasing Data Augmentation"; torchvision,
///          RandomErasing, whose erasing with noise (value="random") is not here.
class RandomErasing : public WindowTransform {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1, the ranges can be, and values are finite.
  explicit RandomErasing(RandomErasingOptions options = {});

  /// The part that sample `i` of images of size `image` loses; nothing when it loses none.
  std::optional<ImagePart> part(const SampleKeys& keys, std::size_t i, ImageSize image) const;

  WindowChange change() const override { return WindowChange::kErase; }
  const std::vector<double>& fill() const override { return options_.value; }
  Shape result(const Shape& batch) const override;
  void place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const override;

 private:
  const char* name() const override { return "RandomErasing"; }
  RandomErasingOptions options_;
};

}  // namespace fovea::data
