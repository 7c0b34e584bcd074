// The loop of a warp over one image.
#pragma once

#include <cstdint>

#include "fovea/data/image_loop.h"
#include "fovea/data/warp.h"

namespace fovea::data {

/// Throws ArgumentError, naming `transform`, unless fill has 0, 1 or `channels` values.
void check_fill(const WarpOptions& options, std::int64_t channels, const char* transform);

/// Numbers of scratch that warp_image needs.
std::int64_t warp_scratch(std::int64_t channels, std::int64_t height, std::int64_t width);

/// Warps one image where it lies. See warp_images. Requires check_fill.
template <class T>
void warp_image(const ImageInPlace<T>& image, const Warp& warp, const WarpOptions& options);

}  // namespace fovea::data
