#include "fovea/models/layers.h"

#include <memory>

#include "fovea/core/error.h"
#include "fovea/models/entry.h"
#include "fovea/models/layer_list.h"
#include "fovea/models/layer_types.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"

namespace fovea::models {

namespace {

Shape without_batch(Shape sizes) {
  sizes.erase(0);
  return sizes;
}

/// What `layer` makes of x, in evaluation mode.
Tensor run(const LayerTable& table, nn::Module& layer, const Tensor& x) {
  layer.eval();
  try {
    return layer(x);
  } catch (const Error& error) {
    throw ShapeError(str(table.where, " expected an input that it takes, got ",
                         without_batch(x.sizes()), ": ", error.what(), " (", table.line, ")"));
  }
}

LayersOptions read_layers_options(const OptionReader& read) {
  LayersOptions options{.layers = read.text("layers"), .file = read.text("file")};
  check<ArgumentError>(!options.layers.empty(),
                       "layers: layers expected a list of layers, got none (name a TOML file as "
                       "the model)");
  options.num_classes = read.integer("num_classes", 1, kMaxClasses);
  options.in_channels = read.integer("in_channels", 1, kMaxChannels);
  options.image_size = read.integer("image_size", 1, kMaxSide);
  return options;
}

}  // namespace

std::shared_ptr<nn::Sequential> make_layers(const LayersOptions& options) {
  const LayerList list = parse_layers(options.layers, options.file);
  auto network = std::make_shared<nn::Sequential>();
  const NoGrad no_grad;
  const RunOnceScope once;
  Tensor x = zeros({1, options.in_channels, options.image_size, options.image_size});
  for (const LayerTable& table : list.layers) {
    const auto layer = make_layer(table, without_batch(x.sizes()), options.num_classes);
    try {
      network->add_module(table.name, layer);
    } catch (const ArgumentError& error) {
      throw ParseError(str(table.where, " name expected to be new and to have no dot, got \"",
                           table.name, "\" (", table.line, ")"));
    }
    x = run(table, *layer, x);
  }
  const Shape scores = without_batch(x.sizes());
  check<ShapeError>(scores == Shape{options.num_classes}, options.file, ": output expected ",
                    Shape{options.num_classes}, " for num_classes ", options.num_classes, ", got ",
                    scores, " from the last layer, ", list.layers.size(), " (",
                    list.layers.back().type, ")");
  network->train();
  return network;
}

ModelEntry layers_entry() {
  std::vector<ModelOption> options = image_options("10", "1", "28");
  options.push_back({"layers", "", "the list of layers, as TOML"});
  options.push_back({"file", "layers", "what messages call it"});
  ModelEntry entry{.info = {"layers", "a TOML file that lists layers", options},
                   .prepare = [](const OptionReader& read) {
                     return [options = read_layers_options(read)] { return make_layers(options); };
                   }};
  entry.defaults = [](const ModelOptions& given) {
    const auto layers = given.find("layers"), file = given.find("file");
    if (layers == given.end() || layers->second.empty()) return ModelOptions();
    return parse_layers(layers->second, file == given.end() ? "layers" : file->second).defaults;
  };
  return entry;
}

}  // namespace fovea::models
