#include "apps/base/table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"

namespace fovea::cli {

namespace {

std::string padded(const std::string& text, int width, Align align) {
  const std::string space(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
  return align == Align::kLeft ? text + space : space + text;
}

void trim_end(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

void Table::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = one_line(std::move(cell));  // a name may hold anything
  rows_.push_back({.cells = std::move(cells)});
}

void Table::add_row(std::vector<std::string> cells, Style style) {
  add_row(std::move(cells));
  rows_.back().has_style = true;
  rows_.back().style = style;
}

void Table::add_rule() { rows_.push_back({}); }

std::string Table::to_string(const Terminal& terminal) const {
  std::vector<int> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = display_width(columns_[c].heading);
    for (const Row& row : rows_) {
      if (!row.cells.empty()) width = std::max(width, display_width(row.cells[c]));
    }
    widths.push_back(width);
  }
  const auto line_of = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      line += "  " + padded(cell_of(c), widths[c], columns_[c].align);
    }
    trim_end(line);
    return line;
  };
  int total = -2;
  for (const int width : widths) total += width + 2;
  std::string rule = "  ";
  for (int i = 0; i < total; ++i) rule += terminal.unicode ? "─" : "-";

  std::string out =
      styled(terminal, Style::kBold, line_of([&](std::size_t c) { return columns_[c].heading; }));
  out += '\n' + styled(terminal, Style::kDim, rule) + '\n';
  for (const Row& row : rows_) {
    const std::string line =
        row.cells.empty() ? rule : line_of([&](std::size_t c) { return row.cells[c]; });
    out += (row.has_style       ? styled(terminal, row.style, line)
            : row.cells.empty() ? styled(terminal, Style::kDim, line)
                                : line) +
           '\n';
  }
  return out;
}

std::string with_commas(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3;) text.insert(i -= 3, ",");
  return text;
}

std::string percent(double fraction) { return fmt::format("{:.2f} %", 100 * fraction); }

std::string clock_time(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 360'000) return "-:--";
  const auto whole = std::llround(seconds);
  const auto hours = whole / 3600;
  const auto minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string byte_count(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace fovea::cli
