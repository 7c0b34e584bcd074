#include "fovea/explain/render/text_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "fovea/core/error.h"
#include "fovea/core/text_width.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kMostShadeRows = 30;

/// From the darkest on a dark terminal to the lightest. ASCII has no full stop: it stands for cells
/// that are empty.
constexpr std::array<std::string_view, 5> kBlockShades = {" ", "░", "▒", "▓", "█"};
constexpr std::string_view kLetterShades = " :-=+*#%@";

std::string_view shade_of(double share, bool unicode) {
  if (std::isnan(share)) return unicode ? "·" : ".";
  const auto level = [&](std::size_t levels) {
    const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(levels);
    return std::min(static_cast<std::size_t>(at), levels - 1);
  };
  return unicode ? kBlockShades[level(kBlockShades.size())]
                 : kLetterShades.substr(level(kLetterShades.size()), 1);
}

/// The mean of those pixels that lie in a part of the picture; NaN when none has a value.
double mean_of(const Shades& shades, double top, double bottom, double left, double right) {
  const auto end = [](double edge, double first) {
    return std::max(static_cast<std::int64_t>(std::ceil(edge - 1e-9)),
                    static_cast<std::int64_t>(first) + 1);
  };
  double sum = 0;
  int count = 0;
  for (auto r = static_cast<std::int64_t>(top); r < std::min(end(bottom, top), shades.rows); ++r)
    for (auto c = static_cast<std::int64_t>(left); c < std::min(end(right, left), shades.columns);
         ++c) {
      const double value = shades.at(r, c);
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
  return count > 0 ? sum / count : std::nan("");
}

}  // namespace

std::string inked(const TextOptions& options, Ink ink, std::string_view text) {
  // Bold, dim, blue, yellow, magenta, green: they read well on dark and on light.
  constexpr std::array<std::string_view, 7> kCodes = {"", "1", "2", "34", "33", "1;35", "1;32"};
  if (!options.colour || ink == Ink::kPlain || text.empty()) return std::string(text);
  return str("\x1b[", kCodes[static_cast<std::size_t>(ink)], "m", text, "\x1b[0m");
}

int shown_width(std::string_view text) {
  int width = 0;
  for (;;) {
    const std::size_t escape = text.find('\x1b');
    width += display_width(text.substr(0, escape));
    const std::size_t end = text.find('m', std::min(escape, text.size()));
    if (end == std::string_view::npos) return width;
    text.remove_prefix(end + 1);
  }
}

int shown_width(const Lines& lines) {
  int width = 0;
  for (const std::string& line : lines) width = std::max(width, shown_width(line));
  return width;
}

std::string padded(std::string text, int width) {
  text.append(static_cast<std::size_t>(std::max(0, width - shown_width(text))), ' ');
  return text;
}

std::string padded_left(const std::string& text, int width) {
  return std::string(static_cast<std::size_t>(std::max(0, width - shown_width(text))), ' ') + text;
}

Lines indented(const Lines& lines, int indent) {
  Lines moved;
  for (const std::string& line : lines) {
    moved.push_back(std::string(static_cast<std::size_t>(indent), ' ') + line);
    moved.back().erase(moved.back().find_last_not_of(' ') + 1);
  }
  return moved;
}

void append(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

Lines beside(const std::vector<Lines>& blocks, int columns, int gap) {
  Lines all;
  for (std::size_t first = 0; first < blocks.size();) {
    Lines band;
    int width = 0;
    std::size_t next = first;
    for (; next < blocks.size(); ++next) {
      const int more = shown_width(blocks[next]);
      if (next > first && width + gap + more > columns) break;
      const int start = next > first ? width + gap : 0;
      band.resize(std::max(band.size(), blocks[next].size()));
      for (std::size_t i = 0; i < band.size(); ++i) {
        band[i] = padded(std::move(band[i]), start);
        if (i < blocks[next].size()) band[i] += blocks[next][i];
      }
      width = start + more;
    }
    if (first > 0) all.emplace_back();
    append(all, band);
    first = next;
  }
  return indented(all, 0);
}

Lines shade_lines(const Shades& shades, int columns, const TextOptions& options, bool fine) {
  Lines lines;
  if (shades.rows < 1 || shades.columns < 1) return lines;
  // Few large pixels are two letters wide each, as high as they are wide.
  const bool large = !fine && 2 * shades.columns <= columns && shades.rows <= kMostShadeRows;
  std::int64_t width = large ? shades.columns : std::min<std::int64_t>(shades.columns, columns);
  std::int64_t height = shades.rows;
  if (!large) {
    const double ratio = static_cast<double>(shades.rows) / static_cast<double>(shades.columns);
    height = std::max<std::int64_t>(std::lround(static_cast<double>(width) * ratio / 2), 1);
    if (height > kMostShadeRows) {
      height = kMostShadeRows;
      width = std::clamp<std::int64_t>(std::lround(2 * kMostShadeRows / ratio), 1, width);
    }
  }
  const double down = static_cast<double>(shades.rows) / static_cast<double>(height);
  const double across = static_cast<double>(shades.columns) / static_cast<double>(width);
  for (std::int64_t r = 0; r < height; ++r) {
    std::string line;
    const auto top = static_cast<double>(r) * down;
    for (std::int64_t c = 0; c < width; ++c) {
      const auto left = static_cast<double>(c) * across;
      const std::string_view shade =
          shade_of(mean_of(shades, top, top + down, left, left + across), options.unicode);
      for (int i = 0; i < (large ? 2 : 1); ++i) line += shade;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace fovea::explain
