// The one rule by which a name, options and a weights file become a model. Training, judging and
// using a model all choose it so.
//
//     const LoadedModel model = load_model({.weights = "best.safetensors"});
//     (*model.module)(images);
//
//   - A name that is given wins over the one that the weights file has. It may be a file that lists
//     layers (.toml) or an ONNX file, whose weights count where no others are given.
//   - Options that are given win over those that a named file stands for, and these over those of
//     the weights file, which belong to its own model alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/models/model_file.h"
#include "fovea/models/models.h"
#include "fovea/nn/module.h"

namespace fovea::models {

/// What somebody asks for.
struct ModelRequest {
  std::filesystem::path weights = {};  ///< a weights file; empty: none
  std::string model = {};              ///< a name as choose_model takes it; empty: the weights' own
  ModelOptions options = {};           ///< of the model
};

/// The model that is meant, and its weights, opened but not read.
struct FoundModel {
  ModelRequest request;                   ///< what was asked for
  std::string name = {};                  ///< for make_model; empty when nobody names the model
  ModelOptions options = {};              ///< that it is to be made with
  std::filesystem::path file = {};        ///< of the weights; empty for none
  std::optional<ModelFile> weights = {};  ///< what is in it

  /// Copies the weights into `module`, a model that was made as this says. Returns, in one line for
  /// people, what was done to them that nobody asked for; empty for nothing.
  /// Throws   ParseError when they are another model's. Requires weights.
  std::string load_into(nn::Module& module) const;
  /// The same for a model that is to learn other classes, or from images of other channels: see
  /// load_body. `given` are all options that it was made with. Returns such lines.
  std::vector<std::string> load_body_into(nn::Module& module, const ModelOptions& given) const;

 private:
  void check_owner() const;
};

/// Finds the model. See the head of this file.
/// Throws   as choose_model and load_model_file.
FoundModel find_model(ModelRequest request);

/// A model that can be used, and what is known about it.
struct LoadedModel {
  std::shared_ptr<nn::Module> module;  ///< in evaluation mode
  ModelCard card;                      ///< name, all options, classes, input
  std::int64_t classes = 0;            ///< scores that it gives
  std::string note = {};               ///< see FoundModel::load_into
};

/// Makes the model; without weights with fresh ones, drawn from the default generator.
/// Throws   ArgumentError when nobody names the model, or when a name or option that was given
///          cannot be; IoError, ParseError from reading; ParseError when the file's own model
///          cannot be made, its images are not the model's, or its weights are not.
LoadedModel load_model(const FoundModel& found);
/// load_model(find_model(request)).
LoadedModel load_model(ModelRequest request);

}  // namespace fovea::models
