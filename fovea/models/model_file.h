// Weights with what it takes to use them: a safetensors file whose metadata names the model. Files
// without that metadata, and the other formats that hold named tensors (.npz, PyTorch's .pth), are
// weights too: io::TensorFile knows which a file is. So is an ONNX file (its name ends with .onnx),
// which brings its model along; its metadata_props may hold the same strings.
//
//   fovea.model          the model's name: fashion-cnn
//   fovea.model_options  a JSON object of strings, what the model was made with:
//                        {"num_classes": "10"}
//   fovea.classes        a JSON array of the classes' names, by index
//   fovea.targets        "multi-label" where the model says of each class by itself whether it is
//                        there; left out where it says which one of them it is
//   fovea.input          channels x height x width that it was trained on: 1x28x28
//   fovea.normalize      a JSON object of how images were normalised after division by 255; left
//                        out when they were not: {"mean": [0.1307], "std": [0.3081]}
//   fovea.fit            how pictures of other sizes were brought to fovea.input (picture_fit.h):
//                        "crop", "pad" or "stretch"; left out where there were none
//   fovea.held_out       a JSON object of the share of the pictures that was held out of the
//                        training, and the seed that chose it: {"share": 0.2, "seed": 0}; left
//                        out where the data came with pictures to judge with
//   fovea.ground         a JSON object of how light the edges of the training's images were:
//                        {"mean": 0.051, "std": 0.034}; left out when nobody looked
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/ground.h"
#include "fovea/models/load_weights.h"
#include "fovea/models/models.h"
#include "fovea/models/normalization.h"
#include "fovea/models/picture_fit.h"
#include "fovea/nn/module.h"

namespace fovea::models {

/// Which pictures of a set that came in one piece were held out to judge with: the share of each
/// class that their names and the seed say (vision/held_out.h).
struct HeldOut {
  double share = 0.2;     ///< of each class; between 0 and 1
  std::int64_t seed = 0;  ///< at least 0

  bool operator==(const HeldOut&) const = default;  ///< of the same pictures
};

/// What the metadata of a weights file says. Empty where the file does not say it: one from PyTorch
/// has none.
struct ModelCard {
  std::string model;                                    ///< name for make_model
  ModelOptions options;                                 ///< what the model was made with
  std::vector<std::string> classes;                     ///< names by index
  Shape input;                                          ///< [channels, height, width]
  Normalization normalize = {};                         ///< what is done to images in [0, 1]
  data::Targets targets = data::Targets::kSingleLabel;  ///< what its scores say of the classes
  std::optional<PictureFit> fit = {};    ///< what is done to pictures of other sizes before that
  std::optional<HeldOut> held_out = {};  ///< what the model has not learned from
  std::optional<Ground> ground = {};     ///< what the training's images stand on
};

/// "1x28x28" of [1, 28, 28].
std::string format_input(const Shape& input);
/// [1, 28, 28] of "1x28x28". Throws ArgumentError, naming `what`, unless it is whole numbers above
/// 0 joined by x.
Shape parse_input(std::string_view text, std::string_view what);

/// The card as the strings that files keep it in, without those that would say nothing.
std::map<std::string, std::string> to_metadata(const ModelCard& card);

/// Writes a model's state dict and card, whole or not at all. Throws IoError.
void save_model_file(const std::filesystem::path& path, const nn::Module& model,
                     const ModelCard& card);

/// A weights file that was opened. Its tensors are read when they are wanted.
struct ModelFile {
  io::TensorFile weights;  ///< parameters and buffers by name
  ModelCard card;          ///< as far as the file has one
  /// The model that they are weights of, unless somebody names another one: the card's, or the
  /// network of an ONNX file. Without a name when the file does not say it.
  ModelChoice model;
};
/// Opens a weights file of any format and reads its card. Throws IoError; ParseError when it breaks
/// the rules of its format or its card makes no sense.
ModelFile load_model_file(const std::filesystem::path& path);

}  // namespace fovea::models
