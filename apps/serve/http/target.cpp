#include "apps/serve/http/target.h"

#include <algorithm>

#include "fovea/core/utf8.h"

namespace fovea::serve {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Of a query a "+" is a space.
std::optional<std::string> decoded(std::string_view text, bool query) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && query) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  // A NUL ends a name for the system, and not for us.
  return is_utf8(out) && out.find('\0') == std::string::npos ? std::optional(out) : std::nullopt;
}

bool is_plain(std::string_view path) {
  if (!path.starts_with('/')) return false;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\' || c == '%') return false;
  }
  while (path.size() > 1) {
    const std::string_view segment = path.substr(1, path.find('/', 1) - 1);
    if (segment.empty() || segment == "." || segment == "..") return false;
    path.remove_prefix(segment.size() + 1);
  }
  return true;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::optional<std::string> path = decoded(target.substr(0, mark), false);
  if (!path || !is_plain(*path)) return std::nullopt;
  Target result{.path = *path};
  std::string_view rest = target.substr(std::min(mark + 1, target.size()));
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::optional<std::string> name = decoded(part.substr(0, equals), true);
    const std::optional<std::string> value =
        decoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return std::nullopt;
    result.query[*name] = *value;
  }
  return result;
}

}  // namespace fovea::serve
