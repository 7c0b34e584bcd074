#include "fovea/explain/render/svg_windows.h"

#include <algorithm>
#include <cstddef>

namespace fovea::explain {

namespace {

bool same_shape(const Cells& a, const Cells& b) {
  return a.grid == b.grid && a.rows == b.rows && a.columns == b.columns &&
         a.row_step == b.row_step && a.column_step == b.column_step && a.slices == b.slices;
}

}  // namespace

bool same_place(const Cells& a, const Cells& b) {
  return a.row == b.row && a.column == b.column && a.slice == b.slice;
}

std::vector<SvgWindow> windows_of(const Board& board, const std::vector<std::size_t>& shown) {
  std::vector<SvgWindow> windows;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    for (const Mark& mark : board.stops[shown[i]].marks) {
      if (mark.cells.grid >= board.grids.size()) continue;
      auto window = std::ranges::find_if(windows, [&](const SvgWindow& known) {
        return known.role == mark.role && !known.at[i] && same_shape(known.shape, mark.cells);
      });
      if (window == windows.end()) {
        windows.push_back({mark.role, mark.cells, {}});
        window = windows.end() - 1;
        window->at.resize(shown.size());
      }
      window->at[i] = mark.cells;
    }
  }
  return windows;
}

const SvgWindow* weights_over(const SvgWindow& window, const std::vector<SvgWindow>& all) {
  if (window.role != Role::kRead) return nullptr;
  const Cells& cells = window.shape;
  for (const SvgWindow& weights : all) {
    const bool fits = weights.role == Role::kWeigh && weights.shape.rows == cells.rows &&
                      weights.shape.columns == cells.columns &&
                      weights.shape.slices == cells.slices && cells.rows * cells.columns > 1;
    const bool still = std::ranges::all_of(weights.at, [&](const std::optional<Cells>& at) {
      return at && same_place(*at, weights.shape);
    });
    if (fits && still) return &weights;
  }
  return nullptr;
}

}  // namespace fovea::explain
