// Networks as a TOML list of layers: what such a file says, before any layer is made. Library
// internal.
//
//     num_classes = 10            # defaults of the options of these names; may be left out
//     in_channels = 1
//     image_size = 28
//
//     [[layer]]
//     type = "Conv2d"             # PyTorch's name
//     name = "conv1"              # of its parameters; the layer's number from 0 unless given
//     out_channels = 32           # PyTorch's arguments
//     kernel_size = [3, 3]
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fovea/models/models.h"

namespace fovea::models {

/// The value of a layer's argument.
using LayerValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>>;

/// One [[layer]].
struct LayerTable {
  std::string type;                             ///< "Conv2d"
  std::string name;                             ///< of the layer in the network
  std::map<std::string, LayerValue> arguments;  ///< all but type and name
  std::string where;                            ///< for messages: "net.toml: layer 3 (Conv2d)"
  std::string line;                             ///< for messages: "line 12"
};

/// A file's content.
struct LayerList {
  ModelOptions defaults;  ///< num_classes, in_channels, image_size, where the file has them
  std::vector<LayerTable> layers;  ///< at least one
};

/// The list in `text`; `source` names it in messages. Throws ParseError, with the line, for what is
/// no such list.
LayerList parse_layers(std::string_view text, std::string_view source);

}  // namespace fovea::models
