// A small ONNX model to change and to read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/onnx/schema.h"

namespace fovea::test {

inline std::vector<std::byte> bytes_of(const google::protobuf::MessageLite& message) {
  const std::string text = message.SerializeAsString();
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// y = x + w, x [N, 2] f32, w an initializer.
inline onnx::ModelProto small_model(int opset = 13) {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(opset);
  auto& graph = *model.mutable_graph();
  graph.set_name("small");
  auto& node = *graph.add_node();
  node.set_op_type("Add");
  node.set_name("sum");
  node.add_input("x");
  node.add_input("w");
  node.add_output("y");
  auto& weight = *graph.add_initializer();
  weight.set_name("w");
  weight.set_data_type(onnx::TensorProto::FLOAT);
  weight.add_dims(2);
  weight.add_float_data(10);
  weight.add_float_data(20);
  for (auto* value : {graph.add_input(), graph.add_output()}) {
    auto& type = *value->mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    type.mutable_shape()->add_dim()->set_dim_value(2);
  }
  graph.mutable_input(0)->set_name("x");
  graph.mutable_output(0)->set_name("y");
  return model;
}

/// What parse_onnx says about the model after `change`.
template <class F>
std::string error_of(const F& change, const std::filesystem::path& folder = {}) {
  onnx::ModelProto model = small_model();
  change(model);
  try {
    graph::parse_onnx(bytes_of(model), "m.onnx", folder);
  } catch (const ParseError& error) {
    return error.what();
  }
  return "no error";
}

inline onnx::TensorProto& weight_of(onnx::ModelProto& model) {
  return *model.mutable_graph()->mutable_initializer(0);
}

}  // namespace fovea::test
