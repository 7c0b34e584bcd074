#include "fovea/graph/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/program.h"
#include "fovea/tensor/ops.h"
#include "tests/support/graph_passes.h"

namespace fovea::graph {
namespace {

using test::expect_kept;
using test::expect_same_results;
using test::graph_of;
using test::node;
using test::operators_of;
using ::testing::ElementsAre;

TEST(RemoveDead, TakesOutWhatNobodyUses) {
  Graph graph = graph_of({node("Relu", {"x"}, {"a"}), node("Exp", {"x"}, {"b"}),
                          node("Neg", {"b"}, {"c"}), node("Neg", {"a"}, {"y"})},
                         {"y"});
  graph.initializers["unused"] = zeros({2});
  remove_dead(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Neg"));
  EXPECT_TRUE(graph.initializers.empty());
}

TEST(RemoveIdentities, KeepsTheNamesOfOutputs) {
  const Graph before = graph_of(
      {node("Identity", {"x"}, {"a"}), node("Relu", {"a"}, {"b"}), node("Dropout", {"b"}, {"c"}),
       node("Neg", {"c"}, {"d"}), node("Identity", {"d"}, {"y"}), node("Identity", {"x"}, {"z"})},
      {"y", "z"});
  Graph graph = before;
  remove_identities(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Neg", "Identity"));
  EXPECT_EQ(graph.nodes[1].outputs[0], "y");
  expect_same_results(before, graph, randn({3, 2}));
}

TEST(RemoveIdentities, AnOutputThatOthersReadKeepsItsCopy) {
  const Graph before = graph_of(
      {node("Relu", {"x"}, {"a"}), node("Identity", {"a"}, {"y"}), node("Neg", {"a"}, {"z"})},
      {"y", "z"});
  Graph graph = before;
  remove_identities(graph);
  expect_same_results(before, graph, randn({3, 2}));
}

// Whoever reads what an Identity gives reads its source when it is gone.
TEST(RemoveIdentities, CountTheReadersOfWhatTheyTakeOut) {
  const Graph before = graph_of({node("Relu", {"x"}, {"a"}), node("Identity", {"a"}, {"b"}),
                                 node("Identity", {"b"}, {"y"}), node("Neg", {"b"}, {"z"})},
                                {"y", "z"});
  Graph graph = before;
  remove_identities(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Identity", "Neg"));
  expect_same_results(before, graph, randn({3, 2}));
}

TEST(RemoveIdentities, LeaveDropoutThatMayTrainOrGivesItsMask) {
  Graph graph =
      graph_of({node("Dropout", {"x", "", "train"}, {"a"}), node("Neg", {"a"}, {"y"})}, {"y"});
  graph.initializers["train"] = full({}, 0).to(boolean);
  expect_kept(graph, remove_identities, randn({3, 2}));
  graph = graph_of({node("Dropout", {"x"}, {"a", "mask"}), node("Neg", {"a"}, {"y"}),
                    node("Cast", {"mask"}, {"z"})},
                   {"y", "z"});
  graph.nodes[2].attributes["to"] = std::int64_t{1};
  expect_kept(graph, remove_identities, randn({3, 2}));
}

TEST(FoldConstants, ComputesWhatIsConstant) {
  Graph graph = graph_of(
      {node("Exp", {"w"}, {"a"}), node("Neg", {"a"}, {"b"}), node("Add", {"x", "b"}, {"y"})},
      {"y"});
  graph.initializers["w"] = tensor({1, 2});
  const Graph before = graph;
  fold_constants(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Add"));
  EXPECT_EQ(graph.initializers.size(), 1u);
  expect_same_results(before, graph, randn({3, 2}));
}

TEST(FoldConstants, LeavesWhatWouldGrow) {
  Graph graph =
      graph_of({node("Expand", {"w", "shape"}, {"a"}), node("Add", {"x", "a"}, {"y"})}, {"y"});
  graph.initializers["w"] = tensor({1, 2});
  graph.initializers["shape"] = tensor({100, 2}).to(i64);
  fold_constants(graph, 64);
  EXPECT_THAT(operators_of(graph), ElementsAre("Expand", "Add"));
}

TEST(FoldConstants, ComputesLargeValuesThatReplaceAsLargeOnes) {
  Graph graph = graph_of({node("Neg", {"w"}, {"a"}), node("Add", {"x", "a"}, {"y"})}, {"y"});
  graph.initializers["w"] = randn({100, 2});
  fold_constants(graph, 64);
  EXPECT_THAT(operators_of(graph), ElementsAre("Add"));
}

TEST(FoldConstants, LeavesWhatIsDrawnAnewInEachRun) {
  Graph graph =
      graph_of({node("Dropout", {"w", "", "train"}, {"a"}), node("Add", {"x", "a"}, {"y"})}, {"y"});
  graph.initializers["w"] = tensor({1, 2});
  graph.initializers["train"] = full({}, 1).to(boolean);
  fold_constants(graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Dropout", "Add"));
}

// Annotations are for people: types come from the operators.
TEST(RemoveIdentities, DoesNotBelieveWhatIsNotedOfAValue) {
  Node cast = node("Cast", {"a"}, {"y"});
  cast.attributes["to"] = std::int64_t{1};  // f32
  Graph before = graph_of({node("Add", {"x", "x"}, {"a"}), cast}, {"y"});
  before.inputs[0].dtype = i64;
  before.values["a"] = {.name = "a", .dtype = f32};  // it is i64
  expect_kept(before, remove_identities, ones({1, 2}, {.dtype = i64}));
  EXPECT_EQ(Program(before).run({ones({1, 2}, {.dtype = i64})})[0].dtype(), f32);
  // What is known needs no note: inputs, constants, casts, and what keeps its operand's type.
  Node shape = node("Shape", {"x"}, {"s"}), to_i64 = node("Cast", {"s"}, {"t"});
  to_i64.attributes["to"] = std::int64_t{7};
  Graph known = graph_of(
      {node("Relu", {"x"}, {"a"}), cast, shape, to_i64, node("Neg", {"t"}, {"z"})}, {"y", "z"});
  remove_identities(known);
  EXPECT_THAT(operators_of(known), ElementsAre("Relu", "Shape", "Neg"));
}

TEST(RemoveIdentities, KnowsTheTypesThatOperatorsGive) {
  // Each of these makes another type than that of its first input, which a Cast to f32 shows.
  const auto kept = [](Node made, std::map<std::string, Tensor> constants) {
    Node cast = node("Cast", {made.outputs[0]}, {"y"});
    cast.attributes["to"] = std::int64_t{1};
    Graph graph = graph_of({std::move(made), cast}, {"y"});
    graph.initializers = std::move(constants);
    remove_identities(graph);
    return graph.nodes.size() == 2;
  };
  for (const char* op : {"Shape", "Size", "IsNaN", "ArgMax"})
    EXPECT_TRUE(kept(node(op, {"x"}, {"a"}), {})) << op;
  for (const char* op : {"Equal", "Less", "GreaterOrEqual"})
    EXPECT_TRUE(kept(node(op, {"x", "x"}, {"a"}), {})) << op;
  EXPECT_TRUE(kept(node("CastLike", {"x", "k"}, {"a"}), {{"k", zeros({}, {.dtype = f16})}}));
  EXPECT_TRUE(kept(node("Where", {"k", "h", "h"}, {"a"}),
                   {{"k", ones({}, {.dtype = boolean})}, {"h", zeros({}, {.dtype = f16})}}));
  EXPECT_TRUE(kept(node("OneHot", {"x", "d", "v"}, {"a"}),
                   {{"d", tensor({3})}, {"v", zeros({2}, {.dtype = i64})}}));
  EXPECT_FALSE(kept(node("Where", {"k", "x", "x"}, {"a"}), {{"k", ones({}, {.dtype = boolean})}}));
}

// Of a Reshape to constant sizes that begin with the batch's, of what depends on the images.
TEST(FreeBatch, FreesTheFirstSizeOfAReshape) {
  using Ints = std::vector<std::int64_t>;
  const auto freed = [](const Ints& sizes, Attributes attributes = {}) {
    Node reshape = node("Reshape", {"x", "sizes"}, {"y"});
    reshape.attributes = std::move(attributes);
    Graph graph = graph_of({reshape}, {"y"});
    graph.inputs[0].sizes = {3, 8};
    graph.initializers["sizes"] = from_data(sizes, {static_cast<std::int64_t>(sizes.size())});
    free_batch(graph, 3);
    EXPECT_EQ(graph.inputs[0].sizes, (Ints{kFree, 8}));
    EXPECT_FALSE(graph.nodes[0].attributes.contains("allowzero") && sizes[1] != 0);
    return graph.initializers.at(graph.nodes[0].inputs[1]).to_vector<std::int64_t>();
  };
  const Attributes zeros{{"allowzero", std::int64_t{1}}};
  EXPECT_THAT(freed({3, 2, 4}), ElementsAre(-1, 2, 4));
  EXPECT_THAT(freed({3, 2, -1}), ElementsAre(0, 2, -1));
  EXPECT_THAT(freed({3, 0}), ElementsAre(-1, 0));
  EXPECT_THAT(freed({3, -1}, zeros), ElementsAre(0, -1));
  EXPECT_THAT(freed({3, 0}, zeros), ElementsAre(3, 0));
  EXPECT_THAT(freed({2, 12}), ElementsAre(2, 12));
  EXPECT_THAT(freed({-1, 3}), ElementsAre(-1, 3));

  // Sizes that others read too stay theirs: a weight has no batch.
  Graph graph = graph_of({node("Reshape", {"w", "sizes"}, {"v"}),
                          node("Reshape", {"x", "sizes"}, {"r"}), node("Add", {"r", "v"}, {"y"})},
                         {"y"});
  graph.inputs[0].sizes = {3, 2};
  graph.initializers = {{"sizes", from_data(Ints{3, 2}, {2})}, {"w", ones({6})}};
  free_batch(graph, 3);
  EXPECT_EQ(graph.nodes[0].inputs[1], "sizes");
  EXPECT_EQ(graph.nodes[1].inputs[1], "sizes.free");
}

TEST(Widen, MakesF32OfAllHalves) {
  Node cast = node("Cast", {"x"}, {"h"});
  cast.attributes["to"] = std::int64_t{10};
  Node constant = node("Constant", {}, {"k"});
  constant.attributes["value"] = ones({2}, {.dtype = bf16});
  Graph graph = graph_of(
      {cast, constant, node("Mul", {"h", "k"}, {"m"}), node("Add", {"m", "w"}, {"y"})}, {"y"});
  graph.outputs[0].dtype = f16;
  graph.initializers["w"] = ones({2}, {.dtype = f16});
  widen(graph);
  EXPECT_EQ(graph.outputs[0].dtype, f32);
  EXPECT_EQ(Program(graph).run({tensor({{70000, 0}})})[0].to_vector()[0],
            70001);  // f16 ends before
}

}  // namespace
}  // namespace fovea::graph
