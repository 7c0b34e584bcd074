// Renderers: from a walk to something to look at. They know no operation. All they give ends with a
// newline, and the same walk always gives the same bytes.
#pragma once

#include <string>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// How a walk is written as text.
struct TextOptions {
  Language language = Language::kEnglish;  ///< of its words
  int columns = 100;                       ///< letters a line, as far as that can be kept
  bool unicode = true;                     ///< shades and arrows may be drawn with such characters
  bool colour = false;                     ///< escape sequences of a terminal may be used
};

/// A walk as lines of text: grids side by side, every stop with its arithmetic and what is written
/// so far.
std::string to_text(const Walk& walk, const TextOptions& options = {});

/// A walk as a picture. A board with stops moves, one stop after the other, by the picture's own
/// style sheet; for who wants no motion, and where style sheets are not run, it shows the last stop
/// and everything that was written.
std::string to_svg(const Walk& walk, Language language = Language::kEnglish);

/// A walk as a page in one file, which needs no script: its picture, and the stops in words.
std::string to_html(const Walk& walk, Language language = Language::kEnglish);

/// What a walk says to programs, as JSON: a field a line, and a stop. Numbers have the fewest
/// digits that give them back, in their dtype; what JSON has no number for is null.
std::string to_json(const Walk& walk);

/// A walk for a page that draws it by itself: its structure as JSON, {"title", "blocks",
/// "document"}, the document being to_json's. A text is a string where both languages have the
/// same, else {"en", "ko"}. Numbers have the fewest digits that give them back, in their dtype;
/// those that are none are the strings "nan", "inf" and "-inf". Pictures are data URLs of PNGs.
///
/// A block is one of
///   {"kind": "note", "look": "paragraph"|"formula"|"code", "text"}
///   {"kind": "board", "title", "grids": [{"title", "look": "numbers"|"shades", "slices", "rows",
///    "columns", "values": [in logical order], "padding_rows", "padding_columns", "grows"}],
///    "signs", "stops": [{"title", "lines", "note", "marks": [{"role":
///    "read"|"weigh"|"chosen"|"write", "grid", "row", "column", "rows", "columns", "row_step",
///    "column_step", "slice", "slices"}]}], "only": a stop or null}
///   {"kind": "table", "title", "headings", "rows"}
///   {"kind": "chart", "title", "x_label", "y_label", "series": [{"name", "look": "bars"|"line",
///    "x", "y"}]}
///   {"kind": "sheet", "title", "columns", "pictures": [{"caption", "width", "height", "png"}]}
///   {"kind": "diagram", "title", "boxes": [{"label", "detail"}], "arrows": [{"from", "to",
///    "label"}]}
std::string to_page(const Walk& walk);

}  // namespace fovea::explain
