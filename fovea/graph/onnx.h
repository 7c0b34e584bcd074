// ONNX files: models as the field exchanges them.
//
// Read: operator sets 6 to 21, weights in typed fields, raw, or in external files that lie in the
// model's folder or below it, links followed, those to the model included. A file is believed only
// as far as it has been checked; whatever is wrong is a ParseError that names the file and the part
// of the model.
// Written: operator set 17, IR version 8 for models of Fovea's own, and for a graph that was read
// the operator set that it had; everything in one file.
//
// Source   https://github.com/onnx/onnx, onnx.proto and docs/Operators.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/graph/graph.h"
#include "fovea/io/tensors/file_arrays.h"

namespace fovea::graph {

inline constexpr int kOldestOpset = 6;   ///< the first operator set that is read
inline constexpr int kNewestOpset = 21;  ///< the last one

/// What becomes of a file's weights: its floating-point initializers and what Constant nodes give,
/// but for what is read for its numbers (graph/weights.h).
enum class OnnxWeights : std::uint8_t {
  kRead,    ///< they are in the graph, as in the file
  kInFile,  ///< they become inputs after the model's own: the graph is the network alone
};

/// Reads a model.
/// Throws   IoError when a file cannot be read; ParseError for what is no ONNX model, an operator
///          that Fovea lacks (named with its node and operator set), or an external file outside
///          the model's folder.
Graph load_onnx(const std::filesystem::path& path, OnnxWeights weights = OnnxWeights::kRead);

/// The initializers of a model, whatever their dtype, the floating-point values of its Constant
/// nodes, and its metadata, for `io::TensorFile("model.onnx", onnx_arrays)`: weights that are read
/// one by one. What nobody reads and Fovea cannot is left out. External files are looked for in the
/// folder of `file.name`. Throws as load_onnx, but for operators.
io::FileArrays onnx_arrays(const io::FileBytes& file);

/// Reads a model from memory. `name` stands for the file in messages; external files are looked
/// for in `folder`, and refused when that is empty.
Graph parse_onnx(std::span<const std::byte> content, const std::string& name,
                 const std::filesystem::path& folder = {});

/// Reads a serialised TensorProto, as the ONNX project's test data has them. Throws ParseError.
Tensor parse_onnx_tensor(std::span<const std::byte> content, const std::string& name);

/// Writes a model, whole or not at all. Throws ArgumentError for a graph that ONNX cannot hold (a
/// fused operator, an operator set that Fovea does not read, 2 GiB or more), IoError.
void save_onnx(const std::filesystem::path& path, const Graph& graph);

/// What save_onnx writes.
std::vector<std::byte> encode_onnx(const Graph& graph);

}  // namespace fovea::graph
