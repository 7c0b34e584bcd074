// The model that a command works with: from a name, from a weights file, or from both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/base/command.h"
#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"
#include "fovea/models/model_file.h"
#include "fovea/models/models.h"
#include "fovea/nn/module.h"

namespace fovea::cli {

/// A model and what is known about it.
struct ChosenModel {
  std::shared_ptr<nn::Module> module;  ///< in evaluation mode
  models::ModelCard card;              ///< name, all options, classes, input
  std::int64_t classes = 0;            ///< scores that it gives
};

/// A new model `name`, which may be a TOML file that lists layers, of its paper's sizes unless
/// `options` says otherwise. Throws ArgumentError.
ChosenModel default_model(const std::string& name, const models::ModelOptions& options);

/// The model in a weights file. `name` and `given` win over what the file says and are needed
/// where it says nothing.
/// Throws   UsageError when nobody names the model; IoError, ParseError from reading; ParseError
///          when the weights are not this model's.
ChosenModel load_model(const std::string& file, const std::string& name,
                       const models::ModelOptions& given);

/// Checks that the model takes the images and has all the classes of the data set called `name`.
/// Throws ShapeError when it does not.
void check_fits(const ChosenModel& model, const data::Dataset& dataset, const std::string& name);

/// The flags --weights, --model, --model-opt and --normalize.
struct ModelFlags {
  std::string weights;                     ///< --weights
  std::string model;                       ///< --model; empty: as the file says
  std::vector<std::string> model_options;  ///< --model-opt
  std::string normalize;                   ///< --normalize; empty: as the file says

  /// The options as a map. Throws UsageError.
  models::ModelOptions options() const;
};

/// Adds --weights (required), --model and --model-opt.
void add_model_flags(Command& command, ModelFlags& flags);
/// Adds --normalize, for commands that show images to the model.
void add_normalize_flag(Command& command, ModelFlags& flags);
/// Adds --model and --model-opt, for a command whose weights are an argument.
void add_model_name_flags(Command& command, ModelFlags& flags);
/// load_model as the flags say.
ChosenModel load_model(const ModelFlags& flags);

}  // namespace fovea::cli
