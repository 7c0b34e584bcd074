// ImagePass: what of a chain of transforms can be done while images are picked out of memory.
//
// Scaling bytes to [0, 1], normalising, mirroring, cutting and erasing are one pass over the bytes
// (gather_images) that writes the batch as the first layer wants it: f32, channels-last. A chain is
// done so from its beginning, up to the first transform that does not fit; the rest follows as
// operations. The results are those of the transforms one after the other, to the bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fovea/data/transforms.h"
#include "fovea/tensor/ops/image.h"

namespace fovea::data {

/// A transform of a chain, and the seed of its numbers.
struct ChainLink {
  Transform transform;     ///< never empty, never a Compose
  std::uint64_t seed = 0;  ///< what SampleKeys::nested leads to at its place
};

/// Appends `transform` to a chain: nothing when it is empty, its parts when it is a Compose.
void append_links(const Transform& transform, std::uint64_t seed, std::vector<ChainLink>& chain);

/// The beginning of a chain, done in one pass over stored images.
class ImagePass {
 public:
  /// What one pass can do of `chain` for images of the given sizes; nothing unless it can turn
  /// bytes into f32.
  /// Shapes   images [m, c, h, w] u8.
  /// Throws   ShapeError when a window does not fit.
  static std::optional<ImagePass> plan(std::span<const ChainLink> chain, const Shape& images);

  /// Transforms of the chain that it does.
  std::size_t length() const { return length_; }
  /// The images `rows`, as the transforms leave them, channels-last.
  /// Shapes   images [m, c, h, w] (u8, contiguous) -> [k, c, h', w'] (f32).
  /// Requires as many indices as rows.
  Tensor operator()(const Tensor& images, std::span<const std::int64_t> rows, std::uint64_t epoch,
                    std::span<const std::int64_t> indices) const;

 private:
  explicit ImagePass(const Shape& images);
  bool add(const ChainLink& link);
  bool add_division();
  bool add_normalization(const Normalize& normalize);
  bool add_window(const ChainLink& link);

  Shape sizes_;  // of a batch as it is after the transforms so far
  ImageSize image_;
  std::vector<ImageValues> values_;
  std::vector<ChainLink> windows_;
  std::size_t length_ = 0;
  bool divided_ = false, normalized_ = false, cut_ = false, erased_ = false;
};

}  // namespace fovea::data
