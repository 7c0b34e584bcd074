#include "fovea/graph/fresh_names.h"

namespace fovea::graph {

FreshNames::FreshNames(const Graph& graph) {
  for (const Value& input : graph.inputs) taken_.insert(input.name);
  for (const Value& output : graph.outputs) taken_.insert(output.name);
  for (const auto& [name, tensor] : graph.initializers) taken_.insert(name);
  for (const auto& [name, value] : graph.values) taken_.insert(name);
  for (const Node& node : graph.nodes) {
    taken_.insert(node.inputs.begin(), node.inputs.end());
    taken_.insert(node.outputs.begin(), node.outputs.end());
  }
}

std::string FreshNames::like(std::string name) {
  while (!taken_.insert(name).second) name += "_";
  return name;
}

}  // namespace fovea::graph
