#include "fovea/io/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <regex>
#include <string>
#include <string_view>

#include "fovea/explain/render.h"
#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/svg_layout.h"
#include "fovea/explain/render/svg_motion.h"
#include "fovea/io/colors.h"
#include "fovea/tensor/ops.h"
#include "tests/support/walks.h"
#include "tests/support/xml.h"

namespace fovea::explain {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string picture_of(Block block, Language language = Language::kEnglish) {
  std::string text = to_svg({.title = "t", .blocks = {std::move(block)}}, language);
  EXPECT_EQ(test::xml_fault(text), "");
  return text;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

double attribute_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(" " + name + "=\"");
  return at == std::string::npos ? NAN : std::stod(text.substr(at + name.size() + 3));
}

TEST(XmlFault, SeesFaults) {
  EXPECT_EQ(test::xml_fault("<a b=\"c\"><d/>&amp; e</a>\n"), "");
  for (const char* text : {"<a>", "<a></b>", "<a/><b/>", "<a>&</a>", "<a b=c/>", "<a b=\"<\"/>",
                           "<a b=\"1\" b=\"2\"/>", "a", "<a", ""})
    EXPECT_NE(test::xml_fault(text), "") << text;
}

TEST(ToSvg, IsADocumentWithTitleAndDescription) {
  const std::string text = to_svg(test::small_walk());
  EXPECT_EQ(test::xml_fault(text), "");
  EXPECT_THAT(text, HasSubstr("<title>Convolution</title>\n<desc>A kernel moves over an image. "
                              "A small one Step 2. (0x1)+(-2x0) + (1x0)+(10x0.5) = 5.</desc>"));
  EXPECT_EQ(text, to_svg(test::small_walk()));
  const std::string korean = to_svg(test::small_walk(), Language::kKorean);
  EXPECT_EQ(test::xml_fault(korean), "");
  EXPECT_THAT(korean, HasSubstr("<title>합성곱</title>"));
  EXPECT_THAT(korean, HasSubstr(">특성 맵</text>"));
  EXPECT_THAT(korean, HasSubstr("NanumGothic"));
}

// All rules that move anything are for readers who do not mind motion.
TEST(ToSvg, MovesOnlyForWhoDoesNotMindMotion) {
  const std::string text = to_svg(test::small_walk());
  const std::size_t query = text.find("@media(prefers-reduced-motion:no-preference){\n");
  ASSERT_NE(query, std::string::npos);
  EXPECT_LT(query, text.find("@keyframes"));
  EXPECT_LT(text.rfind("@keyframes"), text.find("\n}\n", query));
  EXPECT_LT(text.rfind("{animation:"), text.find("\n}\n", query));
}

// Without style sheets only what has no opacity of 0 is seen.
TEST(ToSvg, StandsStillAtTheLastStopWithAllWritten) {
  const std::string text = to_svg(test::small_walk());
  const std::size_t first = text.find(">Step 1</text>"), last = text.find(">Step 2</text>");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(last, std::string::npos);
  EXPECT_THAT(text.substr(text.rfind("<g", first), 60), HasSubstr("opacity=\"0\">"));
  EXPECT_THAT(text.substr(text.rfind("<g", last), 60), Not(HasSubstr("opacity")));
  EXPECT_EQ(count_of(text, "opacity=\"0\""), 1u);
  EXPECT_THAT(text, HasSubstr(">1.5</text>"));
  EXPECT_THAT(text, HasSubstr(">5</text>"));
}

TEST(ToSvg, TheWindowGlidesAndResultsFly) {
  const std::string text = to_svg(test::small_walk());
  // The window's and the result's keyframes go from the first stop's place to the last one's.
  const std::regex window(
      R"(@keyframes b1m0\{0%\{transform:translate\(([\d.]+)px,([\d.]+)px\)\}[\d.]+%\{transform:)"
      R"(translate\(\1px,\2px\)\}[\d.]+%\{transform:translate\(([\d.]+)px,\2px\)\}100%\{)"
      R"(transform:translate\(\3px,\2px\)\}\})");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, window)) << text;
  EXPECT_GE(std::stod(found[3]) - std::stod(found[1]), 34);
  EXPECT_THAT(text, HasSubstr("<g class=\"b1m0\" transform=\"translate(" + found[3].str() + " "));
  EXPECT_EQ(count_of(text, "100%{opacity:1;transform:none}"), 2u);
  // The kernel stays where it is, and its weights go with the window.
  EXPECT_EQ(count_of(text, ">×0.5</text>"), 1u);
}

