// What a stream can show: whether it is a terminal, its size, colour, and characters beyond ASCII.
#pragma once

#include <string>
#include <string_view>

#include "fovea/core/text_width.h"

namespace fovea::cli {

/// What one of the standard streams can show.
struct Terminal {
  bool is_terminal = false;  ///< a person is looking
  bool colour = false;       ///< escape sequences are wanted
  bool unicode = false;      ///< characters beyond ASCII will be seen as such
  int columns = 80;          ///< width, of the terminal or as COLUMNS has it
  int rows = 24;             ///< height, of the terminal or as LINES has it
  bool has_width = false;    ///< somebody said so; else text of any width will do

  /// Standard output as it is now.
  static Terminal output();
  /// Standard error as it is now.
  static Terminal error();
};

/// Looks of text.
enum class Style : unsigned char { kBold, kDim, kGood, kBad, kAccent };

/// `text` in a style, or as it is when `terminal` has no colour.
std::string styled(const Terminal& terminal, Style style, std::string_view text);

/// Lines of `text`, those wrapped that are wider than a terminal of known width.
std::string fitted(const Terminal& terminal, std::string_view text, int indent);
/// `text`, or its beginning with "…" (or "~" without unicode) when it is wider than `columns`.
std::string shortened(const Terminal& terminal, std::string_view text, int columns);

}  // namespace fovea::cli
