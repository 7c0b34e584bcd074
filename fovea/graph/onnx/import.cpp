// From ONNX's ModelProto to a graph.

#include <set>
#include <string_view>
#include <utility>

#include "fovea/graph/onnx.h"
#include "fovea/graph/onnx/read_tensor.h"
#include "fovea/graph/onnx/schema.h"
#include "fovea/graph/onnx/skeleton.h"
#include "fovea/graph/operators.h"
#include "fovea/io/mapped_file.h"

namespace fovea::graph {

namespace {

template <class... Parts>
void require(bool ok, const Origin& origin, const Parts&... parts) {
  if (!ok) refuse(origin, str("onnx: ", parts...));
}

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

Attribute read_attribute(const onnx::AttributeProto& proto, const Node& node,
                         const Origin& origin) {
  using Proto = onnx::AttributeProto;
  require(proto.ref_attr_name().empty(), origin, describe(node), ": attribute \"", proto.name(),
          "\" expected a value, got a reference to one of a function");
  switch (proto.type()) {
    case Proto::FLOAT:
      return static_cast<double>(proto.f());
    case Proto::INT:
      return std::int64_t{proto.i()};
    case Proto::STRING:
      return proto.s();
    case Proto::TENSOR:
      return read_tensor(proto.t(), {}, origin);
    case Proto::FLOATS:
      return std::vector<double>(proto.floats().begin(), proto.floats().end());
    case Proto::INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    case Proto::STRINGS:
      return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
    default:
      require(false, origin, describe(node), ": attribute \"", proto.name(),
              "\" expected a number, a string or a tensor, got ",
              Proto::AttributeType_Name(proto.type()));
      return {};
  }
}

Node read_node(const onnx::NodeProto& proto, const Origin& origin) {
  Node node{.name = proto.name(),
            .op = proto.op_type(),
            .inputs = {proto.input().begin(), proto.input().end()},
            .outputs = {proto.output().begin(), proto.output().end()},
            .domain = proto.domain() == "ai.onnx" ? "" : proto.domain()};
  require(!node.outputs.empty(), origin, describe(node), ": outputs expected at least 1, got 0");
  for (const auto& attribute : proto.attribute())
    node.attributes[attribute.name()] = read_attribute(attribute, node, origin);
  return node;
}

/// An error for the first node whose operator Fovea lacks, which says how many others there are.
void require_operators(const onnx::GraphProto& proto, int opset, const Origin& origin) {
  std::vector<const onnx::NodeProto*> missing;
  std::set<std::string> kinds;
  for (const auto& node : proto.node()) {
    if (node.domain() != "fovea" && find_operator(node.domain(), node.op_type()) != nullptr)
      continue;
    missing.push_back(&node);
    kinds.insert(node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type());
  }
  if (missing.empty()) return;
  std::string names;
  for (const std::string& kind : kinds) names += (names.empty() ? "" : ", ") + kind;
  const onnx::NodeProto& first = *missing.front();
  require(false, origin, "operator of node \"",
          first.name().empty() && first.output_size() > 0 ? first.output(0) : first.name(),
          "\" expected one that Fovea has, got ", first.op_type(), ", opset ", opset,
          " (missing: ", names, "; nodes: ", missing.size(), ")");
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

OnnxModel parse_model(const io::FileBytes& file, const std::filesystem::path& folder) {
  OnnxModel model{.origin = {file.name, folder, file.mapping}, .skeleton = {}, .proto = {}};
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
  require(model.graph().sparse_initializer_size() == 0, origin,
          "initializers expected to be dense, got sparse ones");
  std::set<std::string_view> names;
  for (int i = 0; i < count; ++i) {
    const std::string& name = model.graph().initializer(i).name();
    require(!name.empty(), origin, "initializer ", i, " expected a name, got none");
    require(names.insert(name).second, origin, "initializer \"", name,
            "\" expected once, got twice");
  }
  return model;
}

/// Initializers as tensors, or the floating-point ones as inputs.
void read_initializers(const OnnxModel& model, OnnxWeights weights, Graph& graph) {
  for (int i = 0; i < model.graph().initializer_size(); ++i) {
    const onnx::TensorProto& proto = model.graph().initializer(i);
    const auto dtype = dtype_of_onnx(proto.data_type());
    if (weights == OnnxWeights::kInFile && dtype && is_differentiable(*dtype)) {
      const TensorBytes found = find_tensor(proto, model.raw(i), model.origin);
      graph.inputs.push_back(
          {.name = proto.name(), .dtype = *dtype, .sizes = to_ints(found.array.sizes)});
    } else {
      graph.initializers[proto.name()] = read_tensor(proto, model.raw(i), model.origin);
    }
  }
}

Graph read_graph(const OnnxModel& model, OnnxWeights weights) {
  const onnx::GraphProto& proto = model.graph();
  const Origin& origin = model.origin;
  Graph graph{.name = proto.name(), .opset = opset_of(model.proto, origin), .file = origin.name};
  require_operators(proto, graph.opset, origin);
  std::set<std::string_view> initializers;
  for (const auto& initializer : proto.initializer()) initializers.insert(initializer.name());
  // Before IR version 4 every initializer was an input too.
  for (const auto& input : proto.input()) {
    if (!initializers.contains(input.name())) graph.inputs.push_back(read_value(input, origin));
  }
  read_initializers(model, weights, graph);
  for (const auto& output : proto.output()) graph.outputs.push_back(read_value(output, origin));
  for (const auto& node : proto.node()) graph.nodes.push_back(read_node(node, origin));
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

/// Where the external files of the model in `path` lie.
std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

Graph parse_onnx(std::span<const std::byte> content, const std::string& name,
                 const std::filesystem::path& folder) {
  return read_graph(parse_model({content, name}, folder), OnnxWeights::kRead);
}

Graph load_onnx(const std::filesystem::path& path, OnnxWeights weights) {
  const io::MappedFile file(path);
  return read_graph(parse_model({file.bytes(), path.string(), &file}, folder_of(path)), weights);
}

io::FileArrays onnx_arrays(const io::FileBytes& file) {
  const OnnxModel model = parse_model(file, folder_of(file.name));
  io::FileArrays content{.from_graph = true};
  for (int i = 0; i < model.graph().initializer_size(); ++i) {
    const onnx::TensorProto& proto = model.graph().initializer(i);
    TensorBytes found = find_tensor(proto, model.raw(i), model.origin);
    if (model.raw(i).empty() && found.file == nullptr) {
      // Protobuf has it, for as long as this function runs.
      const auto bytes = found.array.bytes;
      content.unpacked.emplace_back(bytes.begin(), bytes.end());
      found.array.bytes = content.unpacked.back();
    }
    if (found.file != nullptr) content.others.push_back(found.file);
    content.arrays.push_back({proto.name(), std::move(found.array)});
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
