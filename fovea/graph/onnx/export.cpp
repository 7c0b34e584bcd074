// From a graph to ONNX's ModelProto.

#include <algorithm>

#include "fovea/core/version.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/onnx/schema.h"
#include "fovea/io/atomic_file.h"

namespace fovea::graph {

namespace {

/// The version of the file format that came with an operator set; 8, which everybody reads, for
/// older ones. Source: onnx/docs/Versioning.md.
int ir_version_of(int opset) { return opset <= 18 ? 8 : opset <= 20 ? 9 : 10; }

// Protobuf's limit for a message.
constexpr std::size_t kMaxBytes = (std::size_t{1} << 31) - 1;

void write_tensor(const Tensor& tensor, const std::string& name, onnx::TensorProto& proto) {
  proto.set_name(name);
  proto.set_data_type(static_cast<int>(onnx_type_of(tensor.dtype())));
  for (const std::int64_t size : tensor.sizes()) proto.add_dims(size);
  const std::vector<std::byte> bytes = to_bytes(tensor);
  proto.set_raw_data(bytes.data(), bytes.size());
}

void write_value(const Value& value, onnx::ValueInfoProto& proto) {
  proto.set_name(value.name);
  auto& type = *proto.mutable_type()->mutable_tensor_type();
  type.set_elem_type(static_cast<int>(onnx_type_of(value.dtype)));
  if (!value.has_sizes) return;
  auto& shape = *type.mutable_shape();
  for (const std::int64_t size : value.sizes) {
    auto& dimension = *shape.add_dim();
    if (size == kFree)
      dimension.set_dim_param("N");
    else
      dimension.set_dim_value(size);
  }
}

struct AttributeWriter {
  onnx::AttributeProto& proto;

  void operator()(std::int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(double value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(static_cast<float>(value));
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    proto.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<double>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (const double value : values) proto.add_floats(static_cast<float>(value));
  }
  void operator()(const std::vector<std::string>& values) const {
    proto.set_type(onnx::AttributeProto::STRINGS);
    for (const std::string& value : values) proto.add_strings(value);
  }
  void operator()(const Tensor& value) const {
    proto.set_type(onnx::AttributeProto::TENSOR);
    write_tensor(value, "", *proto.mutable_t());
  }
};

void write_node(const Node& node, onnx::NodeProto& proto) {
  check<ArgumentError>(node.domain.empty(), "onnx: nodes expected to have ONNX's operators, got ",
                       describe(node), " (export before fusing)");
  proto.set_name(node.name);
  proto.set_op_type(node.op);
  for (const std::string& input : node.inputs) proto.add_input(input);
  for (const std::string& output : node.outputs) proto.add_output(output);
  for (const auto& [name, value] : node.attributes) {
    auto& attribute = *proto.add_attribute();
    attribute.set_name(name);
    std::visit(AttributeWriter{attribute}, value);
  }
}

onnx::ModelProto to_model(const Graph& graph) {
  check<ArgumentError>(graph.opset >= kOldestOpset && graph.opset <= kNewestOpset,
                       "onnx: opset expected ", kOldestOpset, " to ", kNewestOpset, ", got ",
                       graph.opset);
  check_graph(graph);
  onnx::ModelProto model;
  model.set_ir_version(ir_version_of(graph.opset));
  model.set_producer_name("fovea");
  model.set_producer_version(std::string(version()));
  auto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(graph.opset);
  for (const auto& [key, value] : graph.metadata) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  auto& proto = *model.mutable_graph();
  proto.set_name(graph.name);
  for (const Value& input : graph.inputs) write_value(input, *proto.add_input());
  for (const Value& input : graph.defaults)
    if (graph.initializers.contains(input.name)) write_value(input, *proto.add_input());
  for (const Value& output : graph.outputs) write_value(output, *proto.add_output());
  for (const auto& [name, tensor] : graph.initializers)
    write_tensor(tensor, name, *proto.add_initializer());
  for (const Node& node : graph.nodes) {
    write_node(node, *proto.add_node());
    for (const std::string& output : node.outputs) {
      const auto known = graph.values.find(output);
      const bool is_output =
          std::ranges::find(graph.outputs, output, &Value::name) != graph.outputs.end();
      if (known != graph.values.end() && !is_output)
        write_value(known->second, *proto.add_value_info());
    }
  }
  return model;
}

void check_size(std::size_t bytes) {
  check<ArgumentError>(bytes <= kMaxBytes,
                       "onnx: model expected below 2 GiB, protobuf's limit, got ", bytes, " bytes");
}

}  // namespace

std::vector<std::byte> encode_onnx(const Graph& graph) {
  // The weights alone may be too much: then nothing is copied.
  std::size_t weights = 0;
  for (const auto& [name, tensor] : graph.initializers)
    weights += static_cast<std::size_t>(tensor.numel()) * size_of(tensor.dtype());
  check_size(weights);
  const onnx::ModelProto model = to_model(graph);
  const std::size_t size = model.ByteSizeLong();
  check_size(size);
  std::vector<std::byte> bytes(size);
  model.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

void save_onnx(const std::filesystem::path& path, const Graph& graph) {
  io::write_file(path, encode_onnx(graph));
}

}  // namespace fovea::graph
