// Charts as text: bars lie on their side, lines are points on a field of letters.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "fovea/core/text_width.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/render/text_lines.h"

namespace fovea::explain {

namespace {

constexpr int kPlotRows = 12, kMostPlotColumns = 72, kMostBarColumns = 48;
constexpr std::size_t kMostBars = 40;
constexpr std::string_view kPointLetters = "*o+x#@";

struct TextBar {
  double x = 0, y = 0;
};

/// The bars of a series; of very many, neighbours in one with their sum.
std::vector<TextBar> text_bars(const Chart::Series& series) {
  const std::size_t count = std::min(series.x.size(), series.y.size());
  const std::size_t each = (count + kMostBars - 1) / kMostBars;
  std::vector<TextBar> bars;
  for (std::size_t i = 0; i < count; i += each) {
    TextBar bar;
    const std::size_t end = std::min(i + each, count);
    for (std::size_t k = i; k < end; ++k) {
      bar.x += series.x[k] / static_cast<double>(end - i);
      bar.y += series.y[k];
    }
    bars.push_back(bar);
  }
  return bars;
}

/// A bar of so many columns; parts of one with blocks that are eighths.
std::string bar_text(double columns, bool unicode) {
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string text;
  if (!unicode) return std::string(static_cast<std::size_t>(std::lround(columns)), '#');
  const auto eighths = static_cast<std::size_t>(std::lround(columns * 8));
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text += kEighths[eighths % 8];
}

Lines bars_lines(const Chart::Series& series, const TextOptions& options) {
  const std::vector<TextBar> bars = text_bars(series);
  double most = 0;
  int x_width = 0, y_width = 0;
  for (const TextBar& bar : bars) {
    most = std::max(most, std::abs(bar.y));
    x_width = std::max(x_width, display_width(number_text(bar.x)));
    y_width = std::max(y_width, display_width(number_text(bar.y)));
  }
  const int room = std::clamp(options.columns - x_width - y_width - 5, 8, kMostBarColumns);
  Lines lines;
  for (const TextBar& bar : bars) {
    const double share = most > 0 ? std::abs(bar.y) / most : 0;
    lines.push_back("  " + padded_left(number_text(bar.x), x_width) + " " +
                    padded(bar_text(share * room, options.unicode), room) + " " +
                    padded_left(number_text(bar.y), y_width));
  }
  return lines;
}

/// The least and the largest of numbers, set apart where they are equal.
struct TextRange {
  double low = 0, high = 0;
  bool empty = true;
  void take(double value) {
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
  double share(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

Lines plot_lines(const std::vector<const Chart::Series*>& all, const Chart& chart,
                 const TextOptions& options) {
  TextRange across, up;
  for (const Chart::Series* series : all) {
    for (const double x : series->x) across.take(x);
    for (const double y : series->y) up.take(y);
  }
  const std::string top = number_text(up.high, 3), bottom = number_text(up.low, 3);
  const int label = std::max(display_width(top), display_width(bottom));
  const int width = std::clamp(options.columns - label - 5, 8, kMostPlotColumns);
  std::vector<std::string> field(kPlotRows, std::string(static_cast<std::size_t>(width), ' '));
  for (std::size_t s = 0; s < all.size(); ++s)
    for (std::size_t i = 0; i < std::min(all[s]->x.size(), all[s]->y.size()); ++i) {
      const auto column = std::lround(across.share(all[s]->x[i]) * (width - 1));
      const auto row = std::lround((1 - up.share(all[s]->y[i])) * (kPlotRows - 1));
      field[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] =
          kPointLetters[s % kPointLetters.size()];
    }
  const std::string_view wall = options.unicode ? "│" : "|", corner = options.unicode ? "└" : "+";
  Lines lines;
  for (int r = 0; r < kPlotRows; ++r) {
    const std::string& at = r == 0 ? top : r == kPlotRows - 1 ? bottom : std::string();
    lines.push_back("  " + padded_left(at, label) + " " + std::string(wall) +
                    field[static_cast<std::size_t>(r)]);
  }
  std::string rule = std::string(static_cast<std::size_t>(label + 3), ' ') + std::string(corner);
  for (int i = 0; i < width; ++i) rule += options.unicode ? "─" : "-";
  lines.push_back(std::move(rule));
  const std::string first = number_text(across.low), last = number_text(across.high);
  const std::string name = chart.x_label.in(options.language);
  std::string below = std::string(static_cast<std::size_t>(label + 4), ' ') + first;
  below = padded(below, label + 4 + (width - display_width(name)) / 2) + " " + name;
  lines.push_back(below + padded_left(last, label + 4 + width - shown_width(below)));
  for (std::size_t s = 0; s < all.size(); ++s)
    if (!all[s]->name.empty())
      lines.push_back("  " + std::string(1, kPointLetters[s % kPointLetters.size()]) + " " +
                      all[s]->name.in(options.language));
  return lines;
}

}  // namespace

Lines chart_lines(const Chart& chart, const TextOptions& options) {
  Lines lines;
  if (!chart.title.empty())
    append(lines, {inked(options, Ink::kBold, chart.title.in(options.language)), ""});
  std::vector<const Chart::Series*> curves;
  for (const Chart::Series& series : chart.series) {
    if (series.look == Chart::Look::kLine) {
      curves.push_back(&series);
      continue;
    }
    if (!series.name.empty()) lines.push_back(series.name.in(options.language));
    if (!chart.x_label.empty() || !chart.y_label.empty())
      lines.push_back("  " + chart.x_label.in(options.language) + " | " +
                      chart.y_label.in(options.language));
    append(lines, bars_lines(series, options));
  }
  if (curves.empty()) return indented(lines, 0);
  if (!chart.y_label.empty()) lines.push_back("  " + chart.y_label.in(options.language));
  append(lines, plot_lines(curves, chart, options));
  return indented(lines, 0);
}

}  // namespace fovea::explain
