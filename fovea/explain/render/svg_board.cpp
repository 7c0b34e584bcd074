// Boards as pictures: cells with numbers, windows that move over them, and the arithmetic below.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/svg_grid.h"
#include "fovea/explain/render/svg_layout.h"
#include "fovea/explain/render/svg_motion.h"
#include "fovea/explain/render/svg_parts.h"
#include "fovea/explain/render/svg_stop_words.h"
#include "fovea/explain/render/svg_windows.h"
#include "fovea/io/colors.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kMostSvgStops = 64;
constexpr double kWidestBoard = 1036;
constexpr double kPanelPad = 18, kPanelGap = 14, kLegendGap = 16;

/// How cells of a role are marked.
struct RoleLook {
  const char* color;
  double opacity, stroke;
};

RoleLook look_of(Role role) {
  switch (role) {
    case Role::kRead:
      return {"@series1", 0.15, 3};
    case Role::kWeigh:
      return {"@series2", 0.16, 3};
    case Role::kChosen:
      return {"@series4", 0.3, 3.5};
    case Role::kWrite:
      return {"@series3", 0.2, 3};
  }
  no_case_for("role", role);
}

Text name_of(Role role) {
  switch (role) {
    case Role::kRead:
      return {"read", "읽는 칸"};
    case Role::kWeigh:
      return {"weights", "가중치"};
    case Role::kChosen:
      return {"chosen", "고른 칸"};
    case Role::kWrite:
      return {"result", "결과"};
  }
  no_case_for("role", role);
}

/// Which of the stops that are shown a picture that stands still shows.
std::size_t rest_of(const Board& board, const std::vector<std::size_t>& shown) {
  const std::size_t last = shown.empty() ? 0 : shown.size() - 1;
  if (!board.rest) return last;
  const auto found = std::ranges::find(shown, *board.rest);
  return found == shown.end() ? last : static_cast<std::size_t>(found - shown.begin());
}

class BoardPicture {
 public:
  BoardPicture(io::SvgCanvas& canvas, const SvgFrame& frame, const Board& board, std::size_t number)
      : canvas_(canvas),
        frame_(frame),
        board_(board),
        numbers_(numbers_of(board)),
        layout_(board, numbers_, frame.width, frame.language),
        shown_(spread_stops(board, kMostSvgStops)),
        rest_(rest_of(board, shown_)),
        motion_(str("b", number), shown_.size(), rest_) {}

  double draw() {
    frame_.top = svg_title(canvas_, frame_, board_.title);
    canvas_.group({.shift = {frame_.left, frame_.top}}, [&] { draw_grids(); });
    double y = draw_legend(frame_.top + layout_.height());
    if (shown_.empty()) return y;
    y = draw_panel(y + kPanelGap);
    if (moves()) canvas_.add_style(motion_.rules());
    return y;
  }

 private:
  bool moves() const { return shown_.size() > 1; }

  void draw_grids() {
    for (std::size_t g = 0; g < board_.grids.size(); ++g)
      svg_grid(canvas_, board_.grids[g], numbers_[g], layout_.grid(g));
    for (const SvgSign& sign : layout_.signs())
      canvas_.text(sign.at.x, sign.at.y + 9, sign.text == "x" ? "×" : sign.text,
                   {.size = 28, .anchor = io::SvgAnchor::kMiddle, .fill = "@muted"});
    const std::vector<SvgWindow> windows = windows_of(board_, shown_);
    // Over shades that touch one another what marks a result would be hidden by its neighbours'.
    const auto lies_over = [&](const SvgWindow& window) {
      return window.role == Role::kWrite && layout_.grid(window.shape.grid).font == 0;
    };
    for (const SvgWindow& window : windows)
      if (!lies_over(window)) draw_window(window, weights_over(window, windows));
    for (std::size_t g = 0; g < board_.grids.size(); ++g)
      svg_numbers(canvas_, board_.grids[g], numbers_[g], layout_.grid(g));
    draw_results();
    for (const SvgWindow& window : windows)
      if (lies_over(window)) draw_window(window, nullptr);
  }

  // --- Windows -----------------------------------------------------------------------------------

