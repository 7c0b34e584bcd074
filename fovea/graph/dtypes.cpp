#include "fovea/graph/dtypes.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace fovea::graph {

namespace {

/// An operator whose result does not have its first input's dtype.
struct Gives {
  std::string_view op;
  std::optional<DType> dtype;  ///< nothing: that of an input
  std::size_t input = 0;       ///< which
};

constexpr Gives kGives[] = {
    {"And", boolean},
    {"ArgMax", i64},
    {"ArgMin", i64},
    {"CastLike", {}, 1},
    {"Equal", boolean},
    {"Greater", boolean},
    {"GreaterOrEqual", boolean},
    {"IsNaN", boolean},
    {"Less", boolean},
    {"LessOrEqual", boolean},
    {"Not", boolean},
    {"OneHot", {}, 2},
    {"Or", boolean},
    {"Shape", i64},
    {"Size", i64},
    {"Where", {}, 1},
    {"Xor", boolean},
};

std::optional<DType> dtype_in(const Attribute& attribute) {
  if (const auto* const tensor = std::get_if<Tensor>(&attribute)) return tensor->dtype();
  const auto* const number = std::get_if<std::int64_t>(&attribute);
  if (number == nullptr) return {};
  const auto* const found = std::ranges::find(kAllDTypes, *number, onnx_type_of);
  return found == std::end(kAllDTypes) ? std::nullopt : std::optional(*found);
}

std::optional<DType> result_of(const Node& node, const std::map<std::string, DType>& known) {
  const auto attribute = [&](const char* name, std::optional<DType> otherwise) {
    const auto found = node.attributes.find(name);
    return found == node.attributes.end() ? otherwise : dtype_in(found->second);
  };
  if (node.domain.empty() && node.op == "Cast") return attribute("to", {});
  if (node.domain.empty() && node.op == "ConstantOfShape") return attribute("value", f32);
  if (node.domain.empty() && node.op == "Constant") {
    // The other forms are of few elements, and made constants before anybody asks.
    return attribute("value", {});
  }
  const auto* const other = std::ranges::find(kGives, node.op, &Gives::op);
  const bool differs = node.domain.empty() && other != std::end(kGives);
  if (differs && other->dtype) return other->dtype;
  const auto source = known.find(std::string(input_of(node, differs ? other->input : 0)));
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
