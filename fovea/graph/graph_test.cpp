#include "fovea/graph/graph.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace fovea::graph {
namespace {

TEST(CheckGraph, WantsATensorForEachInitializer) {
  Graph graph;
  graph.initializers["w"] = Tensor();
  EXPECT_EQ(test::message_of<ParseError>([&] { check_graph(graph); }),
            "graph: initializer \"w\" expected to be a tensor, got none");
}

}  // namespace
}  // namespace fovea::graph
