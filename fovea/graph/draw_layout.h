// Where the boxes of a graph's picture stand, and where its lines pass between them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fovea::graph {

/// A box, or the place where a line passes between boxes of the same level.
struct Place {
  std::size_t level = 0;          ///< row, from the top
  std::vector<std::size_t> from;  ///< places one level above that lines come from
  bool is_box = true;             ///< or a line's passage
  double x = 0;                   ///< centre
};

/// Widths, in the unit of the result.
struct LayoutSizes {
  double box = 0;  ///< width of a box
  double gap = 0;  ///< the least distance between neighbours of a level
};

/// Places for boxes of which box i uses the boxes uses[i], all of them before i: a box stands on
/// the level below the last that it uses. A line over several levels has a place on each of them,
/// one for all that use the same box. The first places are the boxes, in their order. In each
/// level, places are as near as there is room to those that they come from, in the sense of least
/// squares, boxes counting more than lines; the leftmost edge is at 0.
std::vector<Place> lay_out(std::span<const std::vector<std::size_t>> uses,
                           const LayoutSizes& sizes);

}  // namespace fovea::graph
