#include <set>

#include "fovea/graph/passes.h"

namespace fovea::graph {

void remove_dead(Graph& graph) {
  std::set<std::string> wanted;
  for (const Value& output : graph.outputs) wanted.insert(output.name);
  std::vector<Node> kept;
  // From the last node to the first: all readers of a node's results stand behind it.
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    bool used = false;
    for (const std::string& output : node->outputs)
      used = used || (!output.empty() && wanted.contains(output));
    if (!used) {
      for (const std::string& output : node->outputs) graph.values.erase(output);
      continue;
    }
    for (const std::string& input : node->inputs) wanted.insert(input);
    kept.push_back(std::move(*node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  std::erase_if(graph.initializers,
                [&](const auto& entry) { return !wanted.contains(entry.first); });
}

}  // namespace fovea::graph
