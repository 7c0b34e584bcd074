// What renderers need to know of a board: the numbers on its grids, when each is written, and which
// of its stops are shown.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// The numbers on a grid.
struct GridNumbers {
  /// The `written` of a cell that no stop writes.
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  std::int64_t slices = 1;          ///< how many lie behind one another
  std::int64_t rows = 1;            ///< of a slice
  std::int64_t columns = 1;         ///< of a slice
  std::vector<double> values = {};  ///< in logical order
  /// Of a growing grid, for each cell the last stop that writes it; of others empty.
  std::vector<std::size_t> written = {};

  /// Where a cell is in `values`.
  std::size_t place(std::int64_t slice, std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>((slice * rows + row) * columns + column);
  }
  /// Whether a cell has its number once `stop` is over; without a stop, all have.
  bool is_written(std::size_t cell, std::optional<std::size_t> stop) const {
    return !stop || written.empty() || written[cell] <= *stop;
  }
  double least = 0;    ///< of all finite values
  double largest = 0;  ///< likewise
};

/// The numbers of all grids of a board. A tensor of other than 2 or 3 dimensions counts as rows of
/// its last.
std::vector<GridNumbers> numbers_of(const Board& board);

/// Whether shades of the numbers must tell those below 0 from those above.
inline bool has_signs(const GridNumbers& numbers) { return numbers.least < 0; }

/// The stops that are shown: all, or when there are more than `most`, those at the ends.
struct ShownStops {
  std::vector<std::size_t> stops;  ///< places in Board::stops, rising
  std::size_t gap = 0;             ///< before this place of `stops` some are left out,
  std::size_t left_out = 0;        ///< so many
};

/// Of `board`, where no more than `most` are wanted. Three quarters are from its beginning.
ShownStops shown_stops(const Board& board, std::size_t most);

/// Places of stops as far apart as `most` of them allow, rising, the first, the last and the one of
/// rest among them: of one that is shown alone, that; of up to `most`, all.
std::vector<std::size_t> spread_stops(const Board& board, std::size_t most);

/// Calls `use(slice, row, column)` for those of the cells that the grid has.
template <class F>
void for_each_cell(const Cells& cells, const GridNumbers& grid, const F& use) {
  for (std::int64_t s = cells.slice; s < cells.slice + cells.slices; ++s)
    for (std::int64_t r = 0; r < cells.rows; ++r)
      for (std::int64_t c = 0; c < cells.columns; ++c) {
        const std::int64_t row = cells.row + r * cells.row_step;
        const std::int64_t column = cells.column + c * cells.column_step;
        if (s >= 0 && s < grid.slices && row >= 0 && row < grid.rows && column >= 0 &&
            column < grid.columns)
          use(s, row, column);
      }
}

/// Whether a cell lies in the padding of its grid.
inline bool is_padding(const Grid& grid, const GridNumbers& numbers, std::int64_t row,
                       std::int64_t column) {
  return row < grid.padding_rows || row >= numbers.rows - grid.padding_rows ||
         column < grid.padding_columns || column >= numbers.columns - grid.padding_columns;
}

/// For each column of a table, whether it holds numbers alone, which are set at the right.
std::vector<bool> numeric_columns(const Table& table, Language language);

/// One of two literals.
inline std::string_view word(Language language, std::string_view english, std::string_view korean) {
  return language == Language::kKorean ? korean : english;
}

}  // namespace fovea::explain
