// From ONNX's TensorProto to tensors. Included by .cpp files of this folder alone.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "fovea/graph/onnx/schema.h"
#include "fovea/tensor/tensor.h"

namespace fovea::graph {

/// Where a model came from: for messages, and to find its external files.
struct Origin {
  std::string name;              ///< the file's name, for messages
  std::filesystem::path folder;  ///< external files lie in it or below; empty: there are none
};

/// Throws a ParseError of one line: `what`, in which names that the model chose may stand, and the
/// file.
[[noreturn]] void refuse(const Origin& origin, std::string_view what);

/// The tensor that `proto` describes. `raw`, unless empty, are the bytes of its raw_data, which
/// have been left in the file.
/// Throws ParseError, naming the tensor, when type, shape and data do not fit together, or an
/// external file is not inside the model's folder; IoError when that cannot be read.
Tensor read_tensor(const onnx::TensorProto& proto, std::span<const std::byte> raw,
                   const Origin& origin);

}  // namespace fovea::graph
