// How one value of a layer came about, in a model of one's own: what the kernel read, what it was
// multiplied by, and what it gave.
//
//     ModelRun run = evaluate_model(*model.module, image);
//     Walk walk = walk_layer(run, {.layer = "layer1.0", .channel = 3, .at = {5, 7}});
//
// Numerics `value` is the run's, to the bit. Products and their sum are f64 of the run's f32
//          values, so exact but for the last bits of the sum. The value is exactly what is written
//          where nothing is added in another order: the largest of a window, functions of one
//          element (f32's own), what is moved, and a sum of two values once that is rounded to f32.
//          Sums of more terms are rounded by the kernel in an order of its own: convolutions, fully
//          connected layers, norms (x scale - mean scale + bias), linear resizing, means of windows
//          (value = sum / count). There |value - (sum + bias)| <= 1e-6 (sum of |products| +
//          |bias|), and likewise of what reductions and LpPool make of a sum.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/core/shape.h"
#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Which value.
struct LayerOptions {
  std::string layer;         ///< the layer's name
  std::int64_t channel = 0;  ///< of its output; of [n, k] the place in k
  Shape at = {};             ///< the place in the channel: row and column; empty: the middle
  std::int64_t sample = 0;   ///< of the batch
};

/// How a value of a layer's output came about. The document has "layer", "type", "channel", "at",
/// "window", "weights", "bias", "products", "sum" (without the bias) and "value", null where they
/// have no meaning, and what else the operation has ("mean", "count", "from", ...).
/// Throws   ArgumentError when there is no such layer; IndexError when it has no such value.
Walk walk_layer(const ModelRun& run, const LayerOptions& options);

}  // namespace fovea::explain
