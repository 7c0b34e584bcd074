// A layer's window on its way over a whole feature map: a network of one's own at work.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Which layer is swept.
struct SweepOptions {
  std::string layer = {};    ///< its name; empty: the first that sees windows, or places
  std::int64_t channel = 0;  ///< of its output
  std::int64_t sample = 0;   ///< of the batch
};

/// The way of a layer's window over its input: the map of one input channel (of a convolution that
/// which its filter weighs most, of others the same channel), the output's map, which grows, and at
/// each place the arithmetic of walk_layer. Of more than 1,024 places every second, third, ... is
/// visited. The document is walk_layer's of the middle.
/// Throws   ArgumentError when there is no such layer, or it gives no maps of two dimensions, or
///          sees no windows or places; IndexError when it has no such channel or sample.
Walk walk_sweep(const ModelRun& run, const SweepOptions& options = {});

}  // namespace fovea::explain
