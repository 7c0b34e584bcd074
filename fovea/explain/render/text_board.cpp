// Boards as text: the grids in a row, then each stop with what it reads, its arithmetic and what is
// written so far.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/text_width.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/text_lines.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kMostTextStops = 64;
constexpr std::int64_t kMostTextRows = 30, kRowsOfEnd = 3;
constexpr std::int64_t kMostTextSlices = 8;
/// The largest window, and the highest growing grid, that is shown at each stop.
constexpr std::int64_t kMostWindowRows = 7, kMostWindowColumns = 12, kMostStopRows = 16;

/// A cell of a table of numbers.
struct TextCell {
  std::string text;
  Ink ink = Ink::kPlain;
};

/// Which of `count` rows or columns are shown when `most` fit; -1 stands for those left out.
std::vector<std::int64_t> kept_of(std::int64_t count, std::int64_t most, std::int64_t of_end) {
  std::vector<std::int64_t> kept;
  most = std::max(most, of_end + 2);
  for (std::int64_t i = 0; i < count; ++i) {
    if (count <= most || i < most - 1 - of_end || i >= count - of_end)
      kept.push_back(i);
    else if (i == most - 1 - of_end)
      kept.push_back(-1);
  }
  return kept;
}

/// A table whose columns are evenly wide, at least `width`, its numbers at the right.
template <class Cell>
Lines lines_of_cells(std::int64_t rows, std::int64_t columns, int room, int width,
                     const TextOptions& options, const Cell& cell_at) {
  const std::vector<std::int64_t> shown_rows = kept_of(rows, kMostTextRows, kRowsOfEnd);
  for (const std::int64_t r : shown_rows)
    for (std::int64_t c = 0; r >= 0 && c < columns; ++c)
      width = std::max(width, display_width(cell_at(r, c).text));
  const std::int64_t fitting = (room + 1) / (width + 1);
  const std::vector<std::int64_t> shown_columns = kept_of(columns, fitting, 1);
  Lines lines;
  for (const std::int64_t r : shown_rows) {
    std::string line;
    for (const std::int64_t c : shown_columns) {
      const TextCell cell = r < 0 || c < 0 ? TextCell{c < 0 ? "..." : ".."} : cell_at(r, c);
      const int pad = std::max(0, width - display_width(cell.text));
      line += std::string(static_cast<std::size_t>(pad), ' ') +
              inked(options, cell.ink, cell.text) + " ";
    }
    if (!line.empty()) line.pop_back();
    lines.push_back(r < 0 ? "..." : std::move(line));
  }
  return lines;
}

class BoardText {
 public:
  BoardText(const Board& board, const TextOptions& options)
      : board_(board), options_(options), numbers_(numbers_of(board)) {
    // All slices of a grid are as wide, and at all stops.
    for (const GridNumbers& numbers : numbers_) {
      int width = 1;
      for (const double value : numbers.values)
        width = std::max(width, display_width(number_text(value)));
      widths_.push_back(width);
    }
  }

  /// The title and the grids, with what all stops write.
  Lines overview() const {
    Lines lines;
    if (!board_.title.empty())
      append(lines, {inked(options_, Ink::kBold, board_.title.in(options_.language)), ""});
    std::vector<Lines> blocks;
    for (std::size_t g = 0; g < board_.grids.size(); ++g) {
      Lines block = {board_.grids[g].title.in(options_.language)};
      append(block, grid_lines(g, std::nullopt, options_.columns));
      blocks.push_back(std::move(block));
      if (g + 1 < board_.grids.size() && !sign_after(g).empty())
        blocks.push_back(sign_block(sign_after(g), std::min(height_of(g), height_of(g + 1)), 1));
    }
    append(lines, beside(blocks, options_.columns, 2));
    return lines;
  }

  Lines stop_lines(std::size_t place) const {
    const Stop& stop = board_.stops[place];
    Lines lines = {"", inked(options_, Ink::kBold, stop.title.in(options_.language))};
    append(lines, indented(beside(scene_of(place), options_.columns - 2, 2), 2));
    for (const std::string& line : stop.lines)
      append(lines, indented(wrap(line, options_.columns - 2, 4), 2));
    if (!stop.note.empty())
      append(lines, indented(wrap(stop.note.in(options_.language), options_.columns - 2), 2));
    return lines;
  }

