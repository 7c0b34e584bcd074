#include "fovea/graph/dtypes.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "fovea/graph/operators.h"

namespace fovea::graph {

namespace {

std::optional<DType> dtype_in(const Attribute& attribute) {
  if (const auto* const tensor = std::get_if<Tensor>(&attribute)) return tensor->dtype();
  const auto* const number = std::get_if<std::int64_t>(&attribute);
  if (number == nullptr) return {};
  const auto* const found = std::ranges::find(kAllDTypes, *number, onnx_type_of);
  return found == std::end(kAllDTypes) ? std::nullopt : std::optional(*found);
}

std::optional<DType> result_of(const Node& node, const std::map<std::string, DType>& known) {
  const Operator* const found = find_operator(node.domain, node.op);
  if (found == nullptr) return {};
  const ResultDType& rule = found->dtype;
  if (rule.attribute != nullptr) {
    const auto attribute = node.attributes.find(rule.attribute);
    return attribute == node.attributes.end() ? rule.dtype : dtype_in(attribute->second);
  }
  if (rule.dtype) return rule.dtype;
  const auto source = known.find(std::string(input_of(node, rule.input)));
  return source == known.end() ? std::nullopt : std::optional(source->second);
}

}  // namespace

std::map<std::string, DType> known_dtypes(const Graph& graph) {
  std::map<std::string, DType> known;
  for (const Value& input : graph.inputs) known[input.name] = input.dtype;
  for (const auto& [name, tensor] : graph.initializers) known[name] = tensor.dtype();
  for (const Node& node : graph.nodes) {
    if (node.outputs.empty() || node.outputs[0].empty()) continue;
    if (const auto dtype = result_of(node, known)) known[node.outputs[0]] = *dtype;
  }
  return known;
}

}  // namespace fovea::graph
