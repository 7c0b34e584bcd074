#include "fovea/graph/onnx/schema.h"

namespace fovea::graph {

std::optional<DType> dtype_of_onnx(int type) {
  for (const DType dtype : kAllDTypes) {
    if (onnx_type_of(dtype) == type) return dtype;
  }
  return std::nullopt;
}

std::string onnx_type_name(int type) {
  if (!onnx::TensorProto::DataType_IsValid(type)) return std::to_string(type);
  return onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type));
}

}  // namespace fovea::graph
