// From ONNX's ModelProto to a graph.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "fovea/graph/onnx.h"
#include "fovea/graph/onnx/read_node.h"
#include "fovea/graph/onnx/read_tensor.h"
#include "fovea/graph/onnx/schema.h"
#include "fovea/graph/onnx/skeleton.h"
#include "fovea/graph/operators.h"
#include "fovea/graph/weights.h"
#include "fovea/io/mapped_file.h"

namespace fovea::graph {

namespace {

/// The version of ONNX's own operators that the model uses.
int opset_of(const onnx::ModelProto& model, const Origin& origin) {
  std::int64_t version = -1;
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") version = import.version();
  }
  require(version >= 0, origin, "opset_import expected a version of ai.onnx, got none");
  require(version >= kOldestOpset && version <= kNewestOpset, origin, "opset expected ",
          kOldestOpset, " to ", kNewestOpset, ", got ", version);
  return static_cast<int>(version);
}

Value read_value(const onnx::ValueInfoProto& info, const Origin& origin) {
  Value value{.name = info.name(), .has_sizes = false};
  require(info.type().has_tensor_type(), origin, "value \"", info.name(),
          "\" expected to be a tensor, got a sequence, map, optional or sparse one");
  const auto& type = info.type().tensor_type();
  const auto dtype = dtype_of_onnx(type.elem_type());
  require(dtype.has_value(), origin, "value \"", info.name(),
          "\" expected a type that Fovea has, got ", onnx_type_name(type.elem_type()));
  value.dtype = *dtype;
  if (!type.has_shape()) return value;
  value.has_sizes = true;
  for (const auto& dimension : type.shape().dim())
    value.sizes.push_back(
        dimension.has_dim_value() && dimension.dim_value() >= 0 ? dimension.dim_value() : kFree);
  return value;
}

/// A file's model: what protobuf makes of it, and where in the content the weights lie.
struct OnnxModel {
  Origin origin;
  Skeleton skeleton;
  onnx::ModelProto proto;

  const onnx::GraphProto& graph() const { return proto.graph(); }
  /// What of initializer `i` was left in the content.
  std::span<const std::byte> raw(int i) const { return skeleton.raw[static_cast<std::size_t>(i)]; }
};

OnnxModel parse_model(const io::FileBytes& file, const std::filesystem::path& folder,
                      const std::filesystem::path& real_folder = {}) {
  OnnxModel model{.origin = {.name = file.name,
                             .folder = folder,
                             .real_folder = real_folder,
                             .mapping = file.mapping},
                  .skeleton = {},
                  .proto = {}};
  const Origin& origin = model.origin;
  require(file.bytes.size() < (std::size_t{1} << 31), origin,
          "file expected to be smaller than 2 GiB, protobuf's limit, got ", file.bytes.size(),
          " bytes (larger models keep their weights in external files)");
  model.skeleton = cut_weights(file.bytes, file.name);
  require(model.proto.ParseFromString(model.skeleton.message), origin,
          "content expected to be a ModelProto, got something else");
  require(model.proto.has_graph(), origin, "model expected to have a graph, got none");
  const int count = model.graph().initializer_size();
  require(static_cast<std::size_t>(count) == model.skeleton.raw.size(), origin,
          "initializers expected ", model.skeleton.raw.size(), ", got ", count);
  std::set<std::string_view> names;
  for (int i = 0; i < count; ++i) {
    const std::string& name = model.graph().initializer(i).name();
    require(!name.empty(), origin, "initializer ", i, " expected a name, got none");
    require(names.insert(name).second, origin, "initializer \"", name,
            "\" expected once, got twice");
  }
  return model;
}

/// Names of values that nodes read, or that the graph gives.
std::set<std::string_view> used_values(const onnx::GraphProto& graph) {
  std::set<std::string_view> used;
  for (const auto& node : graph.node()) used.insert(node.input().begin(), node.input().end());
  for (const auto& output : graph.output()) used.insert(output.name());
  return used;
}

/// True for a tensor that can be read without anybody's wanting it: others may be of a type that
/// Fovea lacks, or in a file that is not there.
bool is_readable(const onnx::TensorProto& proto) {
  return dtype_of_onnx(proto.data_type()).has_value() &&
         proto.data_location() != onnx::TensorProto::EXTERNAL;
}

/// Calls f(i, proto) for the initializers that are to be read.
template <class F>
void for_initializers(const OnnxModel& model, const std::set<std::string_view>& used, const F& f) {
  for (const auto& sparse : model.graph().sparse_initializer()) {
    require(!used.contains(sparse.values().name()), model.origin,
            "initializers expected to be dense, got sparse ones");
  }
  for (int i = 0; i < model.graph().initializer_size(); ++i) {
    const onnx::TensorProto& proto = model.graph().initializer(i);
    if (used.contains(proto.name()) || is_readable(proto)) f(i, proto);
  }
}

/// What runs the node; an error is the file's, which has chosen the names in it.
Run bound(const Node& node, int opset, const Origin& origin) {
  try {
    return bind_node(node, opset);
  } catch (const Error& error) {
    refuse(origin, error.what());
  }
}

void read_nodes(const OnnxModel& model, const std::set<std::string_view>& used, Graph& graph) {
  for (const auto& proto : model.graph().node()) {
    if (is_constant(proto) && !used.contains(proto.output(0))) continue;
    graph.nodes.push_back(read_node(proto, model.origin));
    (void)bound(graph.nodes.back(), graph.opset, model.origin);  // its attributes are judged now
  }
  sort_nodes(graph);
}

/// Initializers as tensors, or those that are weights as inputs, Constant nodes among them.
void read_initializers(const OnnxModel& model, const std::set<std::string_view>& used,
                       OnnxWeights weights, Graph& graph) {
  const bool in_file = weights == OnnxWeights::kInFile;
  const std::set<std::string> numbers = in_file ? numbers_of(graph) : std::set<std::string>();
  for_initializers(model, used, [&](int i, const onnx::TensorProto& proto) {
    const auto dtype = dtype_of_onnx(proto.data_type());
    if (in_file && dtype && is_floating(*dtype) && !numbers.contains(proto.name())) {
      const TensorBytes found = find_tensor(proto, model.raw(i), model.origin);
      graph.inputs.push_back(
          {.name = proto.name(), .dtype = *dtype, .sizes = to_ints(found.array.sizes)});
    } else {
      graph.initializers[proto.name()] = read_tensor(proto, model.raw(i), model.origin);
    }
  });
  if (!in_file) return;
  hoist_weights(graph);
  (void)take_weights(graph, weights_of(graph));
}

Graph read_graph(const OnnxModel& model, OnnxWeights weights) {
  const onnx::GraphProto& proto = model.graph();
  const Origin& origin = model.origin;
  Graph graph{.name = proto.name(), .opset = opset_of(model.proto, origin), .file = origin.name};
  require_operators(proto, graph.opset, origin);
  std::set<std::string_view> initializers;
  for (const auto& initializer : proto.initializer()) initializers.insert(initializer.name());
  const std::set<std::string_view> used = used_values(proto);
  // An initializer that is an input too, as every one was before IR version 4, is its default.
  for (const auto& input : proto.input()) {
    if (!initializers.contains(input.name()))
      graph.inputs.push_back(read_value(input, origin));
    else if (used.contains(input.name()))
      graph.defaults.push_back(read_value(input, origin));
  }
  read_nodes(model, used, graph);
  read_initializers(model, used, weights, graph);
  for (const auto& output : proto.output()) graph.outputs.push_back(read_value(output, origin));
  for (const auto& info : proto.value_info()) {
    // What is known of values is for people; one that is no tensor can still be in the graph.
    if (info.type().has_tensor_type() && dtype_of_onnx(info.type().tensor_type().elem_type()))
      graph.values[info.name()] = read_value(info, origin);
  }
  for (const auto& entry : model.proto.metadata_props())
    graph.metadata[entry.key()] = entry.value();
  try {
    check_graph(graph);
  } catch (const ParseError& error) {
    refuse(origin, error.what());
  }
  return graph;
}

/// The model in `file`, whose external files lie in its folder.
OnnxModel parse_file(const io::FileBytes& file) {
  const std::filesystem::path path = file.name;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return parse_model(file, path.has_parent_path() ? path.parent_path() : ".", real.parent_path());
}

/// The tensor that a Constant node gives, when it is one of floating point that somebody reads.
std::optional<Tensor> constant_of(const OnnxModel& model, const onnx::NodeProto& proto,
                                  const std::set<std::string_view>& used) {
  if (!is_constant(proto) || !used.contains(proto.output(0))) return {};
  const bool has_floats = std::ranges::any_of(proto.attribute(), [](const auto& attribute) {
    if (attribute.name() == "value_float" || attribute.name() == "value_floats") return true;
    const auto dtype = dtype_of_onnx(attribute.t().data_type());
    return attribute.name() == "value" && dtype && is_floating(*dtype);
  });
  if (!has_floats) return {};
  const Node node = read_node(proto, model.origin);
  return bound(node, kNewestOpset, model.origin)(Inputs({}, node.op))[0];
}

}  // namespace

