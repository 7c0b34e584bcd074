#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "fovea/explain/render.h"
#include "fovea/explain/render/page_text.h"
#include "fovea/explain/topics/topics.h"
#include "fovea/io/base64.h"
#include "fovea/io/json.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/support/walks.h"

namespace fovea::explain {
namespace {

using io::Json;

Json page_as_json(const Walk& walk) {
  const std::optional<Json> parsed = io::parse_json(to_page(walk));
  EXPECT_TRUE(parsed) << to_page(walk);
  return parsed.value_or(Json());
}

TEST(ToPage, WritesAWalkByItsStructure) {
  const Json page = page_as_json(test::small_walk());
  EXPECT_EQ(io::json_line(page["title"]), R"({"en":"Convolution","ko":"합성곱"})");
  EXPECT_EQ(io::json_line(page["document"]),
            io::json_line(*io::parse_json(to_json(test::small_walk()))));
  EXPECT_EQ(io::json_line(page["blocks"][0]),
            R"({"kind":"note","look":"paragraph","text":{"en":"A kernel moves over an image.",)"
            R"("ko":"커널이 움직입니다."}})");
  const Json& board = page["blocks"][1];
  EXPECT_EQ(board["kind"], "board");
  EXPECT_EQ(io::json_line(board["grids"][2]),
            R"({"title":{"en":"map","ko":"특성 맵"},"look":"numbers","slices":1,"rows":1,)"
            R"("columns":2,"values":[1.5,5],"padding_rows":0,"padding_columns":0,"grows":true})");
  EXPECT_EQ(io::json_line(board["signs"]), R"(["x","="])");
  EXPECT_EQ(io::json_line(board["stops"][1]["lines"]), R"(["(0x1)+(-2x0) + (1x0)+(10x0.5) = 5"])");
  EXPECT_EQ(io::json_line(board["stops"][1]["marks"][2]),
            R"({"role":"write","grid":2,"row":0,"column":1,"rows":1,"columns":1,"row_step":1,)"
            R"("column_step":1,"slice":0,"slices":1})");
  EXPECT_EQ(board["stops"][0]["marks"][0]["role"], "read");
  EXPECT_EQ(board["stops"][0]["marks"][1]["role"], "weigh");
  EXPECT_EQ(board["stops"][0]["note"], "");
  EXPECT_TRUE(board["only"].is_null());
  Walk walk = test::small_walk();
  show_only(walk, 2);
  EXPECT_EQ(page_as_json(walk)["blocks"][1]["only"], 1);
}

TEST(ToPage, WritesEveryOtherBlock) {
  Walk walk{.title = "t", .blocks = {}};
  walk.blocks.emplace_back(Note{.text = "1 + 1 = 2", .look = Note::Look::kFormula});
  walk.blocks.emplace_back(Note{.text = "a\n\"b\"", .look = Note::Look::kCode});
  walk.blocks.emplace_back(Table{.title = "a table", .headings = {"h"}, .rows = {{"1"}, {"2"}}});
  walk.blocks.emplace_back(
      Chart{.title = "c",
            .x_label = "x",
            .y_label = "y",
            .series = {{.name = "s", .x = {1, 2}, .y = {0.5, NAN}, .look = Chart::Look::kBars}}});
  const io::Image image = full({3, 2, 4}, 7, {.dtype = u8});
  walk.blocks.emplace_back(Sheet{.title = "p", .pictures = {{"cap", image}}, .columns = 3});
  walk.blocks.emplace_back(Diagram{.title = "d",
                                   .boxes = {{"a", "b"}, {"c", ""}},
                                   .arrows = {{.from = 0, .to = 1, .label = "goes"}}});
  const Json blocks = page_as_json(walk)["blocks"];
  EXPECT_EQ(blocks[0]["look"], "formula");
  EXPECT_EQ(blocks[1]["look"], "code");
  EXPECT_EQ(blocks[1]["text"], "a\n\"b\"");
  EXPECT_EQ(io::json_line(blocks[2]),
            R"({"kind":"table","title":"a table","headings":["h"],"rows":[["1"],["2"]]})");
  EXPECT_EQ(io::json_line(blocks[3]["series"]),
            R"([{"name":"s","look":"bars","x":[1,2],"y":[0.5,"nan"]}])");
  const Json& picture = blocks[4]["pictures"][0];
  EXPECT_EQ(picture["width"], 4);
  EXPECT_EQ(picture["height"], 2);
  const std::string start = "data:image/png;base64,", url = picture["png"];
  ASSERT_TRUE(url.starts_with(start));
  const auto bytes = io::decode_base64(url.substr(start.size()));
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(equal(io::decode_image(*bytes, "p"), image));
  EXPECT_EQ(io::json_line(blocks[5]),
            R"({"kind":"diagram","title":"d","boxes":[{"label":"a","detail":"b"},)"
            R"({"label":"c","detail":""}],"arrows":[{"from":0,"to":1,"label":"goes"}]})");
}

TEST(ToPage, GridsAreSlicesOfRows) {
  Walk walk{.title = "t", .blocks = {}};
  walk.blocks.emplace_back(
      Board{.grids = {{.title = "deep",
                       .values = arange(12).view({2, 2, 3}),
                       .look = Grid::Look::kShades,
                       .padding_rows = 1},
                      {.title = "turned", .values = tensor({{1, 2}, {3, 4}}).t()}}});
  const Json grids = page_as_json(walk)["blocks"][0]["grids"];
  EXPECT_EQ(io::json_line(grids[0]),
            R"({"title":"deep","look":"shades","slices":2,"rows":2,"columns":3,)"
            R"("values":[0,1,2,3,4,5,6,7,8,9,10,11],"padding_rows":1,"padding_columns":0,)"
            R"("grows":false})");
  EXPECT_EQ(io::json_line(grids[1]["values"]), "[1,3,2,4]");
}

TEST(PageText, NumbersHaveTheFewestDigitsThatGiveThemBack) {
  EXPECT_EQ(page_number(0.1), "0.1");
  EXPECT_EQ(page_number(0.1f), "0.1");
  EXPECT_EQ(page_number(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(page_number(1.0f / 3), "0.33333334");
  EXPECT_EQ(page_number(3.0), "3");
  EXPECT_EQ(page_number(-0.0), "0");
  EXPECT_EQ(page_number(1e300), "1e+300");
  EXPECT_EQ(page_number(std::nan("")), "\"nan\"");
  EXPECT_EQ(page_number(std::numeric_limits<float>::infinity()), "\"inf\"");
  EXPECT_EQ(page_number(-std::numeric_limits<double>::infinity()), "\"-inf\"");
  EXPECT_EQ(page_numbers(tensor({0.1, 1.0 / 3})), "[0.1,0.33333334]");
  EXPECT_EQ(page_numbers(tensor({0.1, 1.0 / 3}, {.dtype = f64})), "[0.1,0.3333333333333333]");
  EXPECT_EQ(page_numbers(Tensor()), "[]");
}

TEST(PageText, TextsAreOneStringWhereBothLanguagesHaveTheSame) {
  EXPECT_EQ(page_text("a \"b\""), R"("a \"b\"")");
  EXPECT_EQ(page_text({"sum", "합"}), R"({"en":"sum","ko":"합"})");
  EXPECT_EQ(page_text({}), "\"\"");
}

TEST(ToPage, TakesAllTopics) {
  for (const Topic& topic : topics()) {
    const Walk walk = topic.make();
    const Json page = page_as_json(walk);
    EXPECT_EQ(page["blocks"].size(), walk.blocks.size()) << topic.name;
  }
}

}  // namespace
}  // namespace fovea::explain
