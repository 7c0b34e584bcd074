// From ONNX's ModelProto to a graph.

#include <set>
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

Graph read_graph(const onnx::ModelProto& model, const Skeleton& skeleton, const Origin& origin,
                 const io::FileBytes& file) {
  const onnx::GraphProto& proto = model.graph();
  Graph graph{.name = proto.name(), .opset = opset_of(model, origin)};
  require(proto.sparse_initializer_size() == 0, origin,
          "initializers expected to be dense, got sparse ones");
  require_operators(proto, graph.opset, origin);
  for (int i = 0; i < proto.initializer_size(); ++i) {
    const auto& initializer = proto.initializer(i);
    require(!initializer.name().empty(), origin, "initializer ", i, " expected a name, got none");
    const std::span<const std::byte> raw = skeleton.raw[static_cast<std::size_t>(i)];
    const bool fresh =
        graph.initializers.try_emplace(initializer.name(), read_tensor(initializer, raw, origin))
            .second;
    file.release(raw);  // the tensor has them now: a large model is in memory once
    require(fresh, origin, "initializer \"", initializer.name(), "\" expected once, got twice");
  }
  // Before IR version 4 every initializer was an input too.
  for (const auto& input : proto.input()) {
    if (!graph.initializers.contains(input.name()))
      graph.inputs.push_back(read_value(input, origin));
  }
  for (const auto& output : proto.output()) graph.outputs.push_back(read_value(output, origin));
  for (const auto& node : proto.node()) graph.nodes.push_back(read_node(node, origin));
  for (const auto& info : proto.value_info()) {
    // What is known of values is for people; one that is no tensor can still be in the graph.
    if (info.type().has_tensor_type() && dtype_of_onnx(info.type().tensor_type().elem_type()))
      graph.values[info.name()] = read_value(info, origin);
  }
  for (const auto& entry : model.metadata_props()) graph.metadata[entry.key()] = entry.value();
  return graph;
}

}  // namespace

namespace {

Graph parse(const io::FileBytes& file, const std::filesystem::path& folder) {
  const Origin origin{file.name, folder};
  require(file.bytes.size() < (std::size_t{1} << 31), origin,
          "file expected to be smaller than 2 GiB, protobuf's limit, got ", file.bytes.size(),
          " bytes (larger models keep their weights in external files)");
  const Skeleton skeleton = cut_weights(file.bytes, file.name);
  onnx::ModelProto model;
  require(model.ParseFromString(skeleton.message), origin,
          "content expected to be a ModelProto, got something else");
  require(model.has_graph(), origin, "model expected to have a graph, got none");
  require(static_cast<std::size_t>(model.graph().initializer_size()) == skeleton.raw.size(), origin,
          "initializers expected ", skeleton.raw.size(), ", got ",
          model.graph().initializer_size());
  Graph graph = read_graph(model, skeleton, origin, file);
  try {
    check_graph(graph);
  } catch (const ParseError& error) {
    refuse(origin, error.what());
  }
  return graph;
}

}  // namespace

Graph parse_onnx(std::span<const std::byte> content, const std::string& name,
                 const std::filesystem::path& folder) {
  return parse({content, name}, folder);
}

Graph load_onnx(const std::filesystem::path& path) {
  const io::MappedFile file(path);
  const std::filesystem::path folder = path.parent_path();
  return parse({file.bytes(), path.string(), &file}, folder.empty() ? "." : folder);
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
