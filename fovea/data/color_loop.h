// The loop of changes of colour over one image.
#pragma once

#include <span>

#include "fovea/data/adjust_colors.h"
#include "fovea/data/image_loop.h"

namespace fovea::data {

/// An image with 1 or 3 channels through its steps, where it lies. See adjust_colors. Requires
/// factors within their ranges.
template <class T>
void adjust_image(const ImageInPlace<T>& image, std::span<const ColorStep> steps);

}  // namespace fovea::data
