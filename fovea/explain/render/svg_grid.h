// A grid's cells in a picture.
#pragma once

#include <cstdint>

#include "fovea/explain/render/parts.h"
#include "fovea/explain/render/svg_layout.h"
#include "fovea/io/svg.h"

namespace fovea::explain {

/// Draws a grid's title and cells, empty but for their shades; of one that grows, quite empty.
void svg_grid(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
              const SvgGridPlace& place);

/// Draws the numbers of a grid that does not grow. Those on shades are drawn with them.
void svg_numbers(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
                 const SvgGridPlace& place);

/// Draws a cell of a growing grid with what was written there.
void svg_written_cell(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
                      const SvgGridPlace& place, std::int64_t slice, std::int64_t row,
                      std::int64_t column);

/// Draws what a cell holds: its number, and its shade where it has one.
void svg_cell_value(io::SvgCanvas& canvas, const Grid& grid, const GridNumbers& numbers,
                    const SvgGridPlace& place, std::int64_t slice, std::int64_t row,
                    std::int64_t column);

}  // namespace fovea::explain
