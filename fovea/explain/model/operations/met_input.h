// Which input value is shown where a gradient flows back over a value of a layer.
#pragma once

#include <optional>

#include "fovea/explain/model/operations.h"

namespace fovea::explain {

/// The input value that is shown, and of a convolution where in the window it lies.
struct MetInput {
  Shape index;         ///< in the first input
  Shape element = {};  ///< in the window
};

/// Whether a layer is a convolution, and whether a product with a matrix of weights.
bool is_convolution(const LayerRun& layer);
bool is_product(const LayerRun& layer);  ///< see above

/// Of what the value was made of: under a window the one that the output took over, or else the
/// largest in size; of a row of inputs the largest in size; where input and output are alike the
/// one at the same place. Nothing where the window lies in the border altogether, or none is to be
/// named.
std::optional<MetInput> met_input(const Visit& visit);

/// The index of the weight that the input value met at the output value.
/// Requires a convolution or a product.
Shape met_weight(const Visit& visit, const MetInput& met);

}  // namespace fovea::explain
