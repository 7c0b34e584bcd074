#include "fovea/explain/render/svg_layout.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fovea/core/error.h"
#include "fovea/core/text_width.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/render/svg_parts.h"

namespace fovea::explain {

namespace {

/// Sides of a cell that are tried, largest first.
constexpr std::array<double, 4> kCellSides = {48, 44, 40, 34};
constexpr double kWidestCell = 92, kTallestGrid = 800;
/// A grid of more cells shows shades in place of numbers.
constexpr std::int64_t kMostNumberRows = 26, kMostNumberColumns = 30;
constexpr std::int64_t kMostLargeShades = 9;
constexpr double kShadesSide = 300;
constexpr std::int64_t kMostCards = 16, kMostCardsInAColumn = 4;
constexpr double kCardPad = 8, kCardGap = 14, kCardLabel = 20;
constexpr double kGridGap = 36, kSignGap = 72, kRowGap = 26;
constexpr double kTitleSize = 15, kTitleGap = 8, kNarrowestTitle = 130;

/// The width of the longest number.
double widest_number(const GridNumbers& numbers, double font) {
  int letters = 1;
  for (const double value : numbers.values)
    letters = std::max(letters, display_width(number_text(value)));
  return letters * font * 0.602;
}

/// Cards beside one another. Few are one below the other, so that those of an image lie beside
/// those of a kernel; more are as wide as keeps them from being too high.
std::int64_t cards_across(std::int64_t slices, double card_height) {
  if (slices <= kMostCardsInAColumn) return 1;
  std::int64_t across = 2;
  const auto height = [&] {
    const std::int64_t down = (slices + across - 1) / across;
    return static_cast<double>(down) * card_height;
  };
  while (across < slices && height() > kTallestGrid) ++across;
  return across;
}

SvgGridPlace sized(const Grid& grid, const GridNumbers& numbers, double side) {
  SvgGridPlace place;
  const std::int64_t longest = std::max(numbers.rows, numbers.columns);
  const bool few = numbers.rows <= kMostNumberRows && numbers.columns <= kMostNumberColumns;
  place.shaded = grid.look == Grid::Look::kShades || !few;
  place.slices = std::min(numbers.slices, kMostCards);
  place.cell_width = place.cell_height = side;
  if (place.shaded && longest > kMostLargeShades) {
    place.cell_width = place.cell_height =
        std::clamp(std::floor(kShadesSide / static_cast<double>(longest)), 1.0, side);
  } else {
    place.font = side >= 40 ? 17 : 14;
    place.cell_width = std::max(side, std::ceil(widest_number(numbers, place.font) + 12));
    if (place.cell_width > kWidestCell) place.font = 14;
    place.cell_width = std::max(side, std::ceil(widest_number(numbers, place.font) + 12));
  }
  place.box.width = place.cell_width * static_cast<double>(numbers.columns);
  place.box.height = place.cell_height * static_cast<double>(numbers.rows);
  if (numbers.slices == 1) return place;
  place.card_x = place.box.width + 2 * kCardPad + kCardGap;
  place.card_y = place.box.height + 2 * kCardPad + kCardLabel + kCardGap;
  place.across = cards_across(place.slices, place.card_y);
  const std::int64_t down = (place.slices + place.across - 1) / place.across;
  place.box.width = place.card_x * static_cast<double>(place.across) - kCardGap;
  place.box.height = place.card_y * static_cast<double>(down) - kCardGap;
  return place;
}

/// With the range of its numbers where none of them is seen.
std::string title_of(const Grid& grid, const GridNumbers& numbers, const SvgGridPlace& place,
                     Language language) {
  std::string title = grid.title.in(language);
  if (place.font == 0)
    title += str(title.empty() ? "" : ": ", number_text(numbers.least, 3), " .. ",
                 number_text(numbers.largest, 3));
  if (numbers.slices > kMostCards)
    title += str(title.empty() ? "" : " ", "(", kMostCards, " / ", numbers.slices, ")");
  return title;
}

double title_height(const SvgGridPlace& place) {
  if (place.title.empty()) return 0;
  const std::size_t lines = svg_line_count(place.title, svg_grid_title(place));
  return static_cast<double>(lines) * svg_line_height(kTitleSize) + kTitleGap;
}

double outer_width(const SvgGridPlace& place) {
  return std::max(place.box.width, place.title_width);
}

}  // namespace

SvgParagraph svg_grid_title(const SvgGridPlace& place) {
  return {.width = place.title_width,
          .size = kTitleSize,
          .bold = true,
          .anchor = io::SvgAnchor::kMiddle};
}

SvgBox SvgGridPlace::cell(std::int64_t slice, std::int64_t row, std::int64_t column) const {
  const bool cards = card_x > 0;
  const std::int64_t card_row = slice / across;
  return {box.x + (cards ? kCardPad : 0) + card_x * static_cast<double>(slice % across) +
              cell_width * static_cast<double>(column),
          box.y + (cards ? kCardPad + kCardLabel : 0) + card_y * static_cast<double>(card_row) +
              cell_height * static_cast<double>(row),
          cell_width, cell_height};
}

SvgBox SvgGridPlace::card(std::int64_t slice, const GridNumbers& numbers) const {
  const SvgBox first = cell(slice, 0, 0);
  return {first.x - kCardPad, first.y - kCardPad - kCardLabel,
          cell_width * static_cast<double>(numbers.columns) + 2 * kCardPad,
          cell_height * static_cast<double>(numbers.rows) + 2 * kCardPad + kCardLabel};
}

SvgLayout::SvgLayout(const Board& board, const std::vector<GridNumbers>& numbers, double width,
                     Language language) {
  const std::size_t count = board.grids.size();
  for (std::size_t g = 0; g < count; ++g)
    gaps_.push_back(g < board.signs.size() && !board.signs[g].empty() ? kSignGap : kGridGap);
  for (const double side : kCellSides) {
    size_grids(board, numbers, side, language);
    double tallest = 0;
    for (const SvgGridPlace& place : grids_) tallest = std::max(tallest, place.box.height);
    if (row_width(0, count) <= width && tallest <= kTallestGrid) break;
  }
  for (std::size_t from = 0; from < count;) {
    std::size_t end = from + 1;
    while (end < count && row_width(from, end + 1) <= width) ++end;
    if (from > 0) height_ += kRowGap;
    place_row(board, from, end, width);
    from = end;
  }
}

void SvgLayout::size_grids(const Board& board, const std::vector<GridNumbers>& numbers, double cell,
                           Language language) {
  grids_.clear();
  for (std::size_t g = 0; g < board.grids.size(); ++g) {
    grids_.push_back(sized(board.grids[g], numbers[g], cell));
    // A title may be wider than a small grid, and is wrapped beyond that.
    SvgGridPlace& place = grids_.back();
    place.title = title_of(board.grids[g], numbers[g], place, language);
    const double wished = 1.1 * svg_text_width(place.title, kTitleSize);
    place.title_width = std::max(place.box.width, std::min(wished, kNarrowestTitle));
  }
}

double SvgLayout::row_width(std::size_t from, std::size_t end) const {
  double width = 0;
  for (std::size_t g = from; g < end; ++g)
    width += outer_width(grids_[g]) + (g + 1 < end ? gaps_[g] : 0);
  return width;
}

void SvgLayout::place_row(const Board& board, std::size_t from, std::size_t end, double width) {
  double above = 0, tallest = 0;
  for (std::size_t g = from; g < end; ++g) {
    above = std::max(above, title_height(grids_[g]));
    tallest = std::max(tallest, grids_[g].box.height);
  }
  // A sign between rows stands at the head of the second.
  const auto has_sign = [&](std::size_t g) {
    return g + 1 < board.grids.size() && gaps_[g] == kSignGap;
  };
  const double lead = from > 0 && has_sign(from - 1) ? kSignGap : 0;
  content_width_ = std::max(content_width_, lead + row_width(from, end));
  double x = std::max((width - lead - row_width(from, end)) / 2, 0.0);
  const double middle = height_ + above + tallest / 2;
  if (lead > 0) signs_.push_back({board.signs[from - 1], {x + lead / 2, middle}});
  x += lead;
  for (std::size_t g = from; g < end; ++g) {
    SvgGridPlace& place = grids_[g];
    place.box.x = x + (outer_width(place) - place.box.width) / 2;
    place.box.y = middle - place.box.height / 2;
    place.title_y = place.box.y - title_height(place);
    x += outer_width(place);
    if (g + 1 < end && has_sign(g)) signs_.push_back({board.signs[g], {x + kSignGap / 2, middle}});
    x += gaps_[g];
  }
  height_ += above + tallest;
}

}  // namespace fovea::explain
