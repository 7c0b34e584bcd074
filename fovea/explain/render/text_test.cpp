#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "fovea/core/text_width.h"
#include "fovea/explain/render.h"
#include "tests/support/walks.h"

namespace fovea::explain {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a walk of one block is below its title.
std::string text_of(Block block, const TextOptions& options = {}) {
  const std::string text = to_text({.title = "t", .blocks = {std::move(block)}}, options);
  const std::size_t head = text.find("\n\n") + 2;
  EXPECT_EQ(text.substr(0, head), options.colour ? "\x1b[1mt\x1b[0m\n\n" : "t\n\n");
  return text.substr(head);
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  return lines;
}

TEST(ToText, ShowsGridsAndEachStop) {
  EXPECT_EQ(to_text(test::small_walk()),
            R"(Convolution

A kernel moves over an image.

A small one

image        kernel      map
 1  0 -2  x    1   0  =  1.5   5
 0  1 10       0 0.5

Step 1
  1 0  x    1   0  →  1.5   .
  0 1       0 0.5
  (1x1)+(0x0) + (0x0)+(1x0.5) = 1.5

Step 2
   0 -2  x    1   0  →  1.5   5
   1 10       0 0.5
  (0x1)+(-2x0) + (1x0)+(10x0.5) = 5
)");
}

TEST(ToText, SpeaksKoreanAndAscii) {
  EXPECT_EQ(to_text(test::small_walk(), {.language = Language::kKorean, .unicode = false}),
            R"(합성곱

커널이 움직입니다.

작은 예

이미지       커널        특성 맵
 1  0 -2  x    1   0  =  1.5   5
 0  1 10       0 0.5

1단계
  1 0  x    1   0  ->  1.5   .
  0 1       0 0.5
  (1x1)+(0x0) + (0x0)+(1x0.5) = 1.5

2단계
   0 -2  x    1   0  ->  1.5   5
   1 10       0 0.5
  (0x1)+(-2x0) + (1x0)+(10x0.5) = 5
)");
}

TEST(ToText, OneStopAloneComesAfterTheGrids) {
  Walk walk = test::small_walk();
  show_only(walk, 2);
  const std::string text = to_text(walk);
  EXPECT_THAT(text, HasSubstr("= 5\n"));
  EXPECT_THAT(text, Not(HasSubstr("Step 1")));
  std::get<Board>(walk.blocks[1]).only = 2;
  EXPECT_THAT(to_text(walk), Not(HasSubstr("Step")));
}

TEST(ToText, BracketsWhatWasChosen) {
  Board board = {.grids = {{.values = tensor({{3, -1}, {12, 0}})}},
                 .stops = {{.title = "Step 1", .lines = {"max = 12"}}}};
  board.stops[0].marks = {{Role::kRead, {.rows = 2, .columns = 2}}, {Role::kChosen, {.row = 1}}};
  board.stops[0].note = "the largest";
  EXPECT_EQ(text_of(board), R"(
 3 -1
12  0

Step 1
    3   -1
  [12]   0
  max = 12
  the largest
)");
}

TEST(ToText, SlicesLieBelowOneAnother) {
  const Tensor values = tensor({{1, 2, 3, 4}, {5, 6, -7, 8}}).view({2, 2, 2});
  Board board = {.grids = {{.title = "volume", .values = values}}, .stops = {{.title = "Step 1"}}};
  board.stops[0].marks = {{Role::kRead, {.row = 1, .columns = 2, .slices = 2}}};
  EXPECT_EQ(text_of(board), R"(volume
[0]
 1  2
 3  4
[1]
 5  6
-7  8

Step 1
  [0]
  3 4
  [1]
  -7  8
)");
}

TEST(ToText, LargeGridsAreCut) {
  const std::string text =
      text_of(Board{.grids = {{.values = arange(4000).view({40, 100})}}}, {.columns = 40});
  const std::vector<std::string> lines = lines_in(text);
  EXPECT_EQ(lines.size(), 31u);
  EXPECT_EQ(lines[1], "   0    1    2    3    4    5  ...   99");
  EXPECT_EQ(lines[27], "...");
  EXPECT_EQ(lines[30], "3900 3901 3902 3903 3904 3905  ... 3999");
}

TEST(ToText, ManyStopsAreCutInTheMiddle) {
  const std::string all = text_of(test::copying_board(8, 8));
  EXPECT_THAT(all, HasSubstr("Step 49\n"));
  const std::string text = text_of(test::copying_board(10, 10));
  EXPECT_THAT(text, HasSubstr("Step 48\n"));
  EXPECT_THAT(text, Not(HasSubstr("Step 49\n")));
  EXPECT_THAT(text, HasSubstr("... 36 steps left out: --step N shows one\n\nStep 85\n"));
  EXPECT_THAT(text, HasSubstr("Step 100\n"));
}

TEST(ToText, LongArithmeticIsWrapped) {
  Board board = {.grids = {{.values = ones({1, 1})}}};
  board.stops = {{.title = "Step 1", .lines = {"(1x1)+(2x2) + (3x3)+(4x4) + (5x5)+(6x6) = 91"}}};
  EXPECT_EQ(text_of(board, {.columns = 30}), R"(
1

Step 1
  (1x1)+(2x2) + (3x3)+(4x4) +
      (5x5)+(6x6) = 91
)");
}

TEST(ToText, ShadesGoFromPaleToDeep) {
  const Board board = {
      .grids = {{.values = tensor({{0, 1}, {2, 4}}), .look = Grid::Look::kShades}}};
  EXPECT_EQ(text_of(board), "\n  ░░\n▒▒██\n");
  EXPECT_EQ(text_of(board, {.unicode = false}), "\n  --\n++@@\n");
}

TEST(ToText, NotesAreWrappedFormulasAndCodeAreNot) {
  EXPECT_EQ(text_of(Note{.text = "one two three"}, {.columns = 8}), "one two\nthree\n");
  EXPECT_EQ(text_of(Note{.text = "a = b", .look = Note::Look::kFormula}), "  a = b\n");
  EXPECT_EQ(text_of(Note{.text = "x = f(y)\n  z", .look = Note::Look::kCode}, {.columns = 5}),
            "  x = f(y)\n    z\n");
}

TEST(ToText, TablesHaveEvenColumnsAndNumbersAtTheRight) {
  const Table table = {.title = "Sizes",
                       .headings = {Text("layer", "층"), Text("parameters", "매개변수")},
                       .rows = {{"conv1", "320"}, {Text("layer two", "둘째 층"), "1,024"}}};
  EXPECT_EQ(text_of(table), R"(Sizes

layer      parameters
─────────────────────
conv1             320
layer two       1,024
)");
  EXPECT_EQ(text_of(table, {.language = Language::kKorean, .unicode = false}), R"(Sizes

층       매개변수
-----------------
conv1         320
둘째 층     1,024
)");
  const Table wide = {.headings = {"a", "b"}, .rows = {{"x", "one two three four five six"}}};
  EXPECT_EQ(text_of(wide, {.columns = 20}), R"(a  b
────────────────────
x  one two three
   four five six
)");
}

TEST(ToText, BarsLieOnTheirSide) {
  const Chart chart = {
      .title = "Counts",
      .x_label = "value",
      .y_label = "how many",
      .series = {{.name = "before", .x = {-1, 0, 1}, .y = {4, 8, 1}, .look = Chart::Look::kBars}}};
  EXPECT_EQ(text_of(chart, {.columns = 16}), R"(Counts

before
  value | how many
  -1 ████     4
   0 ████████ 8
   1 █        1
)");
  EXPECT_THAT(text_of(chart, {.columns = 16, .unicode = false}), HasSubstr("  -1 ####     4\n"));
}

TEST(ToText, LinesArePointsOnAField) {
  const Chart chart = {.x_label = "x",
                       .y_label = "y",
                       .series = {{.name = "up", .x = {0, 1, 2}, .y = {0, 1, 2}},
                                  {.name = "down", .x = {0, 1, 2}, .y = {2, 1, 0}}}};
  EXPECT_EQ(text_of(chart, {.columns = 15}), R"(  y
  2 │o       *
    │
    │
    │
    │
    │
    │    o
    │
    │
    │
    │
  0 │*       o
    └─────────
     0    x  2
  * up
  o down
)");
}

TEST(ToText, PicturesStandSideBySide) {
  const io::Image dark = zeros({1, 4, 8}, {.dtype = u8}),
                  light = full({3, 4, 8}, 255, {.dtype = u8});
  const Sheet sheet = {.title = "Two",
                       .pictures = {{"dark", dark}, {Text("light", "밝음"), light}}};
  EXPECT_EQ(text_of(sheet), "Two\n\n          ████████\n          ████████\ndark      light\n");
  EXPECT_EQ(text_of(sheet, {.language = Language::kKorean, .unicode = false}),
            "Two\n\n          @@@@@@@@\n          @@@@@@@@\ndark      밝음\n");
  // Two pixels a letter: the upper one's colour and the lower one's.
  EXPECT_THAT(text_of(sheet, {.colour = true}),
              HasSubstr("\x1b[38;2;255;255;255;48;2;255;255;255m▀"));
}

TEST(ToText, DiagramsAreListsWithArrows) {
  const Diagram diagram = {.title = "Block",
                           .boxes = {{"input", "64x8x8"}, {"conv"}, {"add"}, {"relu"}},
                           .arrows = {{0, 1}, {1, 2, "x"}, {0, 2, Text("shortcut", "지름길")}}};
  EXPECT_EQ(text_of(diagram), R"(Block

  input  64x8x8  → add (shortcut)
  ↓
  conv
  ↓ x
  add

  relu
)");
  EXPECT_THAT(text_of(diagram, {.language = Language::kKorean, .unicode = false}),
              HasSubstr("  input  64x8x8  -> add (지름길)\n  |\n  conv\n  | x\n"));
}

TEST(ToText, ColourIsGivenOnlyWhenAskedFor) {
  EXPECT_THAT(to_text(test::small_walk()), Not(HasSubstr("\x1b")));
  const std::string coloured = to_text(test::small_walk(), {.colour = true});
  EXPECT_THAT(coloured, HasSubstr("\x1b[1mStep 1\x1b[0m\n"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;32m1.5\x1b[0m"));
  // Without its escapes it is the same text.
  std::string plain;
  for (std::size_t at = 0; at < coloured.size(); ++at) {
    if (coloured[at] == '\x1b')
      at = coloured.find('m', at);
    else
      plain += coloured[at];
  }
  EXPECT_EQ(plain, to_text(test::small_walk()));
}

TEST(ToText, EmptyWalksAndBoardsAreNoTrouble) {
  EXPECT_EQ(to_text({.title = "nothing"}), "nothing\n");
  EXPECT_EQ(text_of(Board{}), "");
  EXPECT_EQ(text_of(Table{}), "");
  EXPECT_EQ(text_of(Chart{}), "");
  EXPECT_EQ(text_of(Sheet{}), "");
  EXPECT_EQ(text_of(Diagram{}), "");
  EXPECT_EQ(text_of(Board{.grids = {{.title = "none", .values = zeros({0, 3})}}}), "none\n");
}

}  // namespace
}  // namespace fovea::explain
