#include "fovea/graph/onnx/read_node.h"

#include <set>
#include <vector>

#include "fovea/graph/operators.h"

namespace fovea::graph {

namespace {

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

}  // namespace

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

bool is_constant(const onnx::NodeProto& node) {
  return node.op_type() == "Constant" && (node.domain().empty() || node.domain() == "ai.onnx") &&
         node.output_size() == 1;
}

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

}  // namespace fovea::graph
