#include "fovea/io/svg.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <variant>

#include "fovea/core/error.h"
#include "fovea/explain/render.h"
#include "fovea/explain/render/svg_parts.h"

namespace fovea::explain {

namespace {

constexpr double kPageMargin = 32, kBlockGap = 34;
constexpr double kNarrowest = 640, kWidest = 1100;
/// Lines of words that are longer than this are hard to read.
constexpr double kLongestLine = 760;

double wished_width(const Walk& walk) {
  double width = kNarrowest - 2 * kPageMargin;
  for (const Block& block : walk.blocks) {
    if (const auto* const board = std::get_if<Board>(&block))
      width = std::max(width, svg_board_width(*board));
    else if (!std::holds_alternative<Note>(block))
      width = std::max(width, 760.0);
  }
  return std::clamp(width + 2 * kPageMargin, kNarrowest, kWidest);
}

double svg_note(io::SvgCanvas& canvas, const SvgFrame& frame, const Note& note) {
  const std::string& text = note.text.in(frame.language);
  if (note.look == Note::Look::kParagraph)
    return svg_paragraph(canvas, frame.left, frame.top, text,
                         {.width = std::min(frame.width, kLongestLine), .size = 16});
  // A formula and code lie on a ground of their own.
  const SvgParagraph look = {.width = frame.width - 36, .size = 15, .mono = true};
  const double height =
      static_cast<double>(svg_line_count(text, look)) * svg_line_height(look.size);
  canvas.rect(frame.left, frame.top, frame.width, height + 20,
              {.fill = "@muted", .opacity = 0.09, .corner = 8});
  svg_paragraph(canvas, frame.left + 18, frame.top + 10, text, look);
  return frame.top + height + 20;
}

/// What screen readers say: the sentences, and how the steps end.
std::string description_of(const Walk& walk, Language language) {
  std::string text;
  const auto add = [&](const std::string& sentence) {
    if (!sentence.empty()) text += (text.empty() ? "" : " ") + sentence;
  };
  for (const Block& block : walk.blocks) {
    if (const auto* const note = std::get_if<Note>(&block)) add(note->text.in(language));
    const auto* const board = std::get_if<Board>(&block);
    if (board == nullptr || board->stops.empty()) continue;
    const std::size_t count = board->stops.size(), last = board->only.value_or(count - 1);
    add(board->title.in(language));
    if (last >= count) continue;
    add(board->stops[last].title.in(language) + ".");
    for (const std::string& line : board->stops[last].lines) add(line + ".");
  }
  return text;
}

}  // namespace

std::string to_svg(const Walk& walk, Language language) {
  return svg_picture(walk, language, SvgHead::kTitle);
}

std::string svg_picture(const Walk& walk, Language language, SvgHead head) {
  const double width = wished_width(walk);
  io::SvgCanvas canvas(width, width, walk.title.in(language));
  canvas.describe(description_of(walk, language));
  SvgFrame frame{kPageMargin, kPageMargin - 8, width - 2 * kPageMargin, language};
  if (head == SvgHead::kTitle)
    frame.top = svg_paragraph(canvas, frame.left, frame.top, walk.title.in(language),
                              {.width = frame.width, .size = 24, .bold = true}) +
                10;
  std::size_t number = 0;
  bool after_note = true;
  for (const Block& block : walk.blocks) {
    // Sentences in a row belong together, and to what follows.
    const bool is_note = std::holds_alternative<Note>(block);
    if (&block != &walk.blocks.front()) frame.top += !after_note ? kBlockGap : is_note ? 14 : 26;
    after_note = is_note;
    frame.top = std::visit(
        [&](const auto& content) {
          using Content = std::remove_cvref_t<decltype(content)>;
          if constexpr (std::is_same_v<Content, Note>) {
            return svg_note(canvas, frame, content);
          } else if constexpr (std::is_same_v<Content, Board>) {
            return svg_board(canvas, frame, content, number);
          } else if constexpr (std::is_same_v<Content, Table>) {
            return svg_table(canvas, frame, content);
          } else if constexpr (std::is_same_v<Content, Chart>) {
            return svg_chart(canvas, frame, content);
          } else if constexpr (std::is_same_v<Content, Sheet>) {
            return svg_sheet(canvas, frame, content);
          } else {
            return svg_diagram(canvas, frame, content);
          }
        },
        block);
    ++number;
  }
  canvas.resize(width, std::ceil(frame.top + kPageMargin));
  return canvas.to_string();
}

}  // namespace fovea::explain
