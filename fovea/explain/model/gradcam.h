// Grad-CAM: where in the image a class is seen, as the last convolution tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fovea/explain/model/subject.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// How to look.
struct GradCamOptions {
  std::optional<std::int64_t> index = {};  ///< the class; without it the model's answer
  std::string layer = {};                  ///< gives maps; empty: what the last convolution's
                                           ///< maps become before they are made smaller
};

/// A layer's maps, weighed by how a class's score changes with each: as heat of the image's size,
/// and over the image. The document has "class", "name", "score", "probability", "layer",
/// "weights" [channels], "map" (of the layer's size) and "scaled" (of the image's).
///
/// Formula  w_k = mean over places of d score / d A_k; map = max(sum_k w_k A_k, 0), scaled up
///          bilinearly.
/// Throws   ArgumentError when there is no such layer, it gives no maps, or the score does not
///          depend on it; IndexError when there is no such class; ShapeError when x is not one
///          image; what the model throws.
/// Source   Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via
///          Gradient-Based Localization", equations 1 and 2.
Walk walk_gradcam(const Subject& subject, const GradCamOptions& options = {});

}  // namespace fovea::explain
