// Lines of text side by side, and what each kind of block is as lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/explain/render.h"

namespace fovea::explain {

/// Lines, without their ends.
using Lines = std::vector<std::string>;

/// Looks of text in a terminal.
enum class Ink : std::uint8_t { kPlain, kBold, kDim, kRead, kWeigh, kChosen, kWrite };

/// `text` in a look, or as it is without colour.
std::string inked(const TextOptions& options, Ink ink, std::string_view text);
/// Columns that `text` takes, escape sequences none.
int shown_width(std::string_view text);
/// The widest line's.
int shown_width(const Lines& lines);
/// `text` with spaces at its end, so that it takes `width` columns.
std::string padded(std::string text, int width);
/// `text` with spaces before it.
std::string padded_left(const std::string& text, int width);
/// Lines that begin with `indent` spaces, without spaces at their ends.
Lines indented(const Lines& lines, int indent);
/// Appends lines.
void append(Lines& lines, const Lines& more);

/// Blocks of lines beside one another, as many as `columns` allow, then more of them below.
Lines beside(const std::vector<Lines>& blocks, int columns, int gap);

/// A picture of shades, [rows, columns] in [0, 1], in at most `columns` letters and about 30 lines.
/// Values that are NaN are left empty.
struct Shades {
  std::int64_t rows = 0;                                      ///< how many
  std::int64_t columns = 0;                                   ///< how many
  std::function<double(std::int64_t, std::int64_t)> at = {};  ///< of row and column
};
/// That as lines. With `fine`, of many small pixels, whose letters are twice as high as wide.
Lines shade_lines(const Shades& shades, int columns, const TextOptions& options, bool fine);

Lines board_lines(const Board& board, const TextOptions& options);        ///< a board as lines
Lines table_lines(const Table& table, const TextOptions& options);        ///< a table as lines
Lines chart_lines(const Chart& chart, const TextOptions& options);        ///< a chart as lines
Lines sheet_lines(const Sheet& sheet, const TextOptions& options);        ///< a sheet as lines
Lines diagram_lines(const Diagram& diagram, const TextOptions& options);  ///< a diagram as lines

}  // namespace fovea::explain
