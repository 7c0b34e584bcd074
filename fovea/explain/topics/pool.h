// Pooling taken apart: of each window the largest number, the mean, or the smallest.
#pragma once

#include <cstdint>

#include "fovea/explain/walk.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::explain {

/// What pooling takes of a window.
enum class PoolKind : std::uint8_t {
  kMax,      ///< the largest number
  kAverage,  ///< the mean
  kMin,      ///< the smallest number
  kAll,      ///< the three side by side
};

/// Options of walk_pool.
struct PoolTopic {
  Tensor image = {};               ///< [h, w] or [c, h, w]; undefined: the textbook's 4x4 input
  PoolKind kind = PoolKind::kAll;  ///< what is taken of a window
  PerDim kernel_size = 2;          ///< window
  PerDim stride = {};              ///< step of the window; kernel_size unless given
  PerDim padding = 0;              ///< border at both ends, at most half the window
};

/// A pooling, stop by stop: windows and what is taken of each, the output being the one of
/// max_pool2d, avg_pool2d or min_pool2d in f64. A mean counts the border's zeros; a largest or
/// smallest number never lies there.
///
/// Document {"topic", "kind", "input", "kernel_size", "stride", "padding", "size_formula",
///          "stops": [{"step", "kind", "channel", "at", "window", "value"}], "output"}. For kAll
///          "output" is an object by kind, otherwise stops have no "kind"; with one channel no
///          "channel".
/// Throws   ArgumentError for options outside their range and for more than 65,536 stops;
///          ShapeError when the image has other dimensions or no window fits.
Walk walk_pool(const PoolTopic& topic = {});

}  // namespace fovea::explain
