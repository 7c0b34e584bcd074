#include "apps/serve/api/markdown.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::serve {

namespace {

using Kind = MarkdownBlock::Kind;

std::vector<std::string> lines_of_text(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line(text.substr(begin, end - begin));
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    begin = end + 1;
  }
  return lines;
}

bool is_empty_line(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

/// How long the mark of a list's item is: "- ", "12. "; 0 for none.
std::size_t item_mark(std::string_view line) {
  if (line.starts_with("- ")) return 2;
  std::size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits])) != 0)
    ++digits;
  return digits > 0 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

int heading_level(std::string_view line) {
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  return level >= 1 && level <= 6 && line.substr(level).starts_with(' ') ? static_cast<int>(level)
                                                                         : 0;
}

/// The caption of a line that is an image alone.
bool read_image(std::string_view line, std::string& caption) {
  if (!line.starts_with("![") || !line.ends_with(')')) return false;
  const std::size_t middle = line.find("](");
  if (middle == std::string_view::npos) return false;
  caption = line.substr(2, middle - 2);
  return true;
}

/// Cuts lines into blocks.
class BlockReader {
 public:
  explicit BlockReader(std::string_view text) : lines_(lines_of_text(text)) {}

  std::vector<MarkdownBlock> read() {
    while (at_ < lines_.size()) {
      const std::string& line = lines_[at_];
      std::string caption;
      if (is_empty_line(line)) {
        ++at_;
      } else if (line.starts_with("```")) {
        read_fenced();
      } else if (line.starts_with("    ")) {
        read_while(Kind::kCode, [](const std::string& next) { return next.starts_with("    "); });
        for (std::string& one : blocks_.back().lines) one.erase(0, 4);
      } else if (const int level = heading_level(line); level > 0) {
        const auto skipped = static_cast<std::size_t>(level) + 1;
        blocks_.push_back(
            {.kind = Kind::kHeading, .level = level, .lines = {line.substr(skipped)}});
        ++at_;
      } else if (read_image(line, caption)) {
        blocks_.push_back({.kind = Kind::kImage, .lines = {caption}});
        ++at_;
      } else {
        read_while(line.starts_with('|') ? Kind::kTable
                   : item_mark(line) > 0 ? Kind::kList
                                         : Kind::kParagraph,
                   [](const std::string& next) {
                     return !is_empty_line(next) && !next.starts_with("```");
                   });
      }
    }
    return std::move(blocks_);
  }

 private:
  template <class F>
  void read_while(Kind kind, const F& goes_on) {
    blocks_.push_back({.kind = kind});
    while (at_ < lines_.size() && goes_on(lines_[at_]))
      blocks_.back().lines.push_back(lines_[at_++]);
  }
  void read_fenced() {
    blocks_.push_back({.kind = Kind::kCode, .language = lines_[at_].substr(3)});
    for (++at_; at_ < lines_.size() && !lines_[at_].starts_with("```"); ++at_)
      blocks_.back().lines.push_back(lines_[at_]);
    ++at_;
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  std::vector<MarkdownBlock> blocks_;
};

std::string escaped(std::string_view text) {
  std::string html;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += letter;
    }
  }
  return html;
}

std::string joined(const std::vector<std::string>& lines, char between) {
  std::string text;
  for (const std::string& line : lines)
    text += (text.empty() ? "" : std::string(1, between)) + line;
  return text;
}

/// What stands between `open` and `close` from `at` on, whose place behind goes to `end`; npos: it
/// does not.
std::string_view between(std::string_view text, std::size_t at, std::string_view open,
                         std::string_view close, std::size_t& end) {
  end = std::string_view::npos;
  if (!text.substr(at).starts_with(open)) return {};
  const std::size_t from = at + open.size(), to = text.find(close, from);
  if (to == std::string_view::npos || to == from) return {};
  end = to + close.size();
  return text.substr(from, to - from);
}

