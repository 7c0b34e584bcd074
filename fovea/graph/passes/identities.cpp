#include <map>
#include <set>

#include "fovea/graph/dtypes.h"
#include "fovea/graph/passes.h"

namespace fovea::graph {

namespace {

/// True when the node's first output is its first input.
bool is_identity(const Node& node, const std::map<std::string, DType>& dtypes) {
  if (!node.domain.empty() || input_of(node, 0).empty() || node.outputs[0].empty()) return false;
  if (node.op == "Identity") return true;
  // Without a third input it is inference; the mask must not be wanted.
  if (node.op == "Dropout") return node.inputs.size() < 3 && node.outputs.size() == 1;
  if (node.op != "Cast") return false;
  const auto to = node.attributes.find("to");
  const auto known = dtypes.find(node.inputs[0]);
  return to != node.attributes.end() && known != dtypes.end() &&
         std::holds_alternative<std::int64_t>(to->second) &&
         std::get<std::int64_t>(to->second) == onnx_type_of(known->second);
}

}  // namespace

void remove_identities(Graph& graph) {
  std::set<std::string> outputs;
  for (const Value& output : graph.outputs) outputs.insert(output.name);
  std::map<std::string, std::size_t> made_by;  // where a value's node stands in `kept`
  std::map<std::string, int> uses = count_uses(graph);
  std::map<std::string, std::string> same;  // what a value that is taken out is equal to
  const std::map<std::string, DType> dtypes = known_dtypes(graph);
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    for (std::string& input : node.inputs) {
      if (const auto found = same.find(input); found != same.end()) input = found->second;
    }
    if (is_identity(node, dtypes)) {
      const std::string from = node.inputs[0], to = node.outputs[0];
      if (!outputs.contains(to)) {
        same[to] = from;
        uses[from] += uses[to] - 1;
        graph.values.erase(to);
        continue;
      }
      // The graph's output keeps its name: whoever made the value calls it so, if nobody else
      // reads it.
      const auto source = made_by.find(from);
      if (source != made_by.end() && uses[from] == 1 && !outputs.contains(from)) {
        for (std::string& output : kept[source->second].outputs) {
          if (output == from) output = to;
        }
        graph.values.erase(from);
        made_by[to] = source->second;
        continue;
      }
    }
    for (const std::string& output : node.outputs) made_by[output] = kept.size();
    kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

}  // namespace fovea::graph
