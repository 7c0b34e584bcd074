// Charts as pictures.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "fovea/explain/render/svg_layout.h"
#include "fovea/explain/render/svg_parts.h"
#include "fovea/io/axis.h"

namespace fovea::explain {

namespace {

constexpr double kChartWidth = 760, kChartHeight = 280;
constexpr double kLeftOfChart = 74, kBelowChart = 58;
constexpr double kTickSize = 14;
constexpr std::array<const char*, 6> kSeriesColors = {"@series1", "@series2", "@series3",
                                                      "@series4", "@series5", "@series6"};

const char* color_of_series(std::size_t s) { return kSeriesColors[s % kSeriesColors.size()]; }

/// The numbers that an axis spans.
struct ChartSpan {
  double low = 0, high = 0;
  bool empty = true, whole = true;
  /// Axes of whole numbers have no ticks between them.
  double smallest_step() const { return whole ? 1 : 0; }
  void take(double value) {
    whole = whole && value == std::trunc(value);
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
};

/// The distance of a series' bars.
double bar_step(const Chart::Series& series) {
  if (series.x.size() < 2) return 1;
  return (series.x.back() - series.x.front()) / static_cast<double>(series.x.size() - 1);
}

class ChartPicture {
 public:
  ChartPicture(io::SvgCanvas& canvas, const SvgFrame& frame, const Chart& chart)
      : canvas_(canvas), frame_(frame), chart_(chart) {
    for (const Chart::Series& series : chart.series) {
      const bool is_bars = series.look == Chart::Look::kBars;
      bars_ += is_bars;
      const double half = is_bars ? bar_step(series) / 2 : 0;
      if (is_bars) y_.take(0);
      for (const double x : series.x) {
        x_.take(x - half);
        x_.take(x + half);
      }
      for (const double y : series.y) y_.take(y);
    }
  }

  double draw() {
    double top = svg_title(canvas_, frame_, chart_.title);
    top = draw_legend(top) + 14;
    box_ = {frame_.left + kLeftOfChart, top, std::min(frame_.width, kChartWidth) - kLeftOfChart - 8,
            kChartHeight};
    const io::Axis across(x_.low, x_.high, box_.x, box_.x + box_.width, 10, io::Axis::Ends::kExact);
    const io::Axis up(y_.low, y_.high, box_.y + box_.height, box_.y, 6, io::Axis::Ends::kRound,
                      y_.smallest_step());
    draw_axes(across, up);
    std::size_t bar = 0;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      if (chart_.series[s].look == Chart::Look::kBars)
        draw_bars(chart_.series[s], across, up, bar++, color_of_series(s));
      else
        draw_line(chart_.series[s], across, up, color_of_series(s));
    }
    return box_.y + box_.height + (chart_.x_label.empty() ? 32 : kBelowChart);
  }

 private:
  double draw_legend(double top) {
    double x = frame_.left;
    bool any = false;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      const std::string& name = chart_.series[s].name.in(frame_.language);
      if (name.empty()) continue;
      const double width = 26 + 1.1 * svg_text_width(name, kTickSize) + 22;
      if (any && x + width > frame_.left + frame_.width) {
        x = frame_.left;
        top += 24;
      }
      any = true;
      const bool is_bars = chart_.series[s].look == Chart::Look::kBars;
      canvas_.rect(x, top + (is_bars ? 2 : 7), 18, is_bars ? 14 : 4,
                   {.fill = color_of_series(s), .corner = 2});
      canvas_.text(x + 26, top + 14, name, {.size = kTickSize, .fill = "@muted"});
      x += width;
    }
    return top + (any ? 20 : 0);
  }

  void draw_axes(const io::Axis& across, const io::Axis& up) {
    const double right = box_.x + box_.width, bottom = box_.y + box_.height;
    for (const double tick : up.ticks()) {
      canvas_.line({box_.x, up.at(tick)}, {right, up.at(tick)}, {.stroke = "@grid"});
      canvas_.text(box_.x - 10, up.at(tick) + 5, up.label(tick),
                   {.size = kTickSize, .anchor = io::SvgAnchor::kEnd, .fill = "@muted"});
    }
    canvas_.line({box_.x, bottom}, {right, bottom}, {.stroke = "@muted"});
    for (const double tick : across.ticks()) {
      canvas_.line({across.at(tick), bottom}, {across.at(tick), bottom + 5}, {.stroke = "@muted"});
      canvas_.text(across.at(tick), bottom + 22, across.label(tick),
                   {.size = kTickSize, .anchor = io::SvgAnchor::kMiddle, .fill = "@muted"});
    }
    canvas_.text(box_.x + box_.width / 2, bottom + 46, chart_.x_label.in(frame_.language),
                 {.size = kTickSize, .anchor = io::SvgAnchor::kMiddle, .fill = "@muted"});
    canvas_.text(
        frame_.left + 14, box_.y + box_.height / 2, chart_.y_label.in(frame_.language),
        {.size = kTickSize, .anchor = io::SvgAnchor::kMiddle, .fill = "@muted", .rotate = -90});
  }

  /// Bars of several series stand side by side.
  void draw_bars(const Chart::Series& series, const io::Axis& across, const io::Axis& up,
                 std::size_t bar, const char* color) {
    const double step = std::abs(across.at(bar_step(series)) - across.at(0));
    const double room = step * (step > 4 ? 0.86 : 1), each = room / static_cast<double>(bars_);
    for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
      const double left = across.at(series.x[i]) - room / 2 + each * static_cast<double>(bar);
      const double top = std::min(up.at(series.y[i]), up.at(0));
      const double height = std::abs(up.at(series.y[i]) - up.at(0));
      if (height > 0)
        canvas_.rect(left, top, each, height, {.fill = color, .corner = std::min(each / 4, 2.0)});
    }
  }

  void draw_line(const Chart::Series& series, const io::Axis& across, const io::Axis& up,
                 const char* color) {
    std::vector<io::SvgPoint> points;
    for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i)
      points.push_back({across.at(series.x[i]), up.at(series.y[i])});
    canvas_.polyline(points, {.stroke = color, .stroke_width = 3});
    // Of many points the dots would be a thicker line.
    if (points.size() > 24) return;
    for (const io::SvgPoint& point : points) canvas_.circle(point, 4, {.fill = color});
  }

  io::SvgCanvas& canvas_;
  const SvgFrame& frame_;
  const Chart& chart_;
  SvgBox box_;
  ChartSpan x_, y_;
  std::size_t bars_ = 0;
};

}  // namespace

double svg_chart(io::SvgCanvas& canvas, const SvgFrame& frame, const Chart& chart) {
  return ChartPicture(canvas, frame, chart).draw();
}

}  // namespace fovea::explain
