// Networks that an ONNX file describes (docs/onnx.md). Its operations, encoded as text, are an
// option of the model "onnx", as a list of layers is of "layers": who keeps the options, as a
// weights file does, can make the model without the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "fovea/graph/graph_module.h"

namespace fovea::models {

struct ModelEntry;

/// Options of make_onnx_model.
struct OnnxModelOptions {
  std::string graph;                ///< the operations: onnx_graph_text
  std::string file = "onnx";        ///< what messages call it
  std::int64_t num_classes = 1000;  ///< scores that the network must give
  std::int64_t in_channels = 3;     ///< channels of an image
  std::int64_t image_size = 224;    ///< height and width of an image
};

/// The operations of an ONNX file as text: the model in f32 without its weights, which are inputs,
/// as base64 of an ONNX file. Half precision is widened; what the network reads for its numbers,
/// such as the scales of a Resize, is no weight.
/// Throws   IoError; ParseError as graph::load_onnx, when the model has several inputs, or when it
///          is more than 16 MiB without them.
std::string onnx_graph_text(const std::filesystem::path& path);

/// The network with zeros for weights. A batch size that the file fixes is made free where images
/// get then what each gets alone; else they are served so many at a time. A Softmax at the end is
/// left out: it gives scores, as every model.
/// Shapes   [n, in_channels, image_size, image_size] -> [n, num_classes].
/// Throws   ParseError for text that is none, and for a network that does not take images of that
///          size or does not give that many scores.
std::shared_ptr<graph::GraphModule> make_onnx_model(const OnnxModelOptions& options);

/// "onnx". It is not among the names that people are offered: they name a file.
ModelEntry onnx_entry();

}  // namespace fovea::models
