#include "fovea/explain/render/svg_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "fovea/core/text_width.h"

namespace fovea::explain {

namespace {

/// Widths of a letter as shares of its height: 0.602 is that of most fonts with letters of one
/// width, 0.57 the mean over English sentences in the widest of the usual fonts (DejaVu Sans), and
/// 0.5 a column of the two that a Korean letter takes.
constexpr double kMonoLetter = 0.602, kLetter = 0.57, kWideLetter = 0.5;

/// The mean width of a column of `text`.
double letter_of(std::string_view text, bool mono) {
  if (mono) return kMonoLetter;
  // A letter beyond ASCII that is wide has three bytes and two columns.
  const int columns = display_width(text);
  const auto ascii = std::ranges::count_if(text, [](char c) { return (c & 0x80) == 0; });
  const double wide = columns > 0 ? 1 - static_cast<double>(ascii) / columns : 0;
  return kLetter + (kWideLetter - kLetter) * std::clamp(wide, 0.0, 1.0);
}

std::vector<std::string> lines_of_paragraph(std::string_view text, const SvgParagraph& look) {
  const double letter = look.size * letter_of(text, look.mono) * (look.bold ? 1.06 : 1);
  const int columns = std::max(static_cast<int>(look.width / letter), 4);
  std::vector<std::string> lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    for (std::string& line : wrap(text.substr(0, end), columns)) lines.push_back(std::move(line));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  if (lines.size() > look.most_lines) {
    lines.resize(std::max<std::size_t>(look.most_lines, 1));
    lines.back() = std::string(fitting_head(lines.back(), columns - 4)) + " ...";
  }
  return lines;
}

}  // namespace

double svg_text_width(std::string_view text, double size, bool mono) {
  return display_width(text) * size * letter_of(text, mono);
}

std::size_t svg_line_count(std::string_view text, const SvgParagraph& look) {
  return lines_of_paragraph(text, look).size();
}

double svg_paragraph(io::SvgCanvas& canvas, double x, double y, std::string_view text,
                     const SvgParagraph& look) {
  for (const std::string& line : lines_of_paragraph(text, look)) {
    canvas.text(x, y + look.size, line,
                {.size = look.size,
                 .anchor = look.anchor,
                 .fill = look.fill,
                 .bold = look.bold,
                 .mono = look.mono});
    y += svg_line_height(look.size);
  }
  return y;
}

double svg_title(io::SvgCanvas& canvas, const SvgFrame& frame, const Text& title) {
  if (title.empty()) return frame.top;
  return svg_paragraph(canvas, frame.left, frame.top, title.in(frame.language),
                       {.width = frame.width, .size = 18, .bold = true}) +
         12;
}

void svg_arrow_head(io::SvgCanvas& canvas, io::SvgPoint from, io::SvgPoint to,
                    const std::string& color) {
  constexpr double kLength = 9, kHalf = 4.5;
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  if (!(length > 0)) return;
  const io::SvgPoint along = {(to.x - from.x) / length, (to.y - from.y) / length};
  const io::SvgPoint back = {to.x - kLength * along.x, to.y - kLength * along.y};
  const std::array<io::SvgPoint, 3> tip = {{{back.x - kHalf * along.y, back.y + kHalf * along.x},
                                            to,
                                            {back.x + kHalf * along.y, back.y - kHalf * along.x}}};
  canvas.polyline(tip, {.fill = color});
}

}  // namespace fovea::explain
