// What a layer makes of an image: its feature maps as pictures.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Which maps.
struct FeatureOptions {
  std::string layer = {};   ///< the layer's name; empty: the first that gives maps
  std::int64_t sample = 0;  ///< of the batch
  std::int64_t most = 64;   ///< pictures, at most
};

/// The feature maps of a layer for an image, each from black, its least, to white, its largest
/// value. The document has "layer", "type" and "maps", [channels, height, width].
/// Throws   ArgumentError when there is no such layer, it gives no maps, or most is below 1;
///          IndexError when there is no such sample.
Walk walk_features(const ModelRun& run, const FeatureOptions& options = {});

}  // namespace fovea::explain
