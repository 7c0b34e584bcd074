// How pictures of any size become images of a model's size: what --resize says in a training, and a
// weights file keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/data/random_part.h"
#include "fovea/data/transform.h"

namespace fovea::models {

/// How a picture of any size is brought to that of a model's input.
enum class PictureFit : std::uint8_t {
  kStretch,  ///< scaled to it, whatever its proportions
  kCrop,     ///< as data::scaled_and_cut: in proportion, and the middle cut out
  kPad,      ///< as data::scaled_and_padded: in proportion, whole, on black
};

/// "crop", "pad", "stretch": the words for them.
std::vector<std::string> picture_fit_words();
/// The word for `fit`.
std::string word_of(PictureFit fit);
/// What a word means; nothing for another one.
std::optional<PictureFit> parse_picture_fit(std::string_view word);

/// What brings pictures to `size` so. Throws ArgumentError when a size is below 1.
data::Transform picture_transform(PictureFit fit, data::ImageSize size);

}  // namespace fovea::models
