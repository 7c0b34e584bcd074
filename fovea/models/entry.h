// What a model of this folder says about itself, so that it can be made by name. Library internal:
// each model's .cpp gives its entries, and models.cpp gathers them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fovea/models/limits.h"
#include "fovea/models/models.h"

namespace fovea::models {

/// Reads options' texts; messages name the model.
class OptionReader {
 public:
  /// Both must outlive the reader.
  OptionReader(const std::string& model, const ModelOptions& options)
      : model_(model), options_(options) {}
  /// A whole number. Throws ArgumentError when it is none, or outside [low, high].
  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high) const;
  /// A probability below 1. Throws ArgumentError when it is none.
  double probability(const std::string& name) const;
  /// True or false. Throws ArgumentError when it is neither.
  bool flag(const std::string& name) const;
  /// The text as it is.
  const std::string& text(const std::string& name) const { return options_.at(name); }

 private:
  const std::string& model_;
  const ModelOptions& options_;
};

/// The options num_classes, in_channels and image_size with these defaults.
std::vector<ModelOption> image_options(const std::string& classes, const std::string& channels,
                                       const std::string& side);
/// The same, and dropout.
std::vector<ModelOption> image_options(const std::string& classes, const std::string& channels,
                                       const std::string& side, const std::string& dropout);
/// image_options of a model that is made for ImageNet.
inline std::vector<ModelOption> imagenet_options() { return image_options("1000", "3", "224"); }
/// The same, and dropout.
inline std::vector<ModelOption> imagenet_options(const std::string& dropout) {
  return image_options("1000", "3", "224", dropout);
}

/// Sets those members of a model's options as they are read, dropout if there is one; images have
/// at least `least_side` pixels a side. Throws ArgumentError.
template <class Options>
Options read_image_options(const OptionReader& read, std::int64_t least_side,
                           Options options = {}) {
  options.num_classes = read.integer("num_classes", 1, kMaxClasses);
  options.in_channels = read.integer("in_channels", 1, kMaxChannels);
  options.image_size = read.integer("image_size", least_side, kMaxSide);
  if constexpr (requires { options.dropout; }) options.dropout = read.probability("dropout");
  return options;
}

/// Throws ArgumentError, naming `model`, when images have fewer than `least` pixels a side.
void check_image_size(const char* model, std::int64_t size, std::int64_t least);

/// A model that can be made by name.
struct ModelEntry {
  ModelInfo info;  ///< for people
  /// Reads and checks complete options. What it returns makes the model with them.
  std::function<std::function<std::shared_ptr<nn::Module>()>(const OptionReader&)> prepare;
  /// Defaults that depend on the options that are given, and go before those of `info`; may be
  /// empty.
  std::function<ModelOptions(const ModelOptions&)> defaults = {};
};

/// The entry of a class that is made from what `read` makes of the options.
template <class Model, class Read>
ModelEntry model_entry(const ModelInfo& info, Read read) {
  return {.info = info, .prepare = [read](const OptionReader& reader) {
            return [options = read(reader)] { return std::make_shared<Model>(options); };
          }};
}

}  // namespace fovea::models
