// Weights as pictures: what filters look for.
#pragma once

#include <vector>

#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"

namespace fovea::vision {

/// A picture [3, height, width] for each filter, whose own largest weight in size is the strongest
/// colour. Of one channel: white is 0, orange above it, blue below. Of three: red, green and blue
/// as they are weighed, grey is 0.
/// Shapes   filters [k, 1, h, w] or [k, 3, h, w].
/// Throws   ShapeError for other shapes.
std::vector<io::Image> weight_pictures(const Tensor& filters);

}  // namespace fovea::vision
