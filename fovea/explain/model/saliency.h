// Saliency: which pixels a class's score changes most with.
#pragma once

#include <cstdint>
#include <optional>

#include "fovea/explain/model/subject.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// The gradient of a class's score with respect to the image: its size, of the channels the
/// largest, as heat, and over the image. Without `index` the class is the model's answer. The
/// document has "class", "name", "score", "probability", "gradient" [channels, height, width] and
/// "saliency" [height, width].
/// Throws   IndexError when there is no such class; ShapeError when x is not one image; what the
///          model throws.
/// Source   Simonyan, Vedaldi and Zisserman 2014, "Deep Inside Convolutional Networks", section 3.
Walk walk_saliency(const Subject& subject, const std::optional<std::int64_t>& index = {});

}  // namespace fovea::explain