  Lines left_out_line(std::size_t count) const {
    const std::string how = options_.language == Language::kKorean
                                ? str("... 중간의 ", count, "단계 생략: --step N으로 하나씩 봅니다")
                                : str("... ", count, " steps left out: --step N shows one");
    return {"", inked(options_, Ink::kDim, how)};
  }

 private:
  std::string sign_after(std::size_t grid) const {
    return grid < board_.signs.size() ? board_.signs[grid] : std::string();
  }

  std::int64_t height_of(std::size_t grid) const {
    return std::min(numbers_[grid].rows, kMostTextRows);
  }

  /// A sign at mid height, below so many lines of titles.
  static Lines sign_block(const std::string& sign, std::int64_t height, std::int64_t above) {
    Lines block(static_cast<std::size_t>(std::max<std::int64_t>(height - 1, 0) / 2 + above));
    block.push_back(sign);
    return block;
  }

  TextCell cell_of(std::size_t g, std::int64_t slice, std::int64_t row, std::int64_t column,
                   std::optional<std::size_t> stop) const {
    const GridNumbers& numbers = numbers_[g];
    const std::size_t place = numbers.place(slice, row, column);
    if (!numbers.is_written(place, stop)) return {".", Ink::kDim};
    const bool fresh = stop && !numbers.written.empty() && numbers.written[place] == *stop;
    const bool padding = is_padding(board_.grids[g], numbers, row, column);
    return {number_text(numbers.values[place]), fresh     ? Ink::kWrite
                                                : padding ? Ink::kDim
                                                          : Ink::kPlain};
  }

  Lines slice_lines(std::size_t g, std::int64_t slice, std::optional<std::size_t> stop,
                    int room) const {
    const GridNumbers& numbers = numbers_[g];
    if (board_.grids[g].look == Grid::Look::kNumbers)
      return lines_of_cells(
          numbers.rows, numbers.columns, room, widths_[g], options_,
          [&](std::int64_t r, std::int64_t c) { return cell_of(g, slice, r, c, stop); });
    const double least = numbers.least;
    const double range = std::max(numbers.largest - least, 1e-300);
    const auto share = [&](std::int64_t r, std::int64_t c) {
      const std::size_t place = numbers.place(slice, r, c);
      return numbers.is_written(place, stop) ? (numbers.values[place] - least) / range
                                             : std::nan("");
    };
    return shade_lines({numbers.rows, numbers.columns, share}, std::min(room, 64), options_,
                       /*fine=*/false);
  }

  /// The slices of a grid one below the other, after `stop` or at the end.
  Lines grid_lines(std::size_t g, std::optional<std::size_t> stop, int room) const {
    const GridNumbers& numbers = numbers_[g];
    if (numbers.slices == 1) return slice_lines(g, 0, stop, room);
    Lines lines;
    for (const std::int64_t slice : kept_of(numbers.slices, kMostTextSlices, 1)) {
      if (slice < 0) {
        lines.emplace_back("...");
        continue;
      }
      lines.push_back(inked(options_, Ink::kDim, str("[", slice, "]")));
      append(lines, slice_lines(g, slice, stop, room - 2));
    }
    return lines;
  }

  bool is_small(const Cells& cells) const {
    return cells.grid < numbers_.size() && cells.rows <= kMostWindowRows &&
           cells.columns <= kMostWindowColumns &&
           (cells.rows + (cells.slices > 1)) * cells.slices <= kMostStopRows;
  }

