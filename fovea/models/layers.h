// Networks that are a TOML list of layers (format: layer_list.h, docs/models.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/nn/containers.h"

namespace fovea::models {

struct ModelEntry;

/// Options of make_layers.
struct LayersOptions {
  std::string layers;             ///< the list, as TOML
  std::string file = "layers";    ///< what messages call it
  std::int64_t num_classes = 10;  ///< scores that the network must give
  std::int64_t in_channels = 1;   ///< channels of an image
  std::int64_t image_size = 28;   ///< height and width of an image
};

/// The layers of a list in their order. Their sizes are found by letting them run on an image of
/// zeros. Names of parameters are those of PyTorch's Sequential, "0.weight", unless a layer has a
/// name of its own.
/// Throws   ParseError for a list that is none, naming layer and line; ShapeError where a layer
///          does not take what the one before it gives, naming layer and shapes, or when the last
///          one does not give num_classes scores.
std::shared_ptr<nn::Sequential> make_layers(const LayersOptions& options);

/// "layers", with the list's text among its options, so that a weights file can rebuild it. It is
/// not among the names that people are offered: they name a file.
ModelEntry layers_entry();

}  // namespace fovea::models
