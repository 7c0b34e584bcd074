// Weights with what it takes to use them: a safetensors file whose metadata names the model.
//
//   fovea.model          the model's name: fashion-cnn
//   fovea.model_options  a JSON object of strings, what the model was made with:
//                        {"num_classes": "10"}
//   fovea.classes        a JSON array of the classes' names, by index
//   fovea.input          channels x height x width that it was trained on: 1x28x28
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/nn/module.h"
#include "fovea/vision/models.h"

namespace fovea::train {

/// What the metadata of a weights file says. Empty where the file does not say it: one from PyTorch
/// has none.
struct ModelCard {
  std::string model;                 ///< name for vision::make_model
  vision::ModelOptions options;      ///< what the model was made with
  std::vector<std::string> classes;  ///< names by index
  Shape input;                       ///< [channels, height, width]
};

/// "1x28x28" of [1, 28, 28].
std::string format_input(const Shape& input);
/// [1, 28, 28] of "1x28x28". Throws ArgumentError, naming `what`, unless it is whole numbers above
/// 0 joined by x.
Shape parse_input(std::string_view text, std::string_view what);

/// Writes a model's state dict and card, whole or not at all. Throws IoError.
void save_model_file(const std::filesystem::path& path, const nn::Module& model,
                     const ModelCard& card);

/// The content of a weights file.
struct ModelFile {
  StateDict weights;  ///< parameters and buffers by name
  ModelCard card;     ///< as far as the file has one
};
/// Reads weights and card. Throws IoError; ParseError when it is no safetensors file or its card
/// makes no sense.
ModelFile load_model_file(const std::filesystem::path& path);

/// Loads the weights of the file `path` into `model`, called `name` in messages.
/// Throws   ParseError when they are another model's: names missing or left over, other sizes.
void load_weights(nn::Module& model, const StateDict& weights, std::string_view name,
                  const std::filesystem::path& path);

}  // namespace fovea::train
