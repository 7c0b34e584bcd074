#include "fovea/train/fit_model_options.h"

#include "fovea/core/error.h"

namespace fovea::train {

models::ModelOptions fit_model_options(const std::string& model,
                                       const models::ModelOptions& options, const Shape& image,
                                       std::int64_t classes, data::Targets targets) {
  models::ModelOptions fitted = options;
  for (const models::ModelOption& offered : models::model_info(model).options) {
    if (offered.name == "num_classes") fitted.try_emplace("num_classes", std::to_string(classes));
    if (offered.name == "in_channels") fitted.try_emplace("in_channels", std::to_string(image[0]));
    if (offered.name == "image_size" && !fitted.contains("image_size")) {
      check<ArgumentError>(image[1] == image[2], model, ": images expected square, got ", image[1],
                           "x", image[2], "; image_size brings pictures to one size");
      fitted["image_size"] = std::to_string(image[1]);
    }
  }
  fitted = models::complete_options(model, fitted);
  const auto given = fitted.find("num_classes");
  if (given == fitted.end()) return fitted;
  const std::int64_t scores = std::stoll(given->second);
  const bool multi_label = targets == data::Targets::kMultiLabel;
  check<ArgumentError>(multi_label ? scores == classes : scores >= classes, model,
                       ": num_classes expected ", multi_label ? "" : "at least ", "the data's ",
                       classes, multi_label ? " for multi-label data" : "", ", got ", scores);
  return fitted;
}

}  // namespace fovea::train
