// scaled_and_cut: pictures of any size and any proportions as images of one size.
#pragma once

#include "fovea/data/random_part.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// Scales a picture, keeping its proportions, until it just covers `size`, and cuts that from its
/// middle: how pictures of any size are judged. For a square, torchvision's Resize(side) and
/// CenterCrop(side), without the pixels that are cut off: those of an elongated picture could be
/// many.
/// Throws   ArgumentError when a size is below 1; when called, as resized_window.
Transform scaled_and_cut(ImageSize size);

}  // namespace fovea::data
