// Occlusion: how a class's probability falls when a part of the image is covered.
#pragma once

#include <cstdint>
#include <optional>

#include "fovea/explain/model/subject.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// How to cover.
struct OcclusionOptions {
  std::optional<std::int64_t> index = {};  ///< the class; without it the model's answer
  std::int64_t size = 8;                   ///< height and width of the patch
  std::int64_t stride = 2;                 ///< from one place of the patch to the next
};

/// Slides a patch of Subject::grey over the image, whole patches only, and notes the class's
/// probability at each place. The document has "class", "name", "probability" (nothing covered),
/// "size", "stride", and "probabilities" [rows, columns], a number for each place of the patch.
///
/// Shapes   rows = floor((height - size) / stride) + 1, columns likewise.
/// Throws   ArgumentError for a patch that is larger than the image, a size or stride below 1, or
///          greys that are neither 1 nor one a channel; IndexError when there is no such class;
///          ShapeError when x is not one image; what the model throws.
/// Source   Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks",
///          section 4.2.
Walk walk_occlusion(const Subject& subject, const OcclusionOptions& options = {});

}  // namespace fovea::explain