TEST(ToSvg, OneStopAloneDoesNotMove) {
  Walk walk = test::small_walk();
  show_only(walk, 1);
  const std::string text = to_svg(walk);
  EXPECT_THAT(text, Not(HasSubstr("@keyframes")));
  EXPECT_THAT(text, HasSubstr(">Step 1</text>"));
  EXPECT_THAT(text, Not(HasSubstr(">Step 2</text>")));
  EXPECT_THAT(text, HasSubstr(">1.5</text>"));
  EXPECT_THAT(text, Not(HasSubstr(">5</text>")));
  std::get<Board>(walk.blocks[1]).only = 2;
  EXPECT_THAT(to_svg(walk), HasSubstr(">5</text>"));
  EXPECT_THAT(to_svg(walk), Not(HasSubstr("Step")));
}

TEST(ToSvg, WindowsThatAreNotAlwaysThereComeAndGo) {
  Board board = test::copying_board(1, 3);
  board.stops[1].marks[0].cells.columns = 2;
  const std::string text = picture_of(board);
  EXPECT_EQ(count_of(text, ";opacity:0}"), 6u);
}

TEST(ToSvg, GrowsLinearlyWithItsStops) {
  const std::size_t few = picture_of(test::copying_board(2, 8)).size();
  const std::size_t more = picture_of(test::copying_board(4, 8)).size();
  const std::size_t most = picture_of(test::copying_board(8, 8)).size();
  EXPECT_LT(more - few, 16u * 1800u);
  // Twice the stops add twice as much, up to the digits of numbers.
  EXPECT_NEAR(static_cast<double>(most - more), 2.0 * static_cast<double>(more - few),
              0.06 * static_cast<double>(most - more));
}

TEST(ToSvg, OfManyStopsAllResultsAreSeen) {
  const std::string text = picture_of(test::copying_board(10, 10));
  EXPECT_EQ(count_of(text, "<g class=\"b0say\""), 63u);
  EXPECT_EQ(count_of(text, "<g class=\"b0end\""), 1u);
  EXPECT_EQ(count_of(text, ">0</text>"), 200u);
  EXPECT_THAT(text, HasSubstr("64 of 100 steps are shown."));
  // They are spread over all of the way, from its first to its last.
  const std::vector<std::size_t> spread = spread_stops(test::copying_board(10, 10), 64);
  EXPECT_EQ(spread.front(), 0u);
  EXPECT_EQ(spread.back(), 99u);
  for (std::size_t i = 1; i < spread.size(); ++i) {
    EXPECT_GE(spread[i] - spread[i - 1], 1u);
    EXPECT_LE(spread[i] - spread[i - 1], 2u);
  }
}

TEST(ToSvg, StandsStillWhereTheBoardRests) {
  Board board = test::copying_board(10, 10);
  for (const std::size_t rest :
       {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::size_t{98}}) {
    board.rest = rest;
    const std::vector<std::size_t> spread = spread_stops(board, 64);
    EXPECT_THAT(spread, testing::Contains(rest));
    EXPECT_EQ(spread.size(), 64u);
    EXPECT_TRUE(std::ranges::adjacent_find(spread, std::greater_equal()) == spread.end()) << rest;
  }
  board = test::copying_board(2, 2);
  EXPECT_EQ(
      count_of(picture_of(board), "<g class=\"b0say\" style=\"animation-delay:-13.9s\" opacity"),
      1u)
      << "the first is hidden";
  board.rest = 0;
  EXPECT_EQ(count_of(picture_of(board), "<g class=\"b0say\" style=\"animation-delay:-13.9s\">"),
            1u);
}

TEST(ToSvg, ShadesTellSignsApart) {
  Tensor values = ones({12, 12});
  values[3][4].fill_(-2);
  const Board board = {.grids = {{.title = "x", .values = values, .look = Grid::Look::kShades}}};
  const std::string text = picture_of(board);
  EXPECT_EQ(count_of(text, "fill=\"#005faa\" shape-rendering=\"crispEdges\""), 1u);
  EXPECT_EQ(count_of(text, "fill=\"" + io::hex_of(io::signed_color(0.5)) + "\""), 143u);
  EXPECT_THAT(text, HasSubstr(">x: -2 .. 1</text>"));
  EXPECT_THAT(text, HasSubstr(">below 0</text>"));
  EXPECT_THAT(picture_of(board, Language::kKorean), HasSubstr(">음수</text>"));
  values[3][4].fill_(0);
  EXPECT_THAT(picture_of(board), Not(HasSubstr(">below 0</text>")));
}

