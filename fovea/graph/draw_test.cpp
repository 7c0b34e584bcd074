#include "fovea/graph/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::graph {
namespace {

using ::testing::HasSubstr;

TEST(Draw, ShowsEveryNodeBelowWhatItUses) {
  Graph graph;
  graph.name = "two paths";
  graph.inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 3}}};
  const auto add = [&](std::string op, std::string name, std::vector<std::string> inputs) {
    Node node;
    node.op = std::move(op);
    node.name = name;
    node.inputs = std::move(inputs);
    node.outputs = {name};
    graph.nodes.push_back(node);
    graph.values[name] = {.name = name, .dtype = f32, .sizes = {kFree, 3}};
  };
  add("Relu", "left", {"x"});
  add("Neg", "right", {"x"});
  add("Add", "<sum>", {"left", "right"});
  const std::string svg = draw(graph).to_string();
  for (const char* text : {"two paths", "Relu", "Neg", "Add", "left  [N, 3]", "&lt;sum&gt;"})
    EXPECT_THAT(svg, HasSubstr(text));
  // Three levels: 24 + 3 * 46 + 2 * 26 + 24.
  EXPECT_EQ(draw(graph).height(), 238);
}

}  // namespace
}  // namespace fovea::graph
