// What stands still while a layer's window moves: the map that it reads, the map that it gives, and
// where the window lies for each place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fovea/core/shape.h"
#include "fovea/explain/model/gradients.h"
#include "fovea/explain/model/run.h"

namespace fovea::explain {

/// Where a layer's windows lie, a number a dimension: the window of output place p begins at cell p
/// stride - padding_begin of the input.
struct FrameWindows {
  Shape kernel;         ///< cells of a window
  Shape stride;         ///< from one window to the next
  Shape dilation;       ///< between the cells of a window
  Shape padding_begin;  ///< border before the first cell
  Shape padding_end;    ///< border behind the last cell
};

/// See the head of this file.
struct LayerFrame {
  std::string layer;                         ///< its name
  std::string type;                          ///< the module's, or the ONNX operator
  std::int64_t input_channel = 0;            ///< of a convolution that which the filter weighs
                                             ///< most, of others the output's
  Tensor input;                              ///< its map, [rows, columns]
  std::int64_t output_channel = 0;           ///< the one that was asked for
  Tensor output;                             ///< its map, [rows, columns]
  std::optional<FrameWindows> windows = {};  ///< nothing: it goes place for place
  Tensor filter = {};                        ///< the filter over that input channel, [rows,
                                             ///< columns]; undefined: there is none
  std::int64_t input_channels = 0;           ///< how many it reads
  std::int64_t output_channels = 0;          ///< how many it gives
  std::optional<std::string> formula = {};   ///< of the output's size, with its numbers
};

/// Which frame.
struct FrameOptions {
  std::string layer = {};                     ///< the layer's name; empty: the first with windows
  std::int64_t channel = 0;                   ///< of its output
  std::int64_t sample = 0;                    ///< of the batch
  const LayerGradients* gradients = nullptr;  ///< the run's, in place of what the maps hold
};

/// The frame of a layer that walk_sweep takes.
/// Throws   ArgumentError as walk_sweep, and when the score does not depend on the layer;
///          IndexError when it has no such channel or sample.
LayerFrame frame_of(const ModelRun& run, const FrameOptions& options = {});

}  // namespace fovea::explain
