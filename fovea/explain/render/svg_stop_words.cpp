#include "fovea/explain/render/svg_stop_words.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace fovea::explain {

namespace {

constexpr double kStopTitle = 17, kStopLine = 16, kStopNote = 15;
constexpr double kBelowTitle = 6, kBelowLine = 2, kAboveNote = 6;
/// Of longer arithmetic the middle is left out.
constexpr std::size_t kMostLinesOfSum = 4, kMostSums = 9;

SvgParagraph look_of_line(const SvgFrame& frame) {
  return {.width = frame.width, .size = kStopLine, .mono = true, .most_lines = kMostLinesOfSum};
}

SvgParagraph look_of_note(const SvgFrame& frame) {
  return {.width = frame.width, .size = kStopNote, .fill = "@muted"};
}

/// The arithmetic of a stop; of very much the first lines and the last, the result.
std::vector<std::string> sums_of(const Stop& stop) {
  if (stop.lines.size() <= kMostSums) return stop.lines;
  std::vector<std::string> lines(stop.lines.begin(), stop.lines.begin() + kMostSums - 2);
  lines.emplace_back("...");
  lines.push_back(stop.lines.back());
  return lines;
}

}  // namespace

double svg_stop_width(const Stop& stop) {
  double width = 0;
  for (const std::string& line : sums_of(stop))
    width = std::max(width, svg_text_width(line, kStopLine, /*mono=*/true));
  return width;
}

double svg_stop_height(const Stop& stop, const SvgFrame& frame) {
  const auto lines = [](std::size_t count, double size) {
    return static_cast<double>(count) * svg_line_height(size);
  };
  double height = svg_line_height(kStopTitle) + kBelowTitle;
  for (const std::string& line : sums_of(stop))
    height += lines(svg_line_count(line, look_of_line(frame)), kStopLine) + kBelowLine;
  if (stop.note.empty()) return height;
  return height + kAboveNote +
         lines(svg_line_count(stop.note.in(frame.language), look_of_note(frame)), kStopNote);
}

void svg_stop_words(io::SvgCanvas& canvas, const Stop& stop, const SvgFrame& frame) {
  double y =
      svg_paragraph(canvas, frame.left, frame.top, stop.title.in(frame.language),
                    {.width = frame.width, .size = kStopTitle, .bold = true, .most_lines = 1});
  y += kBelowTitle;
  for (const std::string& line : sums_of(stop))
    y = svg_paragraph(canvas, frame.left, y, line, look_of_line(frame)) + kBelowLine;
  if (!stop.note.empty())
    svg_paragraph(canvas, frame.left, y + kAboveNote, stop.note.in(frame.language),
                  look_of_note(frame));
}

}  // namespace fovea::explain