TEST(ToSvg, PaddingAndEmptyCellsLookDifferent) {
  const Board board = {.grids = {{.values = zeros({3, 3}), .padding_rows = 1, .padding_columns = 1},
                                 {.values = ones({1, 1}), .grows = true}},
                       .stops = {{.title = "Step 1"}}};
  const std::string text = picture_of(board);
  EXPECT_EQ(count_of(text, "stroke-dasharray"), 9u);  // eight cells, and the legend's
  EXPECT_THAT(text, HasSubstr(">padding</text>"));
  EXPECT_THAT(text, Not(HasSubstr(">1</text>")));  // no stop writes it
  EXPECT_THAT(picture_of(board, Language::kKorean), HasSubstr(">패딩</text>"));
}

TEST(ToSvg, ShadesHaveInkThatIsLegible) {
  const std::string few =
      picture_of(Board{.grids = {{.values = tensor({{0, 1}}), .look = Grid::Look::kShades}}});
  EXPECT_THAT(few, HasSubstr("fill=\"" + io::hex_of(io::heat_color(0)) + "\""));
  EXPECT_THAT(few, HasSubstr("fill=\"" + io::hex_of(io::heat_color(1)) + "\""));
  EXPECT_THAT(few, HasSubstr("fill=\"#ffffff\" font-size=\"17\" text-anchor=\"middle\">1</text>"));
  // Many cells are one picture, even where numbers were asked for.
  const std::string many = picture_of(Board{.grids = {{.values = ones({50, 50})}}});
  EXPECT_EQ(count_of(many, "<image "), 1u);
  EXPECT_LT(count_of(many, "<rect "), 10u);
}

TEST(ToSvg, SlicesAreCards) {
  const std::string text = picture_of(Board{.grids = {{.title = "a", .values = zeros({3, 2, 2})}}});
  for (const char* label : {">[0]</text>", ">[1]</text>", ">[2]</text>"})
    EXPECT_THAT(text, HasSubstr(label));
  EXPECT_EQ(count_of(text, ">0</text>"), 12u);
  const std::string many =
      picture_of(Board{.grids = {{.title = "a", .values = zeros({64, 2, 2})}}});
  EXPECT_EQ(count_of(many, ">0</text>"), 64u);
  EXPECT_THAT(many, HasSubstr(">a (16 / 64)</text>"));
}

TEST(ToSvg, IsAsWideAsItsGridsNeed) {
  EXPECT_EQ(attribute_of(picture_of(Note{.text = "a"}), "width"), 640);
  const double wide = attribute_of(
      picture_of(Board{.grids = {{.values = zeros({2, 20})}, {.values = zeros({2, 20})}}}),
      "width");
  EXPECT_GT(wide, 700);
  EXPECT_LE(wide, 1100);
}

TEST(SvgLayout, GridsDoNotOverlapAndStayInside) {
  for (const std::int64_t columns : {1, 4, 9, 14, 26, 28, 60, 300}) {
    const Board board = {
        .grids = {{.title = "a long title of a grid", .values = zeros({columns, columns})},
                  {.title = "b", .values = zeros({3, 3, 3})},
                  {.values = full({columns, columns}, -0.12345)}},
        .signs = {"x", "="}};
    const std::vector<GridNumbers> numbers = numbers_of(board);
    const SvgLayout layout(board, numbers, 1036, Language::kEnglish);
    for (std::size_t g = 0; g < 3; ++g) {
      const SvgBox& box = layout.grid(g).box;
      EXPECT_GE(box.x, 0) << columns;
      EXPECT_GE(layout.grid(g).title_y, -0.001) << columns;
      EXPECT_LE(box.y + box.height, layout.height() + 0.001) << columns;
      EXPECT_GE(layout.grid(g).cell_width, columns <= 9 ? 34 : 1) << columns;
      for (std::size_t h = 0; h < g; ++h) {
        const SvgBox& other = layout.grid(h).box;
        EXPECT_TRUE(other.x + other.width <= box.x || other.y + other.height <= box.y) << columns;
      }
    }
    EXPECT_EQ(layout.signs().size(), 2u);
    for (const SvgSign& sign : layout.signs()) {
      EXPECT_GT(sign.at.x, 0) << columns;
      EXPECT_LT(sign.at.x, 1036) << columns;
      for (std::size_t g = 0; g < 3; ++g) {
        const SvgBox& box = layout.grid(g).box;
        const bool beside = sign.at.x + 14 < box.x || sign.at.x - 14 > box.x + box.width;
        EXPECT_TRUE(beside || sign.at.y < box.y || sign.at.y > box.y + box.height) << columns;
      }
    }
  }
}

