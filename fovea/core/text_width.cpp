#include "fovea/core/text_width.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace fovea {

namespace {

/// The code point that starts at text[i], and its length in bytes. Broken UTF-8 counts byte by
/// byte.
std::pair<char32_t, std::size_t> code_point(std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length == 1 || lead < 0xc2 || i + length > text.size()) return {lead, 1};
  char32_t value = lead & (0x7fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    const auto next = static_cast<unsigned char>(text[i + k]);
    if ((next & 0xc0u) != 0x80u) return {lead, 1};
    value = value << 6 | (next & 0x3fu);
  }
  return {value, length};
}

/// The blocks of the Unicode standard's wide characters that class names may hold: Hangul, Kana,
/// CJK, full-width forms, pictographs.
int width_of(char32_t c) {
  if (c >= 0x300 && c <= 0x36f) return 0;  // combining marks
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : 1;
}

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto [value, length] = code_point(text, i);
    width += width_of(value);
    i += length;
  }
  return width;
}

std::string_view fitting_head(std::string_view text, int columns) {
  int width = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const auto [value, length] = code_point(text, i);
    width += width_of(value);
    if (width > columns) break;
    i += length;
  }
  return text.substr(0, i);
}

std::vector<std::string> wrap(std::string_view text, int columns, int indent) {
  std::vector<std::string> lines;
  std::string rest(text);
  while (display_width(rest) > columns) {
    // A break is a space with something before it on its line; without one a word is cut.
    const std::size_t first = rest.find_first_not_of(' ');
    std::size_t end = 0, space = 0;
    for (int width = 0; end < rest.size();) {
      const auto [value, length] = code_point(rest, end);
      if (value == ' ' && end > first) space = end;
      width += width_of(value);
      if (width > columns && end > first) break;
      end += length;
    }
    if (space > 0) end = space;
    std::string line = rest.substr(0, end);
    rest.erase(0, std::min(rest.find_first_not_of(' ', end), rest.size()));
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
    if (rest.empty()) return lines;
    rest.insert(0, static_cast<std::size_t>(std::clamp(indent, 0, columns - 1)), ' ');
  }
  lines.push_back(std::move(rest));
  return lines;
}

}  // namespace fovea
