// The model that a command works with, as its flags name it: by a weights file, by a name, or by
// both.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/base/command.h"
#include "fovea/models/load_model.h"

namespace fovea::cli {

/// The flags --weights, --model, --model-opt and --normalize.
struct ModelFlags {
  std::string weights = {};                     ///< --weights
  std::string model = {};                       ///< --model; empty: as the file says
  std::vector<std::string> model_options = {};  ///< --model-opt
  std::string normalize = {};                   ///< --normalize; empty: as the file says
};

/// Adds --weights (required), --model and --model-opt.
void add_model_flags(Command& command, ModelFlags& flags);
/// Adds --model and --model-opt, for a command whose weights are an argument.
void add_model_name_flags(Command& command, ModelFlags& flags);
/// Adds --model-opt.
Option& add_model_option_flag(Command& command, std::vector<std::string>& target);

/// {"dropout", "0.5"} of "dropout=0.5". Throws UsageError unless there is a '=' with a key before
/// it.
std::pair<std::string, std::string> split_model_option(const std::string& text);
/// All of them; of several with one key the last one. Throws UsageError.
models::ModelOptions model_options_of(const std::vector<std::string>& texts);

/// Loads the model that the flags name, and says on standard error what was done to its weights.
/// Throws   UsageError when nobody names the model; as models::load_model.
models::LoadedModel load_model(const ModelFlags& flags);
/// The same with these options instead of --model-opt's.
models::LoadedModel load_model(const ModelFlags& flags, const models::ModelOptions& options);

/// The model that an argument names: a weights file, or a model's name or a list of layers, with
/// fresh weights; `input_shape` is as --input-shape has it, "1x28x28", empty: the model's own.
/// Throws   UsageError for another shape; as load_model.
models::LoadedModel load_named_model(const std::string& word, const ModelFlags& flags,
                                     const std::string& input_shape);

}  // namespace fovea::cli
