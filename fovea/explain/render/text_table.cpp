// Tables and sheets of pictures as text.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "fovea/core/error.h"
#include "fovea/core/text_width.h"
#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/text_lines.h"

namespace fovea::explain {

namespace {

constexpr int kTableGap = 2, kLeastColumn = 12;
/// Letters that a picture takes.
constexpr int kPictureColumns = 28;

/// The texts of a table, the headings first, and how its columns are set.
struct TableText {
  std::vector<Lines> rows;  ///< a text a column
  std::vector<int> widths;
  std::vector<bool> numeric;
};

TableText table_text(const Table& table, const TextOptions& options) {
  TableText text;
  const std::size_t columns = table.headings.size();
  text.widths.assign(columns, 0);
  text.numeric = numeric_columns(table, options.language);
  const auto add = [&](const std::vector<Text>& cells) {
    Lines row(columns);
    for (std::size_t c = 0; c < std::min(columns, cells.size()); ++c) {
      row[c] = cells[c].in(options.language);
      text.widths[c] = std::max(text.widths[c], display_width(row[c]));
    }
    text.rows.push_back(std::move(row));
  };
  add(table.headings);
  for (const std::vector<Text>& cells : table.rows) add(cells);
  return text;
}

/// Takes from the widest columns until the table fits, as far as they stay legible.
void narrow(std::vector<int>& widths, int room) {
  while (!widths.empty() && std::accumulate(widths.begin(), widths.end(), 0) > room) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastColumn) return;
    --*widest;
  }
}

/// The lines of a row whose texts are wrapped to the widths of their columns.
Lines row_lines(const Lines& row, const TableText& text) {
  Lines lines;
  std::vector<Lines> cells;
  std::size_t height = 1;
  for (std::size_t c = 0; c < row.size(); ++c) {
    cells.push_back(wrap(row[c], std::max(text.widths[c], 1)));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t i = 0; i < height; ++i) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string cell = i < cells[c].size() ? cells[c][i] : std::string();
      if (c > 0) line += std::string(kTableGap, ' ');
      line += text.numeric[c] ? padded_left(cell, text.widths[c]) : padded(cell, text.widths[c]);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// A picture in colour: two pixels a letter, the upper as its ink, the lower as its ground.
Lines half_blocks(const io::Image& image, int columns) {
  const auto pixels = image.to_vector<std::uint8_t>();
  const auto height = static_cast<std::size_t>(image.size(1));
  const auto width = static_cast<std::size_t>(image.size(2));
  const std::size_t channels = static_cast<std::size_t>(image.size(0));
  const std::size_t across = std::min<std::size_t>(width, static_cast<std::size_t>(columns));
  const std::size_t down = std::max<std::size_t>(height * across / width, 1);
  const auto colour_at = [&](std::size_t row, std::size_t column) {
    const std::size_t r = std::min(row * height / down, height - 1), c = column * width / across;
    std::string code;
    for (std::size_t i = 0; i < 3; ++i)
      code += str(";", int{pixels[(std::min(i, channels - 1) * height + r) * width + c]});
    return code;
  };
  Lines lines;
  for (std::size_t r = 0; r < down; r += 2) {
    std::string line;
    for (std::size_t c = 0; c < across; ++c)
      line +=
          str("\x1b[38;2", colour_at(r, c), ";48;2", colour_at(std::min(r + 1, down - 1), c), "m▀");
    lines.push_back(line + "\x1b[0m");
  }
  return lines;
}

Lines picture_lines(const io::Image& image, int columns, const TextOptions& options) {
  if (options.colour && options.unicode) return half_blocks(image, columns);
  const Tensor grey = image.to(f32).mean({0});
  const auto values = grey.to_vector<double>();
  const std::int64_t width = grey.size(1);
  const auto at = [&](std::int64_t row, std::int64_t column) {
    return values[static_cast<std::size_t>(row * width + column)] / 255;
  };
  return shade_lines({grey.size(0), width, at}, columns, options, /*fine=*/true);
}

}  // namespace

Lines table_lines(const Table& table, const TextOptions& options) {
  Lines lines;
  if (!table.title.empty())
    append(lines, {inked(options, Ink::kBold, table.title.in(options.language)), ""});
  if (table.headings.empty()) return lines;
  TableText text = table_text(table, options);
  const int gaps = kTableGap * std::max(static_cast<int>(text.widths.size()) - 1, 0);
  narrow(text.widths, options.columns - gaps);
  for (std::size_t r = 0; r < text.rows.size(); ++r) {
    append(lines, row_lines(text.rows[r], text));
    if (r > 0) continue;
    const int width = std::accumulate(text.widths.begin(), text.widths.end(), gaps);
    std::string rule;
    for (int i = 0; i < width; ++i) rule += options.unicode ? "─" : "-";
    lines.push_back(std::move(rule));
  }
  return indented(lines, 0);
}

Lines sheet_lines(const Sheet& sheet, const TextOptions& options) {
  Lines lines;
  if (!sheet.title.empty())
    append(lines, {inked(options, Ink::kBold, sheet.title.in(options.language)), ""});
  const auto columns = static_cast<std::size_t>(std::max<std::int64_t>(sheet.columns, 1));
  const int width = std::min(kPictureColumns, options.columns);
  for (std::size_t first = 0; first < sheet.pictures.size(); first += columns) {
    std::vector<Lines> row;
    const std::size_t end = std::min(first + columns, sheet.pictures.size());
    for (std::size_t i = first; i < end; ++i) {
      Lines picture = picture_lines(sheet.pictures[i].image, width, options);
      const std::string& caption = sheet.pictures[i].caption.in(options.language);
      if (!caption.empty()) append(picture, wrap(caption, std::max(shown_width(picture), 8)));
      row.push_back(std::move(picture));
    }
    if (first > 0) lines.emplace_back();
    append(lines, beside(row, options.columns, 2));
  }
  return lines;
}

}  // namespace fovea::explain
