// A graph as a picture.
#pragma once

#include "fovea/graph/graph.h"
#include "fovea/io/svg.h"

namespace fovea::graph {

/// The graph as boxes, a row a level, inputs on top: a node stands below all that it uses. Each box
/// has the operator's name, the node's, and the shape of its result where it is known; the colour
/// tells the kind of operator.
io::SvgCanvas draw(const Graph& graph);

}  // namespace fovea::graph
