// Names for values that a pass makes.
#pragma once

#include <set>
#include <string>

#include "fovea/graph/graph.h"

namespace fovea::graph {

/// Makes up names that nothing in a graph has: no input, output, constant or result of a node.
class FreshNames {
 public:
  /// Knows the names that `graph` has now.
  explicit FreshNames(const Graph& graph);
  /// `name`, or something like it, which is taken from now on.
  std::string like(std::string name);

 private:
  std::set<std::string> taken_;
};

}  // namespace fovea::graph
