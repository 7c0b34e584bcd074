#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/render.h"
#include "fovea/explain/render/html_style.h"
#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/svg_parts.h"
#include "fovea/io/svg.h"

namespace fovea::explain {

namespace {

/// Larger grids are left to the picture.
constexpr std::int64_t kMostWordCells = 400;

std::string heading(const Text& title, Language language) {
  return title.empty() ? "" : str("<h3>", io::xml_escape(title.in(language)), "</h3>\n");
}

std::string words_of(const Note& note, Language language) {
  const std::string text = io::xml_escape(note.text.in(language));
  return note.look == Note::Look::kParagraph ? str("<p>", text, "</p>\n")
                                             : str("<pre>", text, "</pre>\n");
}

/// A slice of a grid as a table.
std::string slice_table(const GridNumbers& numbers, const std::string& caption,
                        std::int64_t slice) {
  std::string table = str("<table><caption>", io::xml_escape(caption), "</caption>\n");
  for (std::int64_t r = 0; r < numbers.rows; ++r) {
    table += "<tr>";
    for (std::int64_t c = 0; c < numbers.columns; ++c)
      table += str("<td>", number_text(numbers.values[numbers.place(slice, r, c)]), "</td>");
    table += "</tr>\n";
  }
  return table + "</table>\n";
}

std::string grids_of(const Board& board, Language language) {
  std::string tables;
  const std::vector<GridNumbers> all = numbers_of(board);
  for (std::size_t g = 0; g < all.size(); ++g) {
    if (std::ssize(all[g].values) > kMostWordCells) continue;
    for (std::int64_t s = 0; s < all[g].slices; ++s) {
      const std::string& title = board.grids[g].title.in(language);
      tables += slice_table(all[g], all[g].slices > 1 ? str(title, " [", s, "]") : title, s);
    }
  }
  if (tables.empty()) return tables;
  return str("<details>\n<summary>", word(language, "The numbers as tables", "숫자를 표로 보기"),
             "</summary>\n<div class=\"grids\">\n", tables, "</div>\n</details>\n");
}

std::string stop_item(const Stop& stop, std::size_t place, Language language) {
  std::string item = str("<li value=\"", place + 1, "\">", io::xml_escape(stop.title.in(language)));
  for (const std::string& line : stop.lines)
    item += str("\n<code>", io::xml_escape(line), "</code>");
  if (!stop.note.empty())
    item += str("\n<div class=\"note\">", io::xml_escape(stop.note.in(language)), "</div>");
  return item + "</li>\n";
}

std::string words_of(const Board& board, Language language) {
  std::string text = heading(board.title, language) + grids_of(board, language);
  const ShownStops shown = shown_stops(board, board.stops.size());
  if (shown.stops.empty()) return text;
  const std::string count =
      language == Language::kKorean
          ? str("단계 ", shown.stops.size(), "개")
          : str(shown.stops.size(), shown.stops.size() == 1 ? " step" : " steps");
  text += str("<details", shown.stops.size() <= 4 ? " open=\"\"" : "", ">\n<summary>", count,
              "</summary>\n<ol>\n");
  for (const std::size_t place : shown.stops)
    text += stop_item(board.stops[place], place, language);
  return text + "</ol>\n</details>\n";
}

std::string words_of(const Table& table, Language language) {
  const std::vector<bool> numeric = numeric_columns(table, language);
  const auto row_of = [&](const std::vector<Text>& row, const char* tag) {
    std::string text = "<tr>";
    for (std::size_t c = 0; c < std::min(row.size(), numeric.size()); ++c)
      text += str("<", tag, numeric[c] ? " class=\"number\">" : ">",
                  io::xml_escape(row[c].in(language)), "</", tag, ">");
    return text + "</tr>\n";
  };
  std::string text = heading(table.title, language) +
                     "<div class=\"table\" tabindex=\"0\"><table>\n<thead>" +
                     row_of(table.headings, "th") + "</thead>\n<tbody>\n";
  for (const std::vector<Text>& row : table.rows) text += row_of(row, "td");
  return text + "</tbody>\n</table></div>\n";
}

std::string words_of(const Chart& chart, Language language) {
  std::string text = heading(chart.title, language);
  text += str("<details>\n<summary>", word(language, "The numbers as tables", "숫자를 표로 보기"),
              "</summary>\n<div class=\"grids\">\n");
  for (const Chart::Series& series : chart.series) {
    text += str("<table><caption>", io::xml_escape(series.name.in(language)),
                "</caption>\n<tr><th>", io::xml_escape(chart.x_label.in(language)), "</th><th>",
                io::xml_escape(chart.y_label.in(language)), "</th></tr>\n");
    for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i)
      text += str("<tr><td>", number_text(series.x[i]), "</td><td>", number_text(series.y[i]),
                  "</td></tr>\n");
    text += "</table>\n";
  }
  return text + "</div>\n</details>\n";
}

/// Pictures are not told in words; their captions are.
std::string words_of(const Sheet& sheet, Language language) {
  std::string captions;
  for (const Sheet::Picture& picture : sheet.pictures)
    if (!picture.caption.empty())
      captions += str(captions.empty() ? "" : ", ", io::xml_escape(picture.caption.in(language)));
  return heading(sheet.title, language) + (captions.empty() ? "" : str("<p>", captions, "</p>\n"));
}

std::string words_of(const Diagram& diagram, Language language) {
  std::string text = heading(diagram.title, language) + "<ul>\n";
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
    const Diagram::Box& box = diagram.boxes[i];
    text += str("<li>", io::xml_escape(box.label.in(language)));
    if (!box.detail.empty())
      text += str(" <span class=\"note\">", io::xml_escape(box.detail.in(language)), "</span>");
    bool first = true;
    for (const Diagram::Arrow& arrow : diagram.arrows) {
      if (arrow.from != i || arrow.to >= diagram.boxes.size()) continue;
      text += str(first ? " → " : ", ", io::xml_escape(diagram.boxes[arrow.to].label.in(language)));
      if (!arrow.label.empty()) text += str(" (", io::xml_escape(arrow.label.in(language)), ")");
      first = false;
    }
    text += "</li>\n";
  }
  return text + "</ul>\n";
}

}  // namespace

std::string to_html(const Walk& walk, Language language) {
  const std::string title = io::xml_escape(walk.title.in(language));
  std::string words;
  bool moves = false;
  for (const Block& block : walk.blocks) {
    words += std::visit([&](const auto& content) { return words_of(content, language); }, block);
    const auto* const board = std::get_if<Board>(&block);
    moves = moves || (board != nullptr && board->stops.size() > 1 && !board->only);
  }
  return str(
      "<!doctype html>\n<html lang=\"", language == Language::kKorean ? "ko" : "en",
      "\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n<title>",
      title, "</title>\n<style>", html_style(), "</style>\n</head>\n<body>\n<main>\n<h1>", title,
      "</h1>\n<section class=\"picture\" aria-label=\"", word(language, "Picture", "그림"), "\">\n",
      svg_picture(walk, language, SvgHead::kNone), "</section>\n",
      moves ? str("<p class=\"hint\">",
                  word(language, "Press the picture and hold it to stop the motion.",
                       "그림을 누르고 있으면 움직임이 멈춥니다."),
                  "</p>\n")
            : "",
      "<section>\n<h2>", word(language, "In words", "글로 읽기"), "</h2>\n", words,
      "</section>\n</main>\n</body>\n</html>\n");
}

}  // namespace fovea::explain
