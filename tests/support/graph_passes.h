// Small graphs, and what passes must leave as it was.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/graph/graph.h"
#include "fovea/graph/program.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::test {

using graph::Graph;
using graph::Node;

inline std::vector<std::string> operators_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.op);
  return names;
}

inline Node node(std::string op, std::vector<std::string> inputs,
                 std::vector<std::string> outputs) {
  Node made;
  made.op = std::move(op);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

/// x [N, 2] -> outputs.
inline Graph graph_of(std::vector<Node> nodes, const std::vector<std::string>& outputs) {
  Graph graph;
  graph.inputs = {{.name = "x", .dtype = f32, .sizes = {graph::kFree, 2}}};
  for (const std::string& name : outputs)
    graph.outputs.push_back({.name = name, .dtype = f32, .sizes = {graph::kFree, 2}});
  graph.nodes = std::move(nodes);
  return graph;
}

inline void expect_same_results(const Graph& a, const Graph& b, const Tensor& x,
                                double tolerance = 0) {
  const NoGrad no_grad;
  graph::check_graph(b);
  const Tensors expected = graph::Program(a).run({x}), actual = graph::Program(b).run({x});
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_TRUE(allclose(actual[i], expected[i], tolerance, tolerance));
}

/// The pass must not touch the graph.
inline void expect_kept(const Graph& before, void (*pass)(Graph&), const Tensor& x) {
  Graph graph = before;
  pass(graph);
  EXPECT_EQ(operators_of(graph), operators_of(before));
  expect_same_results(before, graph, x);
}

/// A network whose running statistics have moved.
inline std::shared_ptr<nn::Sequential> trained(std::shared_ptr<nn::Sequential> network,
                                               const Shape& x) {
  manual_seed(5);
  for (int i = 0; i < 4; ++i) (*network)(randn(x) * 2 + 1);
  return network;
}

}  // namespace fovea::test
