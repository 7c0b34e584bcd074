// Rectangles drawn by their share of an image and their proportions: what RandomResizedCrop keeps
// and what RandomErasing takes away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "fovea/data/resample.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// Numbers from `low` to `high`, drawn evenly.
struct Range {
  double low = 0;   ///< the least
  double high = 0;  ///< the greatest
};

/// What rectangles may be drawn.
struct PartLimits {
  Range scale;      ///< share of the image's area
  Range ratio;      ///< width / height, drawn evenly in its logarithm
  ImageSize least;  ///< smaller ones are not taken
  ImageSize most;   ///< nor are larger ones
};

/// Throws ArgumentError, naming `transform`, unless 0 <= scale.low <= scale.high <= 1 and
/// 0 < ratio.low <= ratio.high, all finite.
void check_ranges(const Range& scale, const Range& ratio, const char* transform);

/// A rectangle of sample `i`'s image, of area and proportions drawn by `limits`, at a place drawn
/// evenly; nothing when ten draws in a row do not fit.
/// Source   torchvision, RandomResizedCrop.get_params and RandomErasing.get_params.
std::optional<ImagePart> draw_part(const SampleKeys& keys, std::size_t i, ImageSize image,
                                   const PartLimits& limits);

}  // namespace fovea::data
