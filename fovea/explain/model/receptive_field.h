// Receptive fields: which part of the image a value of a layer sees.
#pragma once

#include <string>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"
#include "fovea/nn/module.h"

namespace fovea::explain {

/// What output pixels of a layer see of the input, a number a spatial dimension each: pixel p sees
/// the input's pixels from offset + p stride on, `size` of them. Those in borders count too: only
/// what lies inside the image is seen.
struct ReceptiveField {
  Shape size;          ///< pixels
  Shape stride;        ///< from an output pixel's field to its neighbour's
  Shape offset;        ///< first pixel of output pixel 0's field; may lie in the border, below 0
  bool whole = false;  ///< it sees the whole image, and the others mean nothing
};

/// The field of each of the run's layers, in their order. Where branches meet it is the smallest
/// that has all of theirs.
///
/// Formula  size += (kernel - 1) dilation stride; offset -= padding stride; stride *= the layer's,
///          from layer to layer, starting with 1, 0, 1.
/// Source   Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural
///          Networks".
std::vector<ReceptiveField> receptive_fields(const ModelRun& run);

/// Which field is drawn.
struct FieldOptions {
  std::string layer = {};  ///< the layer's name; empty: the last one that sees windows
  Shape at = {};           ///< an output pixel: row and column; empty: the middle
};

/// The fields of all layers, and one of them on the image `x`, [1, channels, height, width]. The
/// document lists for each layer "layer", "type", and "size", "stride" and "offset", null where it
/// sees the whole image.
/// Throws   ArgumentError when there is no such layer, or it sees no windows; IndexError when it
///          has no such pixel; what the model throws.
Walk walk_receptive_field(nn::Module& module, const Tensor& x, const FieldOptions& options = {});

}  // namespace fovea::explain
