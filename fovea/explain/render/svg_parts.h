// What each kind of block is as a picture, and text that fits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fovea/explain/walk.h"
#include "fovea/io/svg.h"

namespace fovea::explain {

/// Where a block is drawn, in pixels.
struct SvgFrame {
  double left = 0;                         ///< its left end
  double top = 0;                          ///< its upper end
  double width = 0;                        ///< it may take any height
  Language language = Language::kEnglish;  ///< of its words
};

/// How a paragraph is set.
struct SvgParagraph {
  double width = 0;                              ///< of its lines, in pixels
  double size = 15;                              ///< of its letters
  bool bold = false;                             ///< heavier
  bool mono = false;                             ///< all letters of one width
  std::string fill = "@text";                    ///< colour
  io::SvgAnchor anchor = io::SvgAnchor::kStart;  ///< which end lies at the position
  std::size_t most_lines = 1000;                 ///< of more the last ends in "..."
};

/// The width that a text needs, with some room for fonts that are wider than most.
double svg_text_width(std::string_view text, double size, bool mono = false);
/// Height of a line.
inline double svg_line_height(double size) { return 1.45 * size; }
/// How many lines a text takes.
std::size_t svg_line_count(std::string_view text, const SvgParagraph& look);
/// Draws lines below `y`; returns where they end.
double svg_paragraph(io::SvgCanvas& canvas, double x, double y, std::string_view text,
                     const SvgParagraph& look);
/// The title of a block; returns where it ends. Draws nothing when it is empty.
double svg_title(io::SvgCanvas& canvas, const SvgFrame& frame, const Text& title);

/// The tip of an arrow that ends at `to` and comes from the direction of `from`.
void svg_arrow_head(io::SvgCanvas& canvas, io::SvgPoint from, io::SvgPoint to,
                    const std::string& color);

/// What stands above the blocks of a walk.
enum class SvgHead : unsigned char {
  kTitle,  ///< its title
  kNone,   ///< nothing: the page has the title
};
/// The picture of a walk.
std::string svg_picture(const Walk& walk, Language language, SvgHead head);

/// The width that a board would like to have.
double svg_board_width(const Board& board);
/// Draws a board, `number` in the picture; returns where it ends. So do all of these.
double svg_board(io::SvgCanvas& canvas, const SvgFrame& frame, const Board& board,
                 std::size_t number);
double svg_table(io::SvgCanvas& canvas, const SvgFrame& frame, const Table& table);  ///< a table
double svg_chart(io::SvgCanvas& canvas, const SvgFrame& frame, const Chart& chart);  ///< a chart
double svg_sheet(io::SvgCanvas& canvas, const SvgFrame& frame, const Sheet& sheet);  ///< a sheet
/// A diagram.
double svg_diagram(io::SvgCanvas& canvas, const SvgFrame& frame, const Diagram& diagram);

}  // namespace fovea::explain
