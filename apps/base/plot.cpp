#include "apps/base/plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "apps/base/table.h"

namespace fovea::cli {

namespace {

constexpr int kGutter = 7;  // columns of "12.34 " and the axis

/// The dots of a picture: set by their place from the lower left, read cell by cell.
class Dots {
 public:
  Dots(int columns, int rows, const Terminal& terminal)
      : columns_(columns),
        rows_(rows),
        across_(terminal.unicode ? 2 : 1),
        up_(terminal.unicode ? 4 : 1),
        cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) {}

  int width() const { return columns_ * across_; }
  int height() const { return rows_ * up_; }

  void set(int x, int y, std::size_t curve) {
    x = std::clamp(x, 0, width() - 1);
    y = std::clamp(y, 0, height() - 1);
    const int row = rows_ - 1 - y / up_;
    Cell& cell = cells_[static_cast<std::size_t>(row * columns_ + x / across_)];
    // The numbers of braille's dots, from the lowest row of a cell to the highest.
    constexpr std::uint8_t kBits[4][2] = {{0x40, 0x80}, {0x04, 0x20}, {0x02, 0x10}, {0x01, 0x08}};
    cell.bits |= up_ == 1 ? 1 : kBits[y % up_][x % across_];
    cell.curve = curve;
  }

  void line(int x, int y, int to_x, int to_y, std::size_t curve) {
    const int steps = std::max({std::abs(to_x - x), std::abs(to_y - y), 1});
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      set(x + static_cast<int>(std::lround((to_x - x) * share)),
          y + static_cast<int>(std::lround((to_y - y) * share)), curve);
    }
  }

  std::string row(int row, const std::vector<Curve>& curves, const Terminal& terminal) const {
    std::string out;
    for (int column = 0; column < columns_; ++column) {
      const Cell& cell = cells_[static_cast<std::size_t>(row * columns_ + column)];
      if (cell.bits == 0) {
        out += ' ';
      } else {
        const Curve& curve = curves[cell.curve];
        out += styled(terminal, curve.style,
                      up_ == 1 ? std::string(1, curve.letter) : braille(cell.bits));
      }
    }
    return out;
  }

 private:
  struct Cell {
    std::uint8_t bits = 0;
    std::size_t curve = 0;
  };

  /// U+2800 and the dots, in UTF-8.
  static std::string braille(std::uint8_t bits) {
    return {static_cast<char>(0xE2), static_cast<char>(0xA0 | bits >> 6),
            static_cast<char>(0x80 | (bits & 0x3F))};
  }

  int columns_, rows_, across_, up_;
  std::vector<Cell> cells_;
};

struct Range {
  double least = 0, most = 1;
};

Range range_of(const std::vector<Curve>& curves) {
  Range range{INFINITY, -INFINITY};
  for (const Curve& curve : curves) {
    for (const auto& [x, y] : curve.points) {
      range.least = std::min(range.least, y);
      range.most = std::max(range.most, y);
    }
  }
  if (range.least > range.most) return {};
  if (range.least == range.most) return {range.least - 0.5, range.most + 0.5};
  return range;
}

void draw(const std::vector<Curve>& curves, const PlotOptions& options, const Range& range,
          Dots& dots) {
  const auto place = [](double share, int size) {
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * (size - 1)));
  };
  const double x_most = options.x_most > 0 ? options.x_most : 1;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    int before_x = 0, before_y = 0;
    for (std::size_t k = 0; k < curves[i].points.size(); ++k) {
      const auto& [x, y] = curves[i].points[k];
      const int at_x = place(x / x_most, dots.width());
      const int at_y = place((y - range.least) / (range.most - range.least), dots.height());
      if (k == 0) {
        dots.set(at_x, at_y, i);
      } else {
        dots.line(before_x, before_y, at_x, at_y, i);
      }
      before_x = at_x;
      before_y = at_y;
    }
  }
}

/// A number of the y axis in five columns.
std::string y_text(double value, bool percent) {
  const double shown = percent ? 100 * value : value;
  const int digits = std::abs(shown) < 10 ? 3 : std::abs(shown) < 100 ? 1 : 0;
  return fmt::format("{:>6}", fmt::format("{:.{}f}", shown, digits)).substr(0, 6);
}

}  // namespace

std::vector<std::string> plot(const std::vector<Curve>& curves, const PlotOptions& options,
                              const Terminal& terminal) {
  const int columns = std::max(options.columns - kGutter, 9), rows = std::max(options.rows - 1, 2);
  const Range range = range_of(curves);
  Dots dots(columns, rows, terminal);
  draw(curves, options, range, dots);
  std::vector<std::string> lines;
  const std::string axis = styled(terminal, Style::kDim, terminal.unicode ? "│" : "|");
  for (int row = 0; row < rows; ++row) {
    const bool middle = row == (rows - 1) / 2 && rows > 4;
    std::string label(kGutter - 1, ' ');
    if (row == 0) label = y_text(range.most, options.percent);
    if (middle) {
      const double share = static_cast<double>(row) / (rows - 1);
      label = y_text(range.most + (range.least - range.most) * share, options.percent);
    }
    if (row == rows - 1) label = y_text(range.least, options.percent);
    lines.push_back(styled(terminal, Style::kDim, label) + axis + dots.row(row, curves, terminal));
  }
  const std::string most = with_commas(std::llround(options.x_most));
  std::string below = std::string(kGutter, ' ') + "0";
  const std::string end = options.x_label.empty() ? most : options.x_label + " " + most;
  const int gap = std::max(1, kGutter + columns - display_width(below) - display_width(end));
  below += std::string(static_cast<std::size_t>(gap), ' ') + end;
  lines.push_back(
      styled(terminal, Style::kDim, std::string(fitting_head(below, kGutter + columns))));
  return lines;
}

}  // namespace fovea::cli
