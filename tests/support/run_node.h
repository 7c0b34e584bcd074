// Runs one operator of the graph form by itself, for tests.
#pragma once

#include <string>
#include <utility>

#include "fovea/graph/operators.h"

namespace fovea::test {

/// A node "n" with as many inputs as `inputs`, an undefined tensor being one that is left out.
inline graph::Node make_node(const std::string& op, Attributes attributes, const Tensors& inputs,
                             int outputs = 1) {
  graph::Node node{
      .name = "n", .op = op, .inputs = {}, .outputs = {}, .attributes = std::move(attributes)};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(inputs[i].defined() ? str("x", i) : "");
  }
  for (int i = 0; i < outputs; ++i) node.outputs.push_back(str("y", i));
  return node;
}

/// What the operator `op` of operator set `opset` makes of `inputs`.
inline Tensors run_node(const std::string& op, int opset, Attributes attributes,
                        const Tensors& inputs, int outputs = 1) {
  const graph::Node node = make_node(op, std::move(attributes), inputs, outputs);
  const std::string where = graph::NodeReader(node, opset).where();
  return graph::bind_node(node, opset)(graph::Inputs(inputs, where));
}

/// The message of the error that binding the node, or running it on `inputs`, throws; "" for none.
inline std::string node_error(const std::string& op, int opset, Attributes attributes,
                              const Tensors& inputs, int outputs = 1) {
  try {
    run_node(op, opset, std::move(attributes), inputs, outputs);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace fovea::test