  /// Where the window's first cell is.
  io::SvgPoint corner(const Cells& cells) const {
    const SvgBox box = layout_.grid(cells.grid).cell(cells.slice, cells.row, cells.column);
    return {box.x, box.y};
  }

  void draw_window(const SvgWindow& window, const SvgWindow* weights) {
    std::vector<std::optional<io::SvgPoint>> places;
    bool still = true;
    for (const std::optional<Cells>& at : window.at) {
      places.push_back(at ? std::optional(corner(*at)) : std::nullopt);
      still = still && at && same_place(*at, *window.at[0]);
    }
    // One that is not there at the stop of rest is hidden in the still.
    const std::optional<io::SvgPoint> resting = places[rest_];
    const io::SvgGroup group = {
        .classes = moves() && !still ? motion_.add_window(places) : std::string(),
        .shift = resting.value_or(io::SvgPoint{}),
        .opacity = resting ? 1.0 : 0.0};
    canvas_.group(group, [&] {
      draw_cells(window);
      if (weights != nullptr) draw_weights(window, *weights);
    });
  }

  /// The cells of a window whose first has its corner at 0, 0.
  template <class F>
  void for_each_box(const Cells& cells, const F& use) const {
    const SvgGridPlace& grid = layout_.grid(cells.grid);
    const SvgBox first = grid.cell(cells.slice, 0, 0);
    for (std::int64_t s = 0; s < cells.slices && cells.slice + s < grid.slices; ++s)
      for (std::int64_t r = 0; r < cells.rows; ++r)
        for (std::int64_t c = 0; c < cells.columns; ++c) {
          SvgBox box = grid.cell(cells.slice + s, r * cells.row_step, c * cells.column_step);
          box.x -= first.x;
          box.y -= first.y;
          use(s, r, c, box);
        }
  }

  void draw_cells(const SvgWindow& window) {
    const RoleLook look = look_of(window.role);
    const Cells& cells = window.shape;
    const SvgGridPlace& grid = layout_.grid(cells.grid);
    const bool small = grid.cell_width < 12;
    const auto frame = [&](SvgBox box) {
      const double corner = small ? 1 : 7;
      if (small && cells.rows * cells.columns == 1) {  // large enough to be found
        box = {box.x - 2, box.y - 2, box.width + 4, box.height + 4};
      }
      // Shades may have the colour of the frame.
      if (grid.shaded)
        canvas_.rect(box.x, box.y, box.width, box.height,
                     {.stroke = "@paper", .stroke_width = look.stroke + 3, .corner = corner});
      if (window.role != Role::kWrite || grid.font > 0)
        canvas_.rect(box.x, box.y, box.width, box.height,
                     {.fill = look.color, .opacity = look.opacity, .corner = corner});
      canvas_.rect(
          box.x, box.y, box.width, box.height,
          {.stroke = look.color, .stroke_width = small ? 2 : look.stroke, .corner = corner});
    };
    const bool steps =
        (cells.rows > 1 && cells.row_step != 1) || (cells.columns > 1 && cells.column_step != 1);
    for_each_box(cells, [&](std::int64_t, std::int64_t r, std::int64_t c, SvgBox box) {
      if (steps) return frame(box);
      if (r > 0 || c > 0) return;
      box.width *= static_cast<double>(cells.columns);
      box.height *= static_cast<double>(cells.rows);
      frame(box);
    });
  }

  void draw_weights(const SvgWindow& window, const SvgWindow& weights) {
    constexpr double kSize = 13, kLeastCell = 44;
    const SvgGridPlace& grid = layout_.grid(window.shape.grid);
    if (grid.cell_height < kLeastCell || grid.font == 0) return;
    const GridNumbers& numbers = numbers_[weights.shape.grid];
    std::vector<std::string> texts;
    double widest = 0;
    for_each_cell(weights.shape, numbers, [&](std::int64_t s, std::int64_t r, std::int64_t c) {
      texts.push_back("×" + number_text(numbers.values[numbers.place(s, r, c)]));
      widest = std::max(widest, svg_text_width(texts.back(), kSize));
    });
    if (widest > grid.cell_width - 4) return;
    std::size_t next = 0;
    for_each_box(window.shape, [&](std::int64_t, std::int64_t, std::int64_t, const SvgBox& box) {
      if (next < texts.size())
        canvas_.text(
            box.x + box.width - 5, box.y + box.height - 6, texts[next++],
            {.size = kSize, .anchor = io::SvgAnchor::kEnd, .fill = "@series2", .bold = true});
    });
  }

