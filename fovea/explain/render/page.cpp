#include <string_view>

#include "fovea/core/error.h"
#include "fovea/explain/render.h"
#include "fovea/explain/render/page_text.h"
#include "fovea/explain/render/parts.h"

namespace fovea::explain {

namespace {

std::string page_of(const Note& note) {
  const auto look = [&] {
    switch (note.look) {
      case Note::Look::kParagraph:
        return "paragraph";
      case Note::Look::kFormula:
        return "formula";
      case Note::Look::kCode:
        return "code";
    }
    no_case_for("explain", note.look);
  };
  return PageObject()
      .json("kind", quoted("note"))
      .json("look", quoted(look()))
      .text("text", note.text)
      .finish();
}

std::string page_of_grid(const Grid& grid, const GridNumbers& numbers) {
  return PageObject()
      .text("title", grid.title)
      .json("look", quoted(grid.look == Grid::Look::kShades ? "shades" : "numbers"))
      .number("slices", numbers.slices)
      .number("rows", numbers.rows)
      .number("columns", numbers.columns)
      .json("values", page_numbers(grid.values))
      .number("padding_rows", grid.padding_rows)
      .number("padding_columns", grid.padding_columns)
      .flag("grows", grid.grows)
      .finish();
}

std::string page_of_mark(const Mark& mark) {
  const auto role = [&] {
    switch (mark.role) {
      case Role::kRead:
        return "read";
      case Role::kWeigh:
        return "weigh";
      case Role::kChosen:
        return "chosen";
      case Role::kWrite:
        return "write";
    }
    no_case_for("explain", mark.role);
  };
  const Cells& cells = mark.cells;
  return PageObject()
      .json("role", quoted(role()))
      .number("grid", static_cast<std::int64_t>(cells.grid))
      .number("row", cells.row)
      .number("column", cells.column)
      .number("rows", cells.rows)
      .number("columns", cells.columns)
      .number("row_step", cells.row_step)
      .number("column_step", cells.column_step)
      .number("slice", cells.slice)
      .number("slices", cells.slices)
      .finish();
}

std::string page_of_stop(const Stop& stop) {
  return PageObject()
      .text("title", stop.title)
      .json("lines", list_of_all(stop.lines, page_string))
      .text("note", stop.note)
      .json("marks", list_of_all(stop.marks, page_of_mark))
      .finish();
}

std::string page_of(const Board& board) {
  const std::vector<GridNumbers> numbers = numbers_of(board);
  std::string grids = "[";
  for (std::size_t i = 0; i < board.grids.size(); ++i)
    grids += (i > 0 ? "," : "") + page_of_grid(board.grids[i], numbers[i]);
  return PageObject()
      .json("kind", quoted("board"))
      .text("title", board.title)
      .json("grids", grids + "]")
      .json("signs", list_of_all(board.signs, page_string))
      .json("stops", list_of_all(board.stops, page_of_stop))
      .json("only", board.only ? std::to_string(*board.only) : "null")
      .finish();
}

std::string page_of(const Table& table) {
  const auto row = [](const std::vector<Text>& cells) { return list_of_all(cells, page_text); };
  return PageObject()
      .json("kind", quoted("table"))
      .text("title", table.title)
      .json("headings", row(table.headings))
      .json("rows", list_of_all(table.rows, row))
      .finish();
}

std::string page_of(const Chart& chart) {
  const auto series = [](const Chart::Series& one) {
    return PageObject()
        .text("name", one.name)
        .json("look", quoted(one.look == Chart::Look::kBars ? "bars" : "line"))
        .json("x", page_numbers(one.x))
        .json("y", page_numbers(one.y))
        .finish();
  };
  return PageObject()
      .json("kind", quoted("chart"))
      .text("title", chart.title)
      .text("x_label", chart.x_label)
      .text("y_label", chart.y_label)
      .json("series", list_of_all(chart.series, series))
      .finish();
}

std::string page_of(const Sheet& sheet) {
  const auto picture = [](const Sheet::Picture& one) {
    return PageObject()
        .text("caption", one.caption)
        .number("width", one.image.size(2))
        .number("height", one.image.size(1))
        .json("png", page_picture(one.image))
        .finish();
  };
  return PageObject()
      .json("kind", quoted("sheet"))
      .text("title", sheet.title)
      .number("columns", sheet.columns)
      .json("pictures", list_of_all(sheet.pictures, picture))
      .finish();
}

std::string page_of(const Diagram& diagram) {
  const auto box = [](const Diagram::Box& one) {
    return PageObject().text("label", one.label).text("detail", one.detail).finish();
  };
  const auto arrow = [](const Diagram::Arrow& one) {
    return PageObject()
        .number("from", static_cast<std::int64_t>(one.from))
        .number("to", static_cast<std::int64_t>(one.to))
        .text("label", one.label)
        .finish();
  };
  return PageObject()
      .json("kind", quoted("diagram"))
      .text("title", diagram.title)
      .json("boxes", list_of_all(diagram.boxes, box))
      .json("arrows", list_of_all(diagram.arrows, arrow))
      .finish();
}

std::string page_of_block(const Block& block) {
  return std::visit([](const auto& one) { return page_of(one); }, block);
}

}  // namespace

std::string to_page(const Walk& walk) {
  return PageObject()
             .text("title", walk.title)
             .json("blocks", list_of_all(walk.blocks, page_of_block))
             .json("document", to_json(walk))
             .finish() +
         "\n";
}

}  // namespace fovea::explain
