// Tables and sheets of pictures as pictures.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/svg_parts.h"
#include "fovea/io/pictures/image.h"

namespace fovea::explain {

namespace {

constexpr double kCellText = 15, kCellPad = 12, kRowPad = 8, kNarrowestColumn = 90;
constexpr double kPictureGap = 16, kLargestPicture = 240, kSmallestPicture = 40, kCaption = 14;

/// The widths of a table's columns. Those of a wide one shrink, the widest first.
std::vector<double> column_widths(const Table& table, const SvgFrame& frame) {
  std::vector<double> widths;
  for (std::size_t c = 0; c < table.headings.size(); ++c) {
    double widest = 1.1 * svg_text_width(table.headings[c].in(frame.language), kCellText);
    for (const std::vector<Text>& row : table.rows)
      if (c < row.size())
        widest = std::max(widest, svg_text_width(row[c].in(frame.language), kCellText));
    widths.push_back(std::ceil(1.06 * widest) + 2 * kCellPad);
  }
  while (!widths.empty() && std::accumulate(widths.begin(), widths.end(), 0.0) > frame.width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowestColumn) break;
    *widest -= 4;
  }
  return widths;
}

}  // namespace

double svg_table(io::SvgCanvas& canvas, const SvgFrame& frame, const Table& table) {
  double y = svg_title(canvas, frame, table.title);
  const std::vector<double> widths = column_widths(table, frame);
  const double width = std::accumulate(widths.begin(), widths.end(), 0.0);
  const std::vector<bool> numeric = numeric_columns(table, frame.language);
  const auto draw_row = [&](const std::vector<Text>& row, bool heading) {
    double x = frame.left, bottom = y + svg_line_height(kCellText);
    for (std::size_t c = 0; c < std::min(widths.size(), row.size()); ++c) {
      const SvgParagraph look = {
          .width = widths[c] - 2 * kCellPad + 1,
          .size = kCellText,
          .bold = heading,
          .anchor = numeric[c] ? io::SvgAnchor::kEnd : io::SvgAnchor::kStart};
      const double at = numeric[c] ? x + widths[c] - kCellPad : x + kCellPad;
      bottom = std::max(
          bottom, svg_paragraph(canvas, at, y + kRowPad - 3, row[c].in(frame.language), look));
      x += widths[c];
    }
    y = bottom + kRowPad - 2;
    canvas.line({frame.left, y}, {frame.left + width, y},
                {.stroke = heading ? "@muted" : "@grid", .stroke_width = heading ? 1.5 : 1.0});
  };
  draw_row(table.headings, true);
  for (const std::vector<Text>& row : table.rows) draw_row(row, false);
  return y;
}

double svg_sheet(io::SvgCanvas& canvas, const SvgFrame& frame, const Sheet& sheet) {
  double y = svg_title(canvas, frame, sheet.title);
  const auto columns = static_cast<std::size_t>(std::clamp<std::int64_t>(
      sheet.columns, 1, std::max<std::int64_t>(std::ssize(sheet.pictures), 1)));
  const double side = std::clamp(
      std::floor((frame.width + kPictureGap) / static_cast<double>(columns)) - kPictureGap,
      kSmallestPicture, kLargestPicture);
  // A sheet of more columns than there is room for has more rows.
  const auto fitting = std::max<std::size_t>(
      static_cast<std::size_t>((frame.width + kPictureGap) / (side + kPictureGap) + 1e-9), 1);
  const std::size_t across = std::min(columns, fitting);
  for (std::size_t first = 0; first < sheet.pictures.size(); first += across) {
    if (first > 0) y += kPictureGap;
    double bottom = y;
    for (std::size_t i = first; i < std::min(first + across, sheet.pictures.size()); ++i) {
      const Sheet::Picture& picture = sheet.pictures[i];
      const double x = frame.left + static_cast<double>(i - first) * (side + kPictureGap);
      const auto rows = static_cast<double>(picture.image.size(1));
      const auto wide = static_cast<double>(picture.image.size(2));
      const double scale = side / std::max(rows, wide), w = wide * scale, h = rows * scale;
      const std::string& caption = picture.caption.in(frame.language);
      canvas.image(x + (side - w) / 2, y + (side - h) / 2, w, h, io::encode_png(picture.image),
                   caption);
      canvas.rect(x - 0.5, y - 0.5, side + 1, side + 1, {.stroke = "@grid"});
      const double end = caption.empty()
                             ? y + side
                             : svg_paragraph(canvas, x + side / 2, y + side + 5, caption,
                                             {.width = side + kPictureGap - 2,
                                              .size = kCaption,
                                              .anchor = io::SvgAnchor::kMiddle,
                                              .most_lines = 3});
      bottom = std::max(bottom, end);
    }
    y = bottom;
  }
  return y;
}

}  // namespace fovea::explain
