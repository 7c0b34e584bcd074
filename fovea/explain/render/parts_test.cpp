#include "fovea/explain/render/parts.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/walks.h"

namespace fovea::explain {
namespace {

TEST(NumbersOf, KnowsWhenCellsAreWritten) {
  Board board = test::small_board();
  // The first cell is written at both stops: the last one counts.
  board.stops[1].marks.push_back({Role::kWrite, {.grid = 2}});
  const std::vector<GridNumbers> numbers = numbers_of(board);
  ASSERT_EQ(numbers.size(), 3u);
  EXPECT_TRUE(numbers[0].written.empty());
  EXPECT_EQ(numbers[2].written, (std::vector<std::size_t>{1, 1}));
  EXPECT_FALSE(numbers[2].is_written(0, 0));
  EXPECT_TRUE(numbers[2].is_written(0, 1));
  EXPECT_TRUE(numbers[2].is_written(0, std::nullopt));
  EXPECT_TRUE(numbers[0].is_written(0, 0));
  EXPECT_EQ(numbers[0].least, -2);
  EXPECT_EQ(numbers[0].largest, 10);
}

TEST(NumbersOf, WithoutStopsAllIsThere) {
  Board board = test::small_board();
  board.stops.clear();
  EXPECT_TRUE(numbers_of(board)[2].is_written(0, 0));
}

TEST(NumbersOf, CountsDimensionsFromTheLast) {
  const Board board = {
      .grids = {{.values = scalar(3)}, {.values = tensor({1, 2})}, {.values = zeros({2, 3, 4})}}};
  const std::vector<GridNumbers> numbers = numbers_of(board);
  EXPECT_EQ(numbers[0].values.size(), 1u);
  EXPECT_EQ(numbers[1].columns, 2);
  EXPECT_EQ(numbers[2].slices, 2);
  EXPECT_EQ(numbers[2].rows, 3);
  EXPECT_EQ(numbers[2].place(1, 2, 3), 23u);
}

TEST(ForEachCell, LeavesOutWhatTheGridHasNot) {
  const GridNumbers grid{.slices = 1, .rows = 3, .columns = 3};
  std::vector<std::pair<std::int64_t, std::int64_t>> cells;
  for_each_cell({.row = -1, .column = 1, .rows = 3, .columns = 2, .row_step = 2, .column_step = 2},
                grid, [&](std::int64_t, std::int64_t r, std::int64_t c) {
                  cells.push_back({r, c});
                });
  EXPECT_EQ(cells, (std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1}}));
}

TEST(ShownStops, AreThoseAtTheEnds) {
  const Board board = test::copying_board(10, 10);
  EXPECT_EQ(shown_stops(board, 100).stops.size(), 100u);
  EXPECT_EQ(shown_stops(board, 100).left_out, 0u);
  const ShownStops shown = shown_stops(board, 8);
  EXPECT_EQ(shown.stops, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 98, 99}));
  EXPECT_EQ(shown.gap, 6u);
  EXPECT_EQ(shown.left_out, 92u);
}

TEST(ShownStops, OneAloneOrNone) {
  Board board = test::copying_board(2, 2);
  board.only = 3;
  EXPECT_EQ(shown_stops(board, 2).stops, std::vector<std::size_t>{3});
  board.only = 4;
  EXPECT_TRUE(shown_stops(board, 2).stops.empty());
}

TEST(NumericColumns, HoldNumbersAlone) {
  const Table table = {.headings = {"a", "b", "c"},
                       .rows = {{"1,024", "32x28x28", "one"}, {"-0.5", "12 %", "2"}}};
  EXPECT_EQ(numeric_columns(table, Language::kEnglish), (std::vector<bool>{true, true, false}));
}

}  // namespace
}  // namespace fovea::explain
