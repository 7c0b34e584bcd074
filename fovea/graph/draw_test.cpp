#include "fovea/graph/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/draw_layout.h"

namespace fovea::graph {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Uses = std::vector<std::vector<std::size_t>>;

constexpr LayoutSizes kSizes = {.box = 100, .gap = 20};

TEST(Layout, StacksAChainInOneColumn) {
  const std::vector<Place> places = lay_out(Uses{{}, {0}, {1}}, kSizes);
  ASSERT_EQ(places.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(places[i].level, i);
    EXPECT_EQ(places[i].x, 50);
  }
}

TEST(Layout, SpreadsWhatUsesOneBoxEvenlyBelowIt) {
  const std::vector<Place> places = lay_out(Uses{{}, {0}, {0}, {0}, {1, 2, 3}}, kSizes);
  EXPECT_EQ(places[1].x, 50);
  EXPECT_EQ(places[2].x, 170);
  EXPECT_EQ(places[3].x, 290);
  EXPECT_EQ(places[0].x, 170);
  EXPECT_EQ(places[4].x, 170);
}

// A residual block: the shortcut passes two levels beside the boxes, not behind them.
TEST(Layout, LeadsALongLinePastTheBoxesBetween) {
  const std::vector<Place> places = lay_out(Uses{{}, {0}, {1}, {2, 0}}, kSizes);
  ASSERT_EQ(places.size(), 6U);
  EXPECT_EQ(places[3].from, (std::vector<std::size_t>{2, 5}));
  EXPECT_EQ(places[5].from, (std::vector<std::size_t>{4}));
  EXPECT_EQ(places[4].from, (std::vector<std::size_t>{0}));
  for (const std::size_t passage : {4U, 5U}) {
    EXPECT_FALSE(places[passage].is_box);
    EXPECT_EQ(places[passage].level, passage - 3);
    EXPECT_GE(places[passage].x - places[passage - 3].x, 70);  // half a box and the gap
  }
  EXPECT_NEAR(places[3].x, places[0].x, 1e-9);  // the column does not drift
}

TEST(Layout, SharesThePassagesOfLinesFromOneBox) {
  // 1 and 2 hang on 0; 3 and 4, three levels below 0, both use it.
  const std::vector<Place> places = lay_out(Uses{{}, {0}, {1}, {2, 0}, {2, 0}}, kSizes);
  EXPECT_EQ(places.size(), 7U);
  EXPECT_EQ(places[3].from, places[4].from);
}

Graph graph_of(const std::vector<Node>& nodes) {
  Graph graph;
  graph.name = "two paths";
  graph.inputs = {{.name = "x", .dtype = f32, .sizes = {kFree, 3}}};
  graph.nodes = nodes;
  for (Node& node : graph.nodes) {
    node.outputs = {node.name};
    graph.values[node.name] = {.name = node.name, .dtype = f32, .sizes = {kFree, 3}};
  }
  return graph;
}

TEST(Draw, ShowsEveryNodeBelowWhatItUses) {
  const Graph graph =
      graph_of({{.name = "left", .op = "Relu", .inputs = {"x"}, .outputs = {}},
                {.name = "right", .op = "Neg", .inputs = {"x"}, .outputs = {}},
                {.name = "<sum>", .op = "Add", .inputs = {"left", "right"}, .outputs = {}}});
  const std::string svg = draw(graph).to_string();
  for (const char* text : {"two paths", "Relu", "Neg", "Add", "left", "[N, 3]", "&lt;sum&gt;"})
    EXPECT_THAT(svg, HasSubstr(text));
  // Three levels: 24 + 3 * 62 + 2 * 26 + 24. Two boxes side by side: 24 + 2 * 190 + 24 + 24.
  EXPECT_EQ(draw(graph).height(), 286);
  EXPECT_EQ(draw(graph).width(), 452);
}

TEST(Draw, SaysWindowsAndTheEndsOfLongNames) {
  using Ints = std::vector<std::int64_t>;
  const std::string svg =
      draw(graph_of({{.name = "features.denseblock1.denselayer12.conv1",
                      .op = "Conv",
                      .inputs = {"x"},
                      .outputs = {},
                      .attributes = {{"kernel_shape", Ints{3, 5}}, {"strides", Ints{2, 2}}}},
                     {.name = "pool",
                      .op = "MaxPool",
                      .inputs = {"x"},
                      .outputs = {},
                      .attributes = {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 1}}}},
                     {.name = "next",
                      .op = "Conv",
                      .inputs = {"pool", "pool"},
                      .outputs = {},
                      .attributes = {{"kernel_shape", Ints{1, 1}}, {"strides", Ints{1, 1}}}}}))
          .to_string();
  for (const char* text : {">3x5 / 2<", ">2x2 / 2x1<", ">1x1<", ">...block1.denselayer12.conv1<"})
    EXPECT_THAT(svg, HasSubstr(text));
  EXPECT_THAT(svg, Not(HasSubstr("features")));
}

}  // namespace
}  // namespace fovea::graph
