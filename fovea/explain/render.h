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

}  // namespace fovea::explain
