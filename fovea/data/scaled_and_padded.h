// scaled_and_padded: pictures of any size and any proportions as images of one size, with nothing
// cut off.
#pragma once

#include "fovea/data/random_part.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// Scales a picture, keeping its proportions, until `size` just holds it, and lays it on the middle
/// of a black image of that size.
///
/// Shapes   batch [k, c, h, w] -> [k, c, size.height, size.width].
/// Throws   ArgumentError when a size is below 1; when called, as resized_crop.
/// Numerics a side that is scaled is rounded down, and has at least one pixel; of an odd rest the
///          larger half is below and to the right.
/// Source   TensorFlow, tf.image.resize_with_pad, which pads with 0 as well.
Transform scaled_and_padded(ImageSize size);

}  // namespace fovea::data
