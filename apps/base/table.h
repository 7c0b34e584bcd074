// Tables for people: columns that line up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/base/terminal.h"

namespace fovea::cli {

/// How a column's cells stand.
enum class Align : std::uint8_t { kLeft, kRight };

/// Rows of text under headings.
class Table {
 public:
  /// A heading and how its column stands.
  struct Column {
    std::string heading;         ///< may be empty
    Align align = Align::kLeft;  ///< numbers stand right
  };

  /// No rows yet.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// Adds a row, with one cell a column, in a look of its own if asked.
  void add_row(std::vector<std::string> cells);
  /// Adds a row in `style`.
  void add_row(std::vector<std::string> cells, Style style);
  /// Adds a line between the rows.
  void add_rule();
  /// The lines, each indented by two spaces.
  std::string to_string(const Terminal& terminal) const;

 private:
  struct Row {
    std::vector<std::string> cells;  // none: a rule
    bool has_style = false;
    Style style = Style::kBold;
  };

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

/// 60000 as "60,000".
std::string with_commas(std::int64_t value);
/// A share as "87.94 %".
std::string percent(double fraction);
/// Seconds as "0:07", "12:30" or "2:05:09".
std::string clock_time(double seconds);
/// Bytes as "5.9 MB".
std::string byte_count(std::int64_t bytes);

}  // namespace fovea::cli
