#include "fovea/io/csv.h"

#include <utility>

#include "fovea/core/error.h"

namespace fovea::io {

namespace {

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    if (text_.starts_with(kMark)) text_.remove_prefix(kMark.size());
  }

  std::vector<CsvRow> read() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row{.fields = {}, .line = line_};
      const std::size_t start = at_;
      do {
        row.fields.push_back(text_.substr(at_, 1) == "\"" ? quoted() : plain());
      } while (take(','));
      const std::size_t end = at_;
      take('\r');
      if (take('\n')) ++line_;
      if (end > start) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// A carriage return ends a field only before the end of the line.
  bool at_end() const {
    return at_ >= text_.size() || text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n") ||
           text_.substr(at_) == "\r";
  }
  std::string plain() {
    const std::size_t start = at_;
    while (!at_end() && text_[at_] != ',') {
      if (text_[at_] == '"')
        fail("field with quotes in it expected to be in quotes, with each of its own as two",
             line_);
      ++at_;
    }
    return std::string(text_.substr(start, at_ - start));
  }
  std::string quoted() {
    const std::int64_t first = line_;
    ++at_;
    std::string field;
    for (;;) {
      if (at_ >= text_.size()) fail("field in quotes expected to end", first);
      const char c = text_[at_++];
      if (c == '"' && !take('"')) break;
      if (c == '\n') ++line_;
      field += c;
    }
    if (!at_end() && text_[at_] != ',')
      fail("comma or the end of the line expected behind a field in quotes", line_);
    return field;
  }
  [[noreturn]] void fail(const char* what, std::int64_t line) const {
    throw ParseError(str("csv: ", what, " (", name_, ", line ", line, ")"));
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& name) {
  return CsvReader(text, name).read();
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace fovea::io
