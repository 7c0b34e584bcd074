// Where the cells of a board's grids lie in a picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/svg_parts.h"
#include "fovea/io/svg.h"

namespace fovea::explain {

/// A rectangle, in pixels.
struct SvgBox {
  double x = 0;       ///< of the top left corner
  double y = 0;       ///< likewise
  double width = 0;   ///< to the right
  double height = 0;  ///< downwards
  io::SvgPoint centre() const { return {x + width / 2, y + height / 2}; }  ///< its middle
};

/// How a grid is drawn.
struct SvgGridPlace {
  SvgBox box;               ///< all of its cards, without its title
  std::string title = {};   ///< stands above the box
  double title_width = 0;   ///< of the lines of the title
  double title_y = 0;       ///< where they begin
  double cell_width = 0;    ///< distance of neighbours in a row
  double cell_height = 0;   ///< and in a column
  double font = 0;          ///< height of the numbers; 0 when they are not shown
  bool shaded = false;      ///< cells have shades
  std::int64_t slices = 1;  ///< how many are shown
  std::int64_t across = 1;  ///< cards beside one another
  double card_x = 0;        ///< from one card to the next, to the right
  double card_y = 0;        ///< likewise, downwards

  /// Where a cell lies.
  SvgBox cell(std::int64_t slice, std::int64_t row, std::int64_t column) const;
  /// Where a card lies.
  SvgBox card(std::int64_t slice, const GridNumbers& numbers) const;
};

/// How the title of a grid is set.
SvgParagraph svg_grid_title(const SvgGridPlace& place);

/// A sign between grids.
struct SvgSign {
  std::string text;      ///< the sign
  io::SvgPoint at = {};  ///< its middle
};

/// Grids beside one another, where need be in more than one row, in the middle of `width`.
class SvgLayout {
 public:
  /// Places the grids of `board`, which `numbers` are of.
  SvgLayout(const Board& board, const std::vector<GridNumbers>& numbers, double width,
            Language language);

  const SvgGridPlace& grid(std::size_t g) const { return grids_[g]; }  ///< the place of a grid
  const std::vector<SvgSign>& signs() const { return signs_; }         ///< all signs
  double content_width() const { return content_width_; }              ///< the widest row
  double height() const { return height_; }                            ///< of all rows

 private:
  void size_grids(const Board& board, const std::vector<GridNumbers>& numbers, double cell,
                  Language language);
  double row_width(std::size_t from, std::size_t end) const;
  void place_row(const Board& board, std::size_t from, std::size_t end, double width);

  std::vector<SvgGridPlace> grids_;
  std::vector<double> gaps_;  // after each grid
  std::vector<SvgSign> signs_;
  double content_width_ = 0, height_ = 0;
};

}  // namespace fovea::explain
