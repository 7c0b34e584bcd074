// Which models a file's tensors fit, for a file that does not say whose they are. Library internal.
#pragma once

#include <string>
#include <vector>

#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/models.h"

namespace fovea::models {

/// A model that takes a file's weights.
struct FittingModel {
  std::string name;      ///< for make_model
  ModelOptions options;  ///< classes, channels and image size with which it takes them
};

/// The models called `names` that take the weights, by the names and sizes of their tensors:
/// networks made for other images may differ in nothing else. Makes models; the default generator
/// stays where it is.
std::vector<FittingModel> fitting_models(const io::TensorFile& weights,
                                         const std::vector<std::string>& names = model_names());

}  // namespace fovea::models
