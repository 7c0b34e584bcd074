// From ONNX's TensorProto to tensors. Included by .cpp files of this folder alone.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/graph/onnx/schema.h"
#include "fovea/io/mapped_file.h"
#include "fovea/io/tensors/array_bytes.h"
#include "fovea/tensor/tensor.h"

namespace fovea::graph {

/// Where a model came from: for messages, and to find its external files.
struct Origin {
  std::string name;              ///< the file's name, for messages
  std::filesystem::path folder;  ///< external files lie in it or below; empty: there are none
  /// The folder that the file itself lies in where `name` is a link to it: external files may lie
  /// there too, as in stores that keep files by content and link to them. Empty: the same one.
  std::filesystem::path real_folder = {};
  const io::MappedFile* mapping = nullptr;  ///< where the model is mapped, if it is
};

/// Throws a ParseError of one line: `what`, in which names that the model chose may stand, and the
/// file.
[[noreturn]] void refuse(const Origin& origin, std::string_view what);

/// Where a tensor's elements lie, and what they lie in besides the model's own bytes.
struct TensorBytes {
  io::ArrayBytes array;                  ///< the elements
  std::vector<std::byte> unpacked = {};  ///< of a tensor that is written number by number
  std::shared_ptr<const io::MappedFile> file = {};  ///< of a tensor in an external file
};

/// The tensor that `proto` describes. `raw`, unless empty, are the bytes of its raw_data, which
/// have been left in the file. The result points into `proto`, `raw` and itself.
/// Throws ParseError, naming the tensor, when type, shape and data do not fit together, or an
/// external file is not inside the model's folder; IoError when that cannot be read.
TensorBytes find_tensor(const onnx::TensorProto& proto, std::span<const std::byte> raw,
                        const Origin& origin);

/// find_tensor, in memory of its own.
Tensor read_tensor(const onnx::TensorProto& proto, std::span<const std::byte> raw,
                   const Origin& origin);

}  // namespace fovea::graph
