// How the gradient flows back over one value of a layer: what arrived there, and what the layer
// made of it for its weights and its input.
//
//     const ModelRun run = differentiable_run(*model.module, image);
//     Walk walk = walk_backward(run, layer_gradients(run, 3), {.layer = "layer1.0", .at = {5, 7}});
//
// Numerics upstream gradients and those of input values are the tape's, to the bit. Terms and their
//          sums are f64 of the run's values, so exact but for the last bits: |gradient - sum| <=
//          1e-6 sum of |products|, where no branch beside the layer reads the input too.
#pragma once

#include "fovea/explain/model/gradients.h"
#include "fovea/explain/model/layer.h"
#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// How the gradient of a class's score flowed back over a value of a layer's output. Of a
/// convolution and a fully connected layer it shows one weight and one input value, which meet
/// there: the ones whose input value is the largest in size. Of other operations that input value
/// which the output value came from.
///
/// The document has "layer", "type", "channel", "at", "class", "name", "score", "value" (of the
/// output), "upstream" (its gradient), and
///   "weight" {"at", "value", "terms" (how many), "sum", "size" (sum of |products|), "largest"
///            [{"at" of the output, "activation", "upstream", "product"}]}, null where there is
///            none
///   "input"  {"at", "value", "gradient" (of all that read it), "terms", "sum" and "size" (through
///            this layer), "largest" [{"at" of the output, "weight", "upstream", "product"}]}, null
///            where none is to be named; its "terms", "sum", "size" and "largest" are null where
///            the operation's are not written out.
/// Throws   as walk_layer; ArgumentError when the score does not depend on the layer.
Walk walk_backward(const ModelRun& run, const LayerGradients& gradients,
                   const LayerOptions& options);

}  // namespace fovea::explain
