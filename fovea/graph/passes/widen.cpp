#include "fovea/graph/operators/dtypes.h"
#include "fovea/graph/passes.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {

namespace {

bool is_half(DType dtype) { return dtype == f16 || dtype == bf16; }

void widen_type(Value& value) {
  if (is_half(value.dtype)) value.dtype = f32;
}

void widen_node(Node& node) {
  for (auto& [name, attribute] : node.attributes) {
    if (auto* const value = std::get_if<Tensor>(&attribute); value != nullptr && value->defined()) {
      if (is_half(value->dtype())) *value = value->to(f32);
    }
  }
  if (node.op != "Cast" || !node.domain.empty()) return;
  const auto to = node.attributes.find("to");
  if (to == node.attributes.end()) return;
  for (const DType half : {f16, bf16}) {
    if (const auto* const number = std::get_if<std::int64_t>(&to->second);
        number != nullptr && *number == onnx_type_of(half))
      to->second = onnx_type_of(f32);
  }
}

}  // namespace

void widen(Graph& graph) {
  const NoGrad no_grad;
  for (Value& input : graph.inputs) widen_type(input);
  for (Value& output : graph.outputs) widen_type(output);
  for (auto& [name, value] : graph.values) widen_type(value);
  for (auto& [name, tensor] : graph.initializers) {
    if (is_half(tensor.dtype())) tensor = tensor.to(f32);
  }
  for (Node& node : graph.nodes) widen_node(node);
}

}  // namespace fovea::graph
