#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/axis.h"
#include "fovea/train/charts.h"

namespace fovea::train {

namespace {

using io::Axis;
using io::SvgAnchor;
using io::SvgCanvas;
using io::SvgPoint;

/// One line of both panels.
struct Series {
  const char* name;
  const char* color;
  std::vector<std::pair<std::int64_t, Score>> points;  // by epoch
};

/// Where a panel's curves lie, in pixels.
struct Box {
  double left, top, right, bottom;
};

constexpr double kWidth = 920, kHeight = 400;
constexpr Box kLossBox{70, 92, 440, 338}, kAccuracyBox{530, 92, 900, 338};
// A curve alone is as wide as the page of a telephone, or half that of a desk.
constexpr double kCurveWidth = 380, kCurveHeight = 290;
constexpr Box kCurveBox{50, 70, 370, 236};

struct Panel {
  const char* title;
  double Score::*value;
};
constexpr Panel kLoss{"Loss", &Score::loss}, kAccuracy{"Accuracy", &Score::accuracy};

std::vector<Series> collect_series(std::span<const EpochEvent> epochs) {
  std::vector<Series> all = {
      {"training", "@series1", {}}, {"validation", "@series3", {}}, {"test", "@series2", {}}};
  for (const EpochEvent& event : epochs) {
    all[0].points.emplace_back(event.epoch, event.train);
    if (event.val) all[1].points.emplace_back(event.epoch, *event.val);
    if (event.test) all[2].points.emplace_back(event.epoch, *event.test);
  }
  std::erase_if(all, [](const Series& series) { return series.points.empty(); });
  return all;
}

/// What each colour stands for, from right to left.
void draw_legend(SvgCanvas& canvas, const std::vector<Series>& all) {
  double x = canvas.width() - 20;
  for (auto series = all.rbegin(); series != all.rend(); ++series) {
    x -= 8.0 * static_cast<double>(std::string(series->name).size());
    canvas.text(x, 34, series->name, {.fill = "@muted"});
    canvas.line({x - 28, 30}, {x - 8, 30}, {.stroke = series->color, .stroke_width = 2.5});
    canvas.circle({x - 18, 30}, 3.5, {.fill = series->color});
    x -= 48;
  }
}

void draw_axes(SvgCanvas& canvas, const Box& box, const char* title, const Axis& epochs,
               const Axis& values) {
  canvas.text(box.left, box.top - 16, title, {.size = 14, .bold = true});
  for (const double tick : values.ticks()) {
    const double y = values.at(tick);
    canvas.line({box.left, y}, {box.right, y}, {.stroke = "@grid"});
    canvas.text(box.left - 8, y + 4, values.label(tick),
                {.size = 12, .anchor = SvgAnchor::kEnd, .fill = "@muted"});
  }
  canvas.line({box.left, box.bottom}, {box.right, box.bottom}, {.stroke = "@muted"});
  for (const double tick : epochs.ticks()) {
    const double x = epochs.at(tick);
    canvas.line({x, box.bottom}, {x, box.bottom + 5}, {.stroke = "@muted"});
    canvas.text(x, box.bottom + 20, epochs.label(tick),
                {.size = 12, .anchor = SvgAnchor::kMiddle, .fill = "@muted"});
  }
  canvas.text((box.left + box.right) / 2, box.bottom + 42, "epoch",
              {.size = 12, .anchor = SvgAnchor::kMiddle, .fill = "@muted"});
}

/// One panel: the curves of loss or of accuracy.
void draw_panel(SvgCanvas& canvas, const Box& box, const Panel& panel,
                const std::vector<Series>& all) {
  const auto& [title, value] = panel;
  double low = all[0].points[0].second.*value, high = low;
  for (const Series& series : all) {
    for (const auto& point : series.points) {
      low = std::min(low, point.second.*value);
      high = std::max(high, point.second.*value);
    }
  }
  const auto first = static_cast<double>(all[0].points.front().first);
  const auto last = static_cast<double>(all[0].points.back().first);
  const Axis epochs(first, last, box.left + 14, box.right - 14, 10, Axis::Ends::kExact,
                    /*smallest_step=*/1);
  const Axis values(low, high, box.bottom, box.top, 6, Axis::Ends::kRound);
  draw_axes(canvas, box, title, epochs, values);
  for (const Series& series : all) {
    std::vector<SvgPoint> line;
    for (const auto& [epoch, score] : series.points) {
      line.push_back({epochs.at(static_cast<double>(epoch)), values.at(score.*value)});
    }
    if (line.size() > 1) canvas.polyline(line, {.stroke = series.color, .stroke_width = 2.5});
    // Beyond some 40 epochs the dots would be a thicker line and hide the curve.
    if (line.size() <= 40) {
      for (const SvgPoint& point : line) canvas.circle(point, 3.5, {.fill = series.color});
    }
  }
}

}  // namespace

SvgCanvas draw_curves(std::span<const EpochEvent> epochs, std::string_view title) {
  check<ArgumentError>(!epochs.empty(), "draw_curves: epochs expected at least 1, got 0");
  const std::vector<Series> all = collect_series(epochs);
  SvgCanvas canvas(kWidth, kHeight, std::string(title) + ": loss and accuracy by epoch");
  canvas.text(20, 36, title, {.size = 18, .bold = true});
  draw_legend(canvas, all);
  draw_panel(canvas, kLossBox, kLoss, all);
  draw_panel(canvas, kAccuracyBox, kAccuracy, all);
  return canvas;
}

SvgCanvas draw_curve(std::span<const EpochEvent> epochs, Curve curve) {
  check<ArgumentError>(!epochs.empty(), "draw_curve: epochs expected at least 1, got 0");
  const Panel& panel = curve == Curve::kLoss ? kLoss : kAccuracy;
  const std::vector<Series> all = collect_series(epochs);
  SvgCanvas canvas(kCurveWidth, kCurveHeight, std::string(panel.title) + " by epoch");
  draw_legend(canvas, all);
  draw_panel(canvas, kCurveBox, panel, all);
  return canvas;
}

}  // namespace fovea::train
