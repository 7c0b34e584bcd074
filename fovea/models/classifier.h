// Classifier: what is in a picture, from decoded pixels of any size to the likeliest classes.
//
//     const Classifier classifier = Classifier::load("best.safetensors");
//     const Tensor image = classifier.prepare(pixels, PixelOrder::kChannelsLast);
//     for (const Likely& one : classifier.top(classifier.classify(image)[0], 3))
//       std::cout << one.name << " " << one.probability << "\n";
//
// Pictures are decoded by the caller: nothing here reads files of them. docs/predict.md says what
// is done to their pixels, and why.
// Threads: one at a time; copies share the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fovea/models/load_model.h"
#include "fovea/models/normalization.h"
#include "fovea/tensor/tensor.h"

namespace fovea::models {

/// How the channels of decoded pixels lie.
enum class PixelOrder : std::uint8_t {
  kChannelsFirst,  ///< [channels, height, width]: a plane a channel, as io::read_image gives
  kChannelsLast,   ///< [height, width, channels]: side by side, as most decoders and cameras give
};

/// What a picture is given to a model as, beyond what its weights file says.
struct ClassifierOptions {
  bool invert = false;  ///< swaps light and dark: the model has learned the other way round
  std::optional<Normalization> normalize = {};  ///< instead of the file's
};

/// A class and how likely it is.
struct Likely {
  std::int64_t index = 0;  ///< of the class
  std::string name;        ///< its name; the index where the model knows no names
  double probability = 0;  ///< see Classifier::classify
};

/// A model that classifies pictures. See the head of this file.
class Classifier {
 public:
  /// A classifier of a model that has been loaded.
  /// Throws ArgumentError when images of the model's channels cannot be normalised so.
  explicit Classifier(LoadedModel model, ClassifierOptions options = {});
  /// Loads a weights file. Throws as load_model, and as the constructor.
  static Classifier load(const std::filesystem::path& weights, ClassifierOptions options = {});
  /// Loads what a request asks for. Throws likewise.
  static Classifier load(ModelRequest request, ClassifierOptions options = {});

  const LoadedModel& model() const { return model_; }      ///< what classifies
  const ModelCard& card() const { return model_.card; }    ///< its name, classes and input
  const std::string& note() const { return model_.note; }  ///< see LoadedModel

  /// A picture as the model wants it: of its channels and size, inverted if the options say so, and
  /// normalised.
  ///
  /// Shapes   u8 [c, h, w] or [h, w, c] with c = 1 (grey), 2 (grey and alpha), 3 (RGB), 4 (RGBA)
  ///          -> f32 [1, channels, height, width]; any strides.
  /// Throws   DTypeError unless u8; ShapeError for other shapes, and for an empty picture.
  Tensor prepare(const Tensor& pixels, PixelOrder order = PixelOrder::kChannelsFirst) const;
  /// Images that have the model's channels and size already, as prepare() leaves them; not
  /// inverted.
  ///
  /// Shapes   u8 [n, channels, height, width] -> f32, the same.
  /// Throws   DTypeError, ShapeError when they are others.
  Tensor normalize(const Tensor& images) const;
  /// The pixels of prepared images, as prepare() and normalize() had them before they divided and
  /// normalised: what the model sees, for people.
  ///
  /// Shapes   f32 [n, channels, height, width] -> u8, the same.
  /// Throws   ShapeError when they are others.
  Tensor pixels(const Tensor& images) const;
  /// Probabilities of each class, for prepared images: the softmax of the model's scores, or where
  /// the card's targets are multi-label their sigmoid, of each class by itself.
  ///
  /// Shapes   f32 [n, channels, height, width] -> [n, classes].
  /// Throws   ShapeError when they are others; NumericError when the weights give scores that are
  ///          no numbers.
  Tensor classify(const Tensor& images) const;
  /// The `count` likeliest classes of an image, likeliest first, the first of equals first; fewer
  /// where there are no more.
  ///
  /// Shapes   probabilities [classes], a row of what classify() gives.
  /// Throws   ShapeError for another shape; ArgumentError when count is below 1.
  std::vector<Likely> top(const Tensor& probabilities, std::int64_t count) const;

  /// The classes that a multi-label model answers, as top(): those whose probability is at least
  /// 1/2. Any number of them.
  ///
  /// Shapes   probabilities [classes], a row of what classify() gives.
  /// Throws   ShapeError for another shape.
  std::vector<Likely> labels(const Tensor& probabilities) const;
  /// Whether the model says of each class by itself whether it is there.
  bool is_multi_label() const { return card().targets == data::Targets::kMultiLabel; }

  /// A class's name, or its index where the model knows no names.
  std::string class_name(std::int64_t index) const;

 private:
  LoadedModel model_;
  ClassifierOptions options_;
};

}  // namespace fovea::models