  // --- Results -----------------------------------------------------------------------------------

  /// The middle of the cells that were chosen at a stop, or else of the first that it reads.
  std::optional<io::SvgPoint> source_of(const Stop& stop) const {
    std::optional<io::SvgPoint> source;
    bool chosen = false;
    for (const Mark& mark : stop.marks) {
      const bool is_chosen = mark.role == Role::kChosen && !chosen;
      if (!is_chosen && (mark.role != Role::kRead || source)) continue;
      if (mark.cells.grid >= board_.grids.size()) continue;
      chosen = chosen || is_chosen;
      const Cells& cells = mark.cells;
      const SvgGridPlace& grid = layout_.grid(cells.grid);
      const SvgBox first = grid.cell(cells.slice, cells.row, cells.column);
      const SvgBox last = grid.cell(cells.slice, cells.row + (cells.rows - 1) * cells.row_step,
                                    cells.column + (cells.columns - 1) * cells.column_step);
      source = {(first.x + last.x + last.width) / 2, (first.y + last.y + last.height) / 2};
    }
    return source;
  }

  /// The cells of growing grids that are written at a stop, or in `from` to before `end`.
  template <class F>
  void for_each_written(std::size_t from, std::size_t end, const F& use) const {
    for (std::size_t g = 0; g < board_.grids.size(); ++g) {
      const GridNumbers& numbers = numbers_[g];
      if (numbers.written.empty()) continue;
      for (std::int64_t s = 0; s < std::min(numbers.slices, layout_.grid(g).slices); ++s)
        for (std::int64_t r = 0; r < numbers.rows; ++r)
          for (std::int64_t c = 0; c < numbers.columns; ++c) {
            const std::size_t at = numbers.written[numbers.place(s, r, c)];
            if (at >= from && at < end) use(g, s, r, c);
          }
    }
  }

  void draw_written(std::size_t from, std::size_t end) {
    for_each_written(from, end, [&](std::size_t g, std::int64_t s, std::int64_t r, std::int64_t c) {
      svg_written_cell(canvas_, board_.grids[g], numbers_[g], layout_.grid(g), s, r, c);
    });
  }

