#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "fovea/io/colors.h"
#include "fovea/train/charts.h"
#include "fovea/train/page_parts.h"

namespace fovea::train {

namespace {

using io::SvgAnchor;
using io::SvgCanvas;

/// Where everything lies, in pixels. Cells shrink as classes grow in number, and lose their text
/// when it cannot fit.
struct Layout {
  double cell, name_width, left, top, width, height;
  bool text;

  Layout(std::int64_t classes, std::size_t longest_name) {
    const auto n = static_cast<double>(classes);
    cell = std::clamp(600.0 / n, 4.0, 54.0);
    text = cell >= 24;
    name_width = text ? std::clamp(7.2 * static_cast<double>(longest_name), 30.0, 190.0) : 10;
    left = name_width + 62;
    top = 104 + name_width * 0.72;
    width = std::max(left + n * cell + (text ? 96 : 30), 430.0);
    height = top + n * cell + 54;
  }
};

/// A cell without samples: next to paper, on a light page and on a dark one.
const io::SvgStyle kEmpty{.fill = "@grid", .opacity = 0.3};

std::string percent_number(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", share * 100);
  return text;
}

void draw_cell(SvgCanvas& canvas, const Layout& layout, std::int64_t row, std::int64_t column,
               std::int64_t count, double share) {
  const double x = layout.left + static_cast<double>(column) * layout.cell;
  const double y = layout.top + static_cast<double>(row) * layout.cell;
  const double gap = layout.text ? 1 : 0;
  // The root, so that a confusion of a few per cent, which is what one looks for, is not all but
  // white.
  const io::Rgb color = io::heat_color(share < 1 ? 0.9 * std::sqrt(share) : 0.9);
  io::SvgStyle style = kEmpty;
  if (count > 0) style = {.fill = io::hex_of(color)};
  style.corner = layout.text ? 2.0 : 0.0;
  canvas.rect(x, y, layout.cell - gap, layout.cell - gap, style);
  if (!layout.text || count == 0) return;
  canvas.text(x + (layout.cell - gap) / 2, y + layout.cell / 2 + 4, std::to_string(count),
              {.size = std::min(13.0, layout.cell * 0.3),
               .anchor = SvgAnchor::kMiddle,
               .fill = io::ink_on(color),
               .bold = row == column});
}

void draw_names(SvgCanvas& canvas, const Layout& layout, const Metrics& metrics) {
  const double right = layout.left + static_cast<double>(metrics.per_class.size()) * layout.cell;
  for (const ClassMetrics& of_class : metrics.per_class) {
    const double middle = (static_cast<double>(of_class.index) + 0.5) * layout.cell;
    const std::string name = io::svg_shortened(of_class.name, layout.name_width);
    canvas.text(layout.left - 8, layout.top + middle + 4, name,
                {.size = 13, .anchor = SvgAnchor::kEnd});
    canvas.text(layout.left + middle + 2, layout.top - 8, name, {.size = 13, .rotate = -45});
    canvas.text(right + 58, layout.top + middle + 4, percent_number(of_class.recall),
                {.size = 13, .anchor = SvgAnchor::kEnd, .fill = "@muted"});
  }
  canvas.text(right + 58, layout.top - 10, "recall %",
              {.size = 12, .anchor = SvgAnchor::kEnd, .fill = "@muted"});
}

}  // namespace

SvgCanvas draw_confusion(const Report& report) {
  const Metrics metrics = report.metrics();
  const ConfusionMatrix& confusion = report.evaluation.confusion;
  std::size_t longest = 0;
  for (const ClassMetrics& of_class : metrics.per_class)
    longest = std::max(longest, of_class.name.size());
  const Layout layout(confusion.classes(), longest);
  const double side = static_cast<double>(confusion.classes()) * layout.cell;

  SvgCanvas canvas(
      layout.width, layout.height,
      "Confusion matrix of " + report.model + " on " + report.data + ", rows: true class");
  canvas.text(20, 34, report.model + " on " + report.data, {.size = 18, .bold = true});
  canvas.text(20, 56,
              percent_number(metrics.accuracy) + " % of " + with_commas(metrics.samples) + " right",
              {.fill = "@muted"});
  // One pale square stands for all the empty cells of a large matrix.
  if (!layout.text) canvas.rect(layout.left, layout.top, side, side, kEmpty);
  for (std::int64_t row = 0; row < confusion.classes(); ++row) {
    const auto support = static_cast<double>(std::max<std::int64_t>(confusion.support(row), 1));
    for (std::int64_t column = 0; column < confusion.classes(); ++column) {
      const std::int64_t count = confusion.count(row, column);
      if (!layout.text && count == 0) continue;
      draw_cell(canvas, layout, row, column, count, static_cast<double>(count) / support);
    }
  }
  if (layout.text) draw_names(canvas, layout, metrics);
  canvas.text(layout.left + side / 2, layout.top + side + 30, "predicted class",
              {.anchor = SvgAnchor::kMiddle, .fill = "@muted"});
  canvas.text(26, layout.top + side / 2, "true class",
              {.anchor = SvgAnchor::kMiddle, .fill = "@muted", .rotate = -90});
  return canvas;
}

}  // namespace fovea::train
