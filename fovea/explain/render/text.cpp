#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <variant>

#include "fovea/core/text_width.h"
#include "fovea/explain/render.h"
#include "fovea/explain/render/text_lines.h"

namespace fovea::explain {

namespace {

Lines lines_in(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Lines note_lines(const Note& note, const TextOptions& options) {
  Lines lines;
  for (const std::string& line : lines_in(note.text.in(options.language))) {
    switch (note.look) {
      case Note::Look::kParagraph:
        append(lines, wrap(line, options.columns));
        break;
      case Note::Look::kFormula:
        append(lines, indented(wrap(line, options.columns - 2, 4), 2));
        break;
      case Note::Look::kCode:
        append(lines, indented({line}, 2));
        break;
    }
  }
  return lines;
}

Lines block_lines(const Block& block, const TextOptions& options) {
  return std::visit(
      [&](const auto& content) {
        using Content = std::remove_cvref_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, Note>) {
          return note_lines(content, options);
        } else if constexpr (std::is_same_v<Content, Board>) {
          return board_lines(content, options);
        } else if constexpr (std::is_same_v<Content, Table>) {
          return table_lines(content, options);
        } else if constexpr (std::is_same_v<Content, Chart>) {
          return chart_lines(content, options);
        } else if constexpr (std::is_same_v<Content, Sheet>) {
          return sheet_lines(content, options);
        } else {
          return diagram_lines(content, options);
        }
      },
      block);
}

/// A box with its arrows to others than the next: " -> conv1, add".
std::string arrows_text(const Diagram& diagram, std::size_t box, const TextOptions& options) {
  std::string text;
  for (const Diagram::Arrow& arrow : diagram.arrows) {
    if (arrow.from != box || arrow.to == box + 1 || arrow.to >= diagram.boxes.size()) continue;
    text += text.empty() ? (options.unicode ? "  → " : "  -> ") : ", ";
    text += diagram.boxes[arrow.to].label.in(options.language);
    if (!arrow.label.empty()) text += " (" + arrow.label.in(options.language) + ")";
  }
  return text;
}

}  // namespace

Lines diagram_lines(const Diagram& diagram, const TextOptions& options) {
  Lines lines;
  if (!diagram.title.empty())
    append(lines, {inked(options, Ink::kBold, diagram.title.in(options.language)), ""});
  int width = 0;
  for (const Diagram::Box& box : diagram.boxes)
    width = std::max(width, display_width(box.label.in(options.language)));
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
    const Diagram::Box& box = diagram.boxes[i];
    std::string line = box.label.in(options.language);
    if (!box.detail.empty()) line = padded(line, width) + "  " + box.detail.in(options.language);
    append(lines,
           indented(wrap(line + arrows_text(diagram, i, options), options.columns - 2, 4), 2));
    if (i + 1 == diagram.boxes.size()) break;
    std::string between;
    for (const Diagram::Arrow& arrow : diagram.arrows) {
      if (arrow.from != i || arrow.to != i + 1) continue;
      between = options.unicode ? "↓" : "|";
      if (!arrow.label.empty()) between += " " + arrow.label.in(options.language);
    }
    append(lines, indented({between}, 2));
  }
  return lines;
}

std::string to_text(const Walk& walk, const TextOptions& options) {
  Lines lines = {inked(options, Ink::kBold, walk.title.in(options.language))};
  for (const Block& block : walk.blocks) {
    lines.emplace_back();
    append(lines, block_lines(block, options));
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace fovea::explain