  void draw_results() {
    const std::size_t count = board_.stops.size();
    if (board_.only) return draw_written(0, std::min(*board_.only + 1, count));
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const std::size_t place = shown_[i], next = i == 0 ? 0 : shown_[i - 1] + 1;
      // What stops write that are left out is there when the next one begins.
      if (next < place)
        canvas_.group({.classes = motion_.add_sudden(i)}, [&] { draw_written(next, place); });
      std::optional<io::SvgPoint> to;
      for_each_written(place, place + 1,
                       [&](std::size_t g, std::int64_t s, std::int64_t r, std::int64_t c) {
                         if (!to) to = layout_.grid(g).cell(s, r, c).centre();
                       });
      if (!to) continue;
      const io::SvgPoint from = source_of(board_.stops[place]).value_or(*to);
      const std::string motion =
          moves() ? motion_.add_result(i, {from.x - to->x, from.y - to->y}) : std::string();
      canvas_.group({.classes = motion}, [&] { draw_written(place, place + 1); });
    }
  }

  // --- Words -------------------------------------------------------------------------------------

  /// What the colours of the windows and shades stand for; nothing where there are none.
  double draw_legend(double above) {
    double x = frame_.left;
    const double y = above + kLegendGap;
    const auto add = [&](const std::string& name, const io::SvgStyle& fill,
                         const io::SvgStyle& outline) {
      canvas_.rect(x + 1.5, y + 1.5, 17, 17, fill);
      canvas_.rect(x + 1.5, y + 1.5, 17, 17, outline);
      canvas_.text(x + 28, y + 15, name, {.size = 14, .fill = "@muted"});
      x += 28 + 1.1 * svg_text_width(name, 14) + 24;
    };
    for (const Role role : {Role::kRead, Role::kWeigh, Role::kChosen, Role::kWrite}) {
      if (!is_used(role)) continue;
      const RoleLook look = look_of(role);
      add(name_of(role).in(frame_.language),
          {.fill = look.color, .opacity = look.opacity, .corner = 4},
          {.stroke = look.color, .stroke_width = 2.5, .corner = 4});
    }
    if (std::ranges::any_of(board_.grids, [](const Grid& grid) {
          return grid.padding_rows > 0 || grid.padding_columns > 0;
        }))
      add(std::string(word(frame_.language, "padding", "패딩")), {},
          {.stroke = "@muted", .corner = 4, .dashed = true});
    bool shows_signs = false;
    for (std::size_t g = 0; g < numbers_.size(); ++g)
      shows_signs = shows_signs || (layout_.grid(g).shaded && has_signs(numbers_[g]));
    if (shows_signs) {
      const auto sign = [&](double share, std::string_view english, std::string_view korean) {
        add(std::string(word(frame_.language, english, korean)),
            {.fill = io::hex_of(io::signed_color(share)), .corner = 4},
            {.stroke = "@grid", .corner = 4});
      };
      sign(-1, "below 0", "음수");
      sign(1, "above 0", "양수");
    }
    return x > frame_.left ? y + 20 : above;
  }

  bool is_used(Role role) const {
    return std::ranges::any_of(shown_, [&](std::size_t place) {
      return std::ranges::any_of(board_.stops[place].marks,
                                 [&](const Mark& mark) { return mark.role == role; });
    });
  }

  /// The words of all stops, one over the other, of which one is seen.
  double draw_panel(double y) {
    SvgFrame words = {frame_.left + kPanelPad, y + kPanelPad - 4, frame_.width - 2 * kPanelPad,
                      frame_.language};
    double height = 0;
    for (const std::size_t place : shown_)
      height = std::max(height, svg_stop_height(board_.stops[place], words));
    canvas_.rect(frame_.left, y, frame_.width, height + 2 * kPanelPad,
                 {.fill = "@muted", .opacity = 0.09, .corner = 12});
    for (std::size_t i = 0; i < shown_.size(); ++i)
      canvas_.group(moves() ? motion_.seen_during(i) : io::SvgGroup{},
                    [&] { svg_stop_words(canvas_, board_.stops[shown_[i]], words); });
    y += height + 2 * kPanelPad;
    if (moves()) {
      const double length = frame_.width - 24;
      canvas_.rect(frame_.left + 12, y - 8, length, 3, {.fill = "@grid", .corner = 1.5});
      canvas_.group({.classes = motion_.add_progress()}, [&] {
        canvas_.rect(frame_.left + 12, y - 8, length, 3, {.fill = "@series1", .corner = 1.5});
      });
    }
    const std::size_t count = board_.stops.size();
    if (board_.only || shown_.size() == count) return y;
    const std::string left_out = frame_.language == Language::kKorean
                                     ? str(count, "단계 가운데 ", shown_.size(), "단계를 보입니다.")
                                     : str(shown_.size(), " of ", count, " steps are shown.");
    return svg_paragraph(canvas_, frame_.left, y + 8, left_out,
                         {.width = frame_.width, .size = 14, .fill = "@muted"});
  }

  io::SvgCanvas& canvas_;
  SvgFrame frame_;
  const Board& board_;
  std::vector<GridNumbers> numbers_;
  SvgLayout layout_;
  std::vector<std::size_t> shown_;  // places of stops
  std::size_t rest_;                // place in shown_ of that at which the picture stands still
  SvgMotion motion_;
};

}  // namespace

double svg_board_width(const Board& board) {
  double width =
      SvgLayout(board, numbers_of(board), kWidestBoard, Language::kEnglish).content_width();
  for (const std::size_t place : spread_stops(board, kMostSvgStops))
    width = std::max(width, svg_stop_width(board.stops[place]) + 2 * kPanelPad + 8);
  return std::min(width, kWidestBoard);
}

double svg_board(io::SvgCanvas& canvas, const SvgFrame& frame, const Board& board,
                 std::size_t number) {
  return BoardPicture(canvas, frame, board, number).draw();
}

}  // namespace fovea::explain
