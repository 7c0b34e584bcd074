// How a model's options follow from the data that it is to learn.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"
#include "fovea/models/models.h"

namespace fovea::train {

/// The options with which a model fits a data set: channels, image size and classes are the data's
/// unless `options` say otherwise; the rest are given or default.
/// Shapes   image [channels, height, width].
/// Throws   ArgumentError for an unknown model or option; when the model takes square images alone
///          and the data's are not; when it has fewer classes than the data, or more where targets
///          are multi-label: what a score says that no label is for, nobody could learn or judge.
models::ModelOptions fit_model_options(const std::string& model,
                                       const models::ModelOptions& options, const Shape& image,
                                       std::int64_t classes,
                                       data::Targets targets = data::Targets::kSingleLabel);

}  // namespace fovea::train
