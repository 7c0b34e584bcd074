// From a module to its graph: by running it once and noting what it does.
#pragma once

#include <string>

#include "fovea/graph/graph.h"
#include "fovea/nn/module.h"

namespace fovea::graph {

/// How to trace.
struct TraceOptions {
  std::string name = "model";     ///< of the graph
  std::string input = "input";    ///< name of the input
  std::string output = "logits";  ///< name of the output
};

/// The graph of `module` in evaluation mode, from one run on zeros of shape `input`, [n, ...]. The
/// batch size is free in the graph: sizes in first place that are n become so. Weights are the
/// module's own tensors, by their names in its state dict, and nodes are called like the modules
/// whose weights they use. A GraphModule gives its graph, with the names that it has.
///
/// Requires that what the module does depends on its input's shape alone.
/// Throws   ArgumentError, naming the operation, when the module does something on its input that
///          has no operator in ONNX, and what the module throws.
Graph trace(nn::Module& module, const Shape& input, const TraceOptions& options = {});

}  // namespace fovea::graph
