#include <algorithm>
#include <set>
#include <vector>

#include "fovea/graph/fresh_names.h"
#include "fovea/graph/node_reader.h"
#include "fovea/graph/passes.h"

namespace fovea::graph {

namespace {

using Ints = std::vector<std::int64_t>;

/// The constants that Reshapes may take their sizes from: i64 lists, by name.
std::map<std::string, Ints> lists_of(const Graph& graph) {
  std::map<std::string, Ints> lists;
  const auto add = [&](const std::string& name, const Tensor& value) {
    if (value.dtype() == i64 && value.dim() == 1) lists[name] = value.to_vector<std::int64_t>();
  };
  for (const auto& [name, tensor] : graph.initializers) add(name, tensor);
  for (const Node& node : graph.nodes) {
    if (node.op != "Constant" || !node.domain.empty() || node.outputs.empty()) continue;
    if (const auto value = node.attributes.find("value"); value != node.attributes.end()) {
      if (const auto* const tensor = std::get_if<Tensor>(&value->second))
        add(node.outputs[0], *tensor);
    } else if (const auto ints = node.attributes.find("value_ints");
               ints != node.attributes.end()) {
      if (const auto* const list = std::get_if<Ints>(&ints->second)) lists[node.outputs[0]] = *list;
    }
  }
  return lists;
}

/// The sizes with the first free, where a Reshape can say so: -1, what is left, or beside another
/// -1 0, as many as before. Nothing otherwise.
std::optional<Ints> with_free_batch(Ints sizes, std::int64_t batch, bool allow_zero) {
  if (sizes.empty() || sizes[0] != batch) return {};
  const bool has_rest = std::ranges::find(sizes, -1) != sizes.end();
  const bool has_copy = std::ranges::find(sizes, 0) != sizes.end();
  if (allow_zero && has_copy) return {};
  sizes[0] = has_rest ? 0 : -1;
  return sizes;
}

}  // namespace

void free_batch(Graph& graph, std::int64_t batch) {
  const auto free_first = [](Value& value) {
    if (value.has_sizes && !value.sizes.empty()) value.sizes[0] = kFree;
  };
  free_first(graph.inputs.at(0));
  for (Value& output : graph.outputs) free_first(output);
  graph.values.clear();  // what is known of the values between is true for one batch size alone
  const std::map<std::string, Ints> lists = lists_of(graph);
  FreshNames names(graph);
  std::set<std::string> of_images = {graph.inputs[0].name};
  for (Node& node : graph.nodes) {
    const bool reached = std::ranges::any_of(
        node.inputs, [&](const std::string& input) { return of_images.contains(input); });
    if (!reached) continue;
    for (const std::string& output : node.outputs)
      if (!output.empty()) of_images.insert(output);
    if (node.op != "Reshape" || !node.domain.empty() || node.inputs.size() != 2) continue;
    const auto sizes = lists.find(node.inputs[1]);
    if (sizes == lists.end()) continue;
    const bool allow_zero = NodeReader(node, graph.opset).integer("allowzero", 0) != 0;
    const auto freed = with_free_batch(sizes->second, batch, allow_zero);
    if (!freed) continue;
    node.attributes.erase("allowzero");  // there is no such 0
    node.inputs[1] = names.like(node.inputs[1] + ".free");
    graph.initializers[node.inputs[1]] =
        from_data(*freed, {static_cast<std::int64_t>(freed->size())});
  }
  remove_dead(graph);
}

}  // namespace fovea::graph
