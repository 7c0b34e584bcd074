// Tables of text, as spreadsheets and scripts write them.
//
// Source   RFC 4180: fields are separated by commas, rows by line ends (CRLF or LF); a field in
//          quotes may hold both, and a quote as two. A byte order mark and lines without anything
//          are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::io {

/// A row of a table.
struct CsvRow {
  std::vector<std::string> fields;  ///< at least one
  std::int64_t line = 0;            ///< where it begins, counted from 1
};

/// Reads a table; `name` stands for the file in messages.
/// Throws   ParseError naming file and line: a quoted field that does not end, or text beside its
///          quotes.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& name);

/// `text` as a field: between quotes, with those in it doubled, where it holds a comma, a quote or
/// the end of a line; else as it is.
std::string csv_field(std::string_view text);

}  // namespace fovea::io
