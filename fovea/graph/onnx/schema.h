// What the ONNX reader and writer share: the schema's classes, and its names for dtypes. Included
// by .cpp files of this folder alone.
#pragma once

#include <optional>
#include <string>

#include "fovea/tensor/trace.h"
#include "onnx.pb.h"

namespace fovea::graph {

/// The dtype that the schema's number `type` means; nothing for strings, complex numbers and
/// numbers that it does not have.
std::optional<DType> dtype_of_onnx(int type);
/// The schema's name for a number: "FLOAT16".
std::string onnx_type_name(int type);

}  // namespace fovea::graph