TEST(SvgMotion, WordsAreSeenOneAfterTheOther) {
  const SvgMotion motion("b", 4, 3);  // four slots of 2.6 s and 3.5 s
  EXPECT_EQ(motion.seen_during(0).style, "animation-delay:-13.9s");
  EXPECT_EQ(motion.seen_during(2).style, "animation-delay:-8.7s");
  EXPECT_EQ(motion.seen_during(2).classes, "bsay");
  EXPECT_EQ(motion.seen_during(2).opacity, 0);
  EXPECT_EQ(motion.seen_during(3).classes, "bend");
  EXPECT_EQ(motion.seen_during(3).opacity, 1);
  EXPECT_EQ(SvgMotion("b", 4, 1).seen_during(1).opacity, 1) << "where it rests";
  EXPECT_EQ(SvgMotion("b", 4, 1).seen_during(3).opacity, 0);
  EXPECT_THAT(motion.rules(), HasSubstr("@keyframes bsay{0%{opacity:0}0.86%,17.84%{opacity:1}"
                                        "18.71%,100%{opacity:0}}"));
}

TEST(ToSvg, DrawsTables) {
  const std::string text = picture_of(Table{
      .title = "Sizes & more", .headings = {"layer", "parameters"}, .rows = {{"conv1", "320"}}});
  EXPECT_THAT(text, HasSubstr(">Sizes &amp; more</text>"));
  EXPECT_THAT(text, HasSubstr("text-anchor=\"end\">320</text>"));
  EXPECT_THAT(text, Not(HasSubstr("text-anchor=\"end\">conv1</text>")));
}

TEST(ToSvg, DrawsCharts) {
  const std::string text = picture_of(
      Chart{.title = "Counts",
            .x_label = "value",
            .y_label = "how many",
            .series = {{.name = "bars", .x = {0, 1}, .y = {2, -1}, .look = Chart::Look::kBars},
                       {.name = "line", .x = {0, 1}, .y = {0, 2}}}});
  for (const char* part : {">Counts</text>", ">value</text>", ">how many</text>", ">bars</text>",
                           ">line</text>", "class=\"s-series2\"", "class=\"f-series1\""})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_EQ(count_of(text, "<polyline "), 1u);
  picture_of(Chart{.series = {{.x = {}, .y = {}}}});
  picture_of(Chart{.series = {{.x = {1}, .y = {0}, .look = Chart::Look::kBars}}});
}

TEST(ToSvg, DrawsSheets) {
  const io::Image image = zeros({1, 2, 4}, {.dtype = u8});
  const std::string text = picture_of(Sheet{
      .title = "Maps", .pictures = {{"one", image}, {"two", image}, {"", image}}, .columns = 2});
  EXPECT_EQ(count_of(text, "<image "), 3u);
  EXPECT_THAT(text, HasSubstr("<title>one</title></image>"));
  EXPECT_THAT(text, HasSubstr("image-rendering:pixelated"));
  EXPECT_THAT(text, HasSubstr(" width=\"240\" height=\"120\""));  // in their proportions
}

TEST(ToSvg, DrawsDiagrams) {
  Diagram diagram = {.title = "Block",
                     .boxes = {{"input", "64x8x8"}, {"conv"}, {"add"}},
                     .arrows = {{0, 1}, {1, 2}, {0, 2, Text("shortcut", "지름길")}}};
  const std::string text = picture_of(diagram);
  EXPECT_EQ(count_of(text, "<path "), 3u);
  EXPECT_EQ(count_of(text, "<path d=\"") - count_of(text, "class=\"s-muted\" fill=\"none\""), 1u);
  for (const char* part : {">input</text>", ">64x8x8</text>", ">conv</text>", ">shortcut</text>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_LT(attribute_of(text, "height"), 300);  // beside one another
  // A second source stands just before what it leads to: no arrow goes around boxes.
  const std::string sources = picture_of(
      Diagram{.boxes = {{"a"}, {"b"}, {"late"}, {"c"}}, .arrows = {{0, 1}, {1, 3}, {2, 3}}});
  EXPECT_EQ(count_of(sources, "class=\"s-series2\""), 0u);
  for (std::size_t i = 2; i < 20; ++i) {
    diagram.boxes.push_back({"a layer with a rather long name"});
    diagram.arrows.push_back({i, i + 1});
  }
  EXPECT_GT(attribute_of(picture_of(diagram), "height"), 1000);  // below one another
}

TEST(ToSvg, EmptyWalksAndBoardsAreNoTrouble) {
  EXPECT_EQ(test::xml_fault(to_svg({.title = "<nothing>"})), "");
  picture_of(Board{});
  picture_of(Table{});
  picture_of(Sheet{});
  picture_of(Diagram{});
  picture_of(Board{.grids = {{.title = "none", .values = zeros({0, 3})}}});
  picture_of(Board{.grids = {{.values = full({1, 1}, NAN), .look = Grid::Look::kShades}},
                   .stops = {{.title = "a"}, {.title = "b"}}});
}

}  // namespace
}  // namespace fovea::explain
