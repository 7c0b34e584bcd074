// Layers whose window goes over a map: which, and what of them is shown.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/run.h"

namespace fovea::explain {

/// Whether the layer reads a map and gives one, by windows or place for place.
bool can_sweep(const LayerRun& layer);

/// The layer called `name`, which can be swept; without a name the first with windows, else the
/// first.
/// Throws   ArgumentError when there is none.
const LayerRun& layer_to_sweep(const ModelRun& run, const std::string& name);

/// Its windows; of one that goes place for place windows of one cell.
graph::WindowPlaces places_of(const LayerRun& layer);

/// What is shown beside an output channel: an input channel, and the slice of the filter over it.
struct ShownChannel {
  std::int64_t channel = 0;  ///< of the input
  Tensor slice = {};         ///< [rows, columns]; undefined: none
};

/// Of a convolution the channel that the filter weighs most, of others the same channel.
ShownChannel choose_channel(const LayerRun& layer, std::int64_t channel);

}  // namespace fovea::explain