Graph parse_onnx(std::span<const std::byte> content, const std::string& name,
                 const std::filesystem::path& folder) {
  return read_graph(parse_model({content, name}, folder), OnnxWeights::kRead);
}

Graph load_onnx(const std::filesystem::path& path, OnnxWeights weights) {
  const io::MappedFile file(path);
  return read_graph(parse_file({file.bytes(), path.string(), &file}), weights);
}

io::FileArrays onnx_arrays(const io::FileBytes& file) {
  const OnnxModel model = parse_file(file);
  io::FileArrays content{.from_graph = true};
  const std::set<std::string_view> used = used_values(model.graph());
  for_initializers(model, used, [&](int i, const onnx::TensorProto& proto) {
    TensorBytes found = find_tensor(proto, model.raw(i), model.origin);
    if (model.raw(i).empty() && found.file == nullptr) {
      // Protobuf has it, for as long as this function runs.
      const auto bytes = found.array.bytes;
      content.unpacked.emplace_back(bytes.begin(), bytes.end());
      found.array.bytes = content.unpacked.back();
    }
    if (found.file != nullptr) content.others.push_back(found.file);
    content.arrays.push_back({proto.name(), std::move(found.array)});
  });
  for (const auto& proto : model.graph().node()) {
    const auto value = constant_of(model, proto, used);
    if (!value) continue;
    content.unpacked.push_back(to_bytes(*value));
    content.arrays.push_back({proto.output(0),
                              {.dtype = value->dtype(),
                               .sizes = value->sizes(),
                               .strides = contiguous_strides(value->sizes()),
                               .bytes = content.unpacked.back(),
                               .format = "onnx",
                               .where = file.name}});
  }
  for (const auto& entry : model.proto.metadata_props())
    content.metadata[entry.key()] = entry.value();
  return content;
}

Tensor parse_onnx_tensor(std::span<const std::byte> content, const std::string& name) {
  const Origin origin{name, {}};
  onnx::TensorProto proto;
  require(content.size() < (std::size_t{1} << 31) &&
              proto.ParseFromArray(content.data(), static_cast<int>(content.size())),
          origin, "content expected to be a TensorProto, got something else");
  return read_tensor(proto, {}, origin);
}

}  // namespace fovea::graph
