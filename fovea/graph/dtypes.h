// Element types of a graph's values, as its operators give them.
#pragma once

#include <map>
#include <string>

#include "fovea/graph/graph.h"

namespace fovea::graph {

/// The dtypes of inputs and constants, and of the first output of each node that follows from them.
/// What the graph notes of its values (Graph::values) is not believed. Values whose dtype does not
/// follow are left out.
std::map<std::string, DType> known_dtypes(const Graph& graph);

}  // namespace fovea::graph