std::string html_of_link(std::string_view words, std::string_view address) {
  const std::string text = html_of_text(words);
  if (!address.starts_with("https://")) return text;
  return "<a href=\"" + escaped(address) + "\" rel=\"noopener noreferrer\">" + text + "</a>";
}

std::string html_of_list(const std::vector<std::string>& lines) {
  const char* const tag = lines[0].starts_with("- ") ? "ul" : "ol";
  std::string html = str("<", tag, ">"), item;
  const auto add = [&] {
    if (!item.empty()) html += "<li>" + html_of_text(item) + "</li>";
  };
  for (const std::string& line : lines) {
    const std::size_t mark = item_mark(line);
    if (mark == 0) {
      item += " " + line.substr(std::min(line.find_first_not_of(' '), line.size()));
      continue;
    }
    add();
    item = line.substr(mark);
  }
  add();
  return html + str("</", tag, ">");
}

/// The row's cells between its bars.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  for (std::size_t begin = 1; begin < line.size();) {
    const std::size_t end = std::min(line.find('|', begin), line.size());
    std::string_view cell = line.substr(begin, end - begin);
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    while (cell.ends_with(' ')) cell.remove_suffix(1);
    if (end < line.size() || !cell.empty()) cells.emplace_back(cell);
    begin = end + 1;
  }
  return cells;
}

std::string html_of_table(const std::vector<std::string>& lines) {
  std::string html = "<table>";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find_first_not_of("|-: ") == std::string::npos) continue;  // below the headings
    html += "<tr>";
    const char* const tag = i == 0 ? "th" : "td";
    for (const std::string& cell : cells_of(lines[i]))
      html += str("<", tag, ">", html_of_text(cell), "</", tag, ">");
    html += "</tr>";
  }
  return html + "</table>";
}

}  // namespace

std::vector<MarkdownBlock> markdown_blocks(std::string_view text) {
  return BlockReader(text).read();
}

std::string html_of_text(std::string_view text) {
  std::string html, plain;
  const auto add = [&](const std::string& tagged) {
    html += escaped(plain) + tagged;
    plain.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = 0, last = 0;
    if (const auto code = between(text, at, "`", "`", end); end != std::string_view::npos) {
      add("<code>" + escaped(code) + "</code>");
      at = end;
    } else if (const auto strong = between(text, at, "**", "**", end);
               end != std::string_view::npos) {
      add("<strong>" + html_of_text(strong) + "</strong>");
      at = end;
    } else if (const auto words = between(text, at, "[", "]", end);
               end != std::string_view::npos && text.substr(end).starts_with('(')) {
      const auto address = between(text, end, "(", ")", last);
      if (last == std::string_view::npos) {
        plain += text[at++];
        continue;
      }
      add(html_of_link(words, address));
      at = last;
    } else {
      plain += text[at++];
    }
  }
  add("");
  return html;
}

std::string html_of_block(const MarkdownBlock& block) {
  switch (block.kind) {
    case Kind::kHeading: {
      const std::string level = std::to_string(block.level);
      return "<h" + level + ">" + html_of_text(block.lines.at(0)) + "</h" + level + ">";
    }
    case Kind::kParagraph:
    case Kind::kImage:
      return "<p>" + html_of_text(joined(block.lines, ' ')) + "</p>";
    case Kind::kList:
      return html_of_list(block.lines);
    case Kind::kTable:
      return html_of_table(block.lines);
    case Kind::kCode:
      return "<pre><code>" + escaped(joined(block.lines, '\n')) + "</code></pre>";
  }
  no_case_for("markdown", block.kind);
}

std::vector<std::string> words_of_line(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool started = false;
  char quote = 0;
  for (const char letter : line) {
    if (quote != 0 ? letter == quote : letter == '\'' || letter == '"') {
      quote = quote != 0 ? 0 : letter;
      started = true;
    } else if (quote == 0 && letter == ' ') {
      if (started) words.push_back(std::exchange(word, {}));
      started = false;
    } else {
      word += letter;
      started = true;
    }
  }
  if (started) words.push_back(word);
  return words;
}

}  // namespace fovea::serve