  /// The cells that a mark names; those in `chosen` in brackets.
  Lines window_lines(const Mark& mark, const std::set<std::size_t>& chosen) const {
    const Cells& cells = mark.cells;
    const GridNumbers& numbers = numbers_[cells.grid];
    const Ink ink = mark.role == Role::kRead ? Ink::kRead : Ink::kWeigh;
    Lines lines;
    for (std::int64_t s = cells.slice; s < cells.slice + cells.slices; ++s) {
      if (cells.slices > 1) lines.push_back(inked(options_, Ink::kDim, str("[", s, "]")));
      const auto cell = [&](std::int64_t r, std::int64_t c) -> TextCell {
        std::optional<std::size_t> place;
        for_each_cell({.grid = cells.grid,
                       .row = cells.row + r * cells.row_step,
                       .column = cells.column + c * cells.column_step,
                       .slice = s},
                      numbers, [&](std::int64_t slice, std::int64_t row, std::int64_t column) {
                        place = numbers.place(slice, row, column);
                      });
        if (!place) return {};
        std::string text = number_text(numbers.values[*place]);
        if (chosen.empty()) return {std::move(text), ink};
        if (chosen.contains(*place)) return {"[" + text + "]", Ink::kChosen};
        return {text + " ", ink};
      };
      append(lines, lines_of_cells(cells.rows, cells.columns, options_.columns, 1, options_, cell));
    }
    return lines;
  }

  std::set<std::size_t> chosen_of(const Stop& stop, std::size_t grid) const {
    std::set<std::size_t> chosen;
    for (const Mark& mark : stop.marks)
      if (mark.role == Role::kChosen && mark.cells.grid == grid && grid < numbers_.size())
        for_each_cell(mark.cells, numbers_[grid],
                      [&](std::int64_t s, std::int64_t r, std::int64_t c) {
                        chosen.insert(numbers_[grid].place(s, r, c));
                      });
    return chosen;
  }

  /// What a stop reads, where that is small, and the growing grids that it writes to.
  std::vector<Lines> scene_of(std::size_t place) const {
    const Stop& stop = board_.stops[place];
    std::vector<Lines> scene;
    const Mark* before = nullptr;
    for (const Mark& mark : stop.marks) {
      const bool is_input = mark.role == Role::kRead || mark.role == Role::kWeigh;
      if (!is_input || !is_small(mark.cells)) continue;
      Lines window = window_lines(mark, chosen_of(stop, mark.cells.grid));
      if (before != nullptr)
        scene.push_back(sign_block(sign_between(*before, mark),
                                   std::min(shown_rows(window), shown_rows(scene.back())), 0));
      scene.push_back(std::move(window));
      before = &mark;
    }
    for (std::size_t g = 0; g < board_.grids.size(); ++g) {
      const bool writes = std::ranges::any_of(stop.marks, [&](const Mark& mark) {
        return mark.role == Role::kWrite && mark.cells.grid == g;
      });
      if (!board_.grids[g].grows || !writes) continue;
      Lines grown = grid_lines(g, place, options_.columns - 2);
      if (shown_rows(grown) > kMostStopRows) continue;
      if (!scene.empty())
        scene.push_back(sign_block(options_.unicode ? "→" : "->",
                                   std::min(shown_rows(scene.back()), shown_rows(grown)), 0));
      scene.push_back(std::move(grown));
    }
    return scene;
  }

  static std::int64_t shown_rows(const Lines& lines) { return std::ssize(lines); }

  std::string sign_between(const Mark& left, const Mark& right) const {
    if (left.cells.grid + 1 == right.cells.grid && !sign_after(left.cells.grid).empty())
      return sign_after(left.cells.grid);
    return left.role != right.role ? "x" : "";
  }

  const Board& board_;
  const TextOptions& options_;
  std::vector<GridNumbers> numbers_;
  std::vector<int> widths_;  // of each grid's numbers
};

}  // namespace

Lines board_lines(const Board& board, const TextOptions& options) {
  const BoardText text(board, options);
  Lines lines = text.overview();
  const ShownStops shown = shown_stops(board, kMostTextStops);
  for (std::size_t i = 0; i < shown.stops.size(); ++i) {
    if (shown.left_out > 0 && i == shown.gap) append(lines, text.left_out_line(shown.left_out));
    append(lines, text.stop_lines(shown.stops[i]));
  }
  return lines;
}

}  // namespace fovea::explain
