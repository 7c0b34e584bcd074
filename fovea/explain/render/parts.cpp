#include "fovea/explain/render/parts.h"

#include <cmath>

namespace fovea::explain {

namespace {

GridNumbers numbers_of_grid(const Grid& grid) {
  GridNumbers numbers;
  const int dims = grid.values.dim();
  if (dims > 0) numbers.columns = grid.values.size(dims - 1);
  if (dims > 1) numbers.rows = grid.values.size(dims - 2);
  for (int d = 0; d < dims - 2; ++d) numbers.slices *= grid.values.size(d);
  numbers.values = grid.values.to_vector<double>();
  bool first = true;
  for (const double value : numbers.values) {
    if (!std::isfinite(value)) continue;
    numbers.least = first ? value : std::min(numbers.least, value);
    numbers.largest = first ? value : std::max(numbers.largest, value);
    first = false;
  }
  return numbers;
}

bool is_numeric(const std::string& text) {
  return text.find_first_not_of("0123456789+-.,%ex ") == std::string::npos || text == "nan" ||
         text == "inf" || text == "-inf";
}

}  // namespace

std::vector<GridNumbers> numbers_of(const Board& board) {
  std::vector<GridNumbers> all;
  for (const Grid& grid : board.grids) {
    all.push_back(numbers_of_grid(grid));
    if (grid.grows && !board.stops.empty())
      all.back().written.assign(all.back().values.size(), GridNumbers::kNever);
  }
  for (std::size_t i = 0; i < board.stops.size(); ++i) {
    for (const Mark& mark : board.stops[i].marks) {
      if (mark.role != Role::kWrite || mark.cells.grid >= all.size()) continue;
      GridNumbers& grid = all[mark.cells.grid];
      if (grid.written.empty()) continue;
      for_each_cell(mark.cells, grid, [&](std::int64_t s, std::int64_t r, std::int64_t c) {
        grid.written[grid.place(s, r, c)] = i;
      });
    }
  }
  return all;
}

ShownStops shown_stops(const Board& board, std::size_t most) {
  ShownStops shown;
  const std::size_t count = board.stops.size();
  if (board.only) {
    if (*board.only < count) shown.stops.push_back(*board.only);
    return shown;
  }
  if (count > most) {
    shown.gap = most - most / 4;
    shown.left_out = count - most;
  }
  for (std::size_t i = 0; i < count; ++i)
    if (shown.left_out == 0 || i < shown.gap || i >= shown.gap + shown.left_out)
      shown.stops.push_back(i);
  return shown;
}

std::vector<std::size_t> spread_stops(const Board& board, std::size_t most) {
  const std::size_t count = board.stops.size();
  if (board.only || count <= most) return shown_stops(board, count).stops;
  std::vector<std::size_t> stops(most);
  for (std::size_t i = 0; i < most; ++i) stops[i] = i * (count - 1) / (most - 1);
  if (most < 3 || !board.rest || *board.rest == 0 || *board.rest + 1 >= count) return stops;
  // In place of one between the first and the last.
  *std::lower_bound(stops.begin() + 1, stops.end() - 2, *board.rest) = *board.rest;
  return stops;
}

std::vector<bool> numeric_columns(const Table& table, Language language) {
  std::vector<bool> numeric(table.headings.size(), !table.rows.empty());
  for (const std::vector<Text>& row : table.rows)
    for (std::size_t c = 0; c < std::min(numeric.size(), row.size()); ++c)
      numeric[c] = numeric[c] && is_numeric(row[c].in(language));
  return numeric;
}

}  // namespace fovea::explain
