#include "apps/base/terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>

#include <sys/ioctl.h>
#include <unistd.h>

#include "fovea/core/error.h"

namespace fovea::cli {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// The first locale variable that is set decides; none set, as in most containers, means nothing,
/// and today's terminals take UTF-8.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    for (const char* mark : {"UTF-8", "utf8", "UTF8", "utf-8"}) {
      if (value.find(mark) != std::string_view::npos) return true;
    }
    return false;
  }
  return true;
}

/// COLUMNS, where it is a number above 0.
std::optional<int> columns_wished() {
  const std::string_view text = environment("COLUMNS");
  int columns = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, columns);
  if (error != std::errc() || after != end || columns < 1) return std::nullopt;
  return columns;
}

Terminal look_at(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) == 1;
  terminal.unicode = locale_is_utf8();
  const std::string_view kind = environment("TERM");
  terminal.colour = terminal.is_terminal && environment("NO_COLOR").empty() && kind != "dumb";
  winsize size{};
  if (terminal.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
    terminal.has_width = true;
  }
  // Who says how wide it is knows better: POSIX has COLUMNS go before the terminal's own answer.
  if (const std::optional<int> columns = columns_wished()) {
    terminal.columns = *columns;
    terminal.has_width = true;
  }
  return terminal;
}

const char* code_of(Style style) {
  switch (style) {
    case Style::kBold:
      return "1";
    case Style::kDim:
      return "2";
    case Style::kGood:
      return "32";
    case Style::kBad:
      return "31";
    case Style::kAccent:
      return "36";  // cyan reads well on dark and on light
  }
  no_case_for("style", style);
}

/// The code point that starts at text[i], and its length in bytes. Broken UTF-8 counts byte by
/// byte.
std::pair<char32_t, std::size_t> code_point(std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length == 1 || lead < 0xc2 || i + length > text.size()) return {lead, 1};
  char32_t value = lead & (0x7fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    const auto next = static_cast<unsigned char>(text[i + k]);
    if ((next & 0xc0u) != 0x80u) return {lead, 1};
    value = value << 6 | (next & 0x3fu);
  }
  return {value, length};
}

/// The blocks of the Unicode standard's wide characters that class names may hold: Hangul, Kana,
/// CJK, full-width forms, pictographs.
int width_of(char32_t c) {
  if (c >= 0x300 && c <= 0x36f) return 0;  // combining marks
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : 1;
}

}  // namespace

Terminal Terminal::output() { return look_at(STDOUT_FILENO); }
Terminal Terminal::error() { return look_at(STDERR_FILENO); }

std::string styled(const Terminal& terminal, Style style, std::string_view text) {
  if (!terminal.colour || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out += code_of(style);
  out += 'm';
  out += text;
  out += "\x1b[0m";
  return out;
}

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto [value, length] = code_point(text, i);
    width += width_of(value);
    i += length;
  }
  return width;
}

std::vector<std::string> wrap(std::string_view text, int columns, int indent) {
  std::vector<std::string> lines;
  std::string rest(text);
  while (display_width(rest) > columns) {
    // A break is a space with something before it on its line; without one a word is cut.
    const std::size_t first = rest.find_first_not_of(' ');
    std::size_t end = 0, space = 0;
    for (int width = 0; end < rest.size();) {
      const auto [value, length] = code_point(rest, end);
      if (value == ' ' && end > first) space = end;
      width += width_of(value);
      if (width > columns && end > first) break;
      end += length;
    }
    if (space > 0) end = space;
    std::string line = rest.substr(0, end);
    rest.erase(0, std::min(rest.find_first_not_of(' ', end), rest.size()));
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
    if (rest.empty()) return lines;
    rest.insert(0, static_cast<std::size_t>(std::clamp(indent, 0, columns - 1)), ' ');
  }
  lines.push_back(std::move(rest));
  return lines;
}

std::string fitted(const Terminal& terminal, std::string_view text, int indent) {
  if (!terminal.has_width) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    for (const std::string& line : wrap(text.substr(0, end), terminal.columns, indent))
      out += line + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string shortened(const Terminal& terminal, std::string_view text, int columns) {
  if (display_width(text) <= columns) return std::string(text);
  int width = 1;  // of the mark
  std::size_t i = 0;
  while (i < text.size()) {
    const auto [value, length] = code_point(text, i);
    if (width + width_of(value) > columns) break;
    width += width_of(value);
    i += length;
  }
  return std::string(text.substr(0, i)) + (terminal.unicode ? "…" : "~");
}

}  // namespace fovea::cli
