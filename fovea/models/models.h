// The models that Fovea knows by name: `make_model("fashion-cnn", {{"dropout", "0.5"}})`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/nn/module.h"

namespace fovea::models {

/// Options of a model by name, as text: what `--model-opt` and a weights file's metadata hold.
using ModelOptions = std::map<std::string, std::string>;

/// An option that a model offers.
struct ModelOption {
  std::string name;     ///< "dropout"
  std::string value;    ///< unless told otherwise
  std::string meaning;  ///< for people
};

/// A model that can be made by name.
struct ModelInfo {
  std::string name;                  ///< "fashion-cnn"
  std::string title;                 ///< one line for people
  std::vector<ModelOption> options;  ///< what it offers
  bool draws_weights = true;         ///< make_model gives it weights to start from, and not zeros
};

/// Every model known by name.
const std::vector<ModelInfo>& known_models();
/// The names of known_models().
std::vector<std::string> model_names();
/// The model called `name`. Throws ArgumentError, listing what is known, when there is none.
const ModelInfo& model_info(const std::string& name);

/// A model and what is to be set of its options.
struct ModelChoice {
  std::string name;          ///< as make_model takes it
  ModelOptions options;      ///< those given, and what `word` stands for
  std::string weights = {};  ///< a file that `word` names and that has weights too; else empty
};

/// What the word of a command line means: the name of a model, or a file. A TOML file (its name
/// ends with .toml) lists layers (docs/models.md) and is the model "layers"; an ONNX file (.onnx;
/// docs/onnx.md) is the model "onnx", and has weights. known_models() lists neither. The layers or
/// operations become an option: who keeps the options, as a weights file does, can make the model
/// without the file.
/// Throws   ArgumentError for a name that there is not; IoError when the file cannot be read;
///          ParseError for an ONNX file that is none.
ModelChoice choose_model(const std::string& word, const ModelOptions& options = {});

/// All options of a model: those given, and the others' defaults.
/// Throws   ArgumentError for an unknown model, an option that it does not offer (listing those it
///          does), or a value out of its range; ParseError for a list of layers or a graph that is
///          none or does not fit.
ModelOptions complete_options(const std::string& name, const ModelOptions& options = {});

/// Makes a model with fresh weights, drawn from the default generator.
/// Throws   as complete_options; for listed layers ShapeError when one does not take what the one
///          before it gives.
std::shared_ptr<nn::Module> make_model(const std::string& name, const ModelOptions& options = {});

/// Sizes of one input of a model, without the batch: [channels, height, width].
/// Throws   as complete_options.
Shape model_input(const std::string& name, const ModelOptions& options = {});

}  // namespace fovea::models
