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

/// COLUMNS or LINES, where it is a number above 0.
std::optional<int> size_wished(const char* name) {
  const std::string_view text = environment(name);
  int size = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc() || after != end || size < 1) return std::nullopt;
  return size;
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
    if (size.ws_row > 0) terminal.rows = size.ws_row;
  }
  // Who says how wide it is knows better: POSIX has COLUMNS go before the terminal's own answer.
  if (const std::optional<int> columns = size_wished("COLUMNS")) {
    terminal.columns = *columns;
    terminal.has_width = true;
  }
  terminal.rows = size_wished("LINES").value_or(terminal.rows);
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
  return std::string(fitting_head(text, columns - 1)) + (terminal.unicode ? "…" : "~");
}

}  // namespace fovea::cli
