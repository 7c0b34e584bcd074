// The windows of a board's stops: what is read and written, and how it goes from stop to stop.
#pragma once

#include <optional>
#include <vector>

#include "fovea/explain/render/parts.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// A window of one shape, and where it is at each stop that is shown.
struct SvgWindow {
  Role role = Role::kRead;               ///< what happens to its cells
  Cells shape;                           ///< its sizes, and where it is first
  std::vector<std::optional<Cells>> at;  ///< at each stop; none: it is not there
};

/// Whether windows of one shape have the same cells.
bool same_place(const Cells& a, const Cells& b);

/// All windows, in the order in which they first occur.
std::vector<SvgWindow> windows_of(const Board& board, const std::vector<std::size_t>& shown);

/// The weights that lie over a window: a window of the same sizes that stays where it is. Null when
/// there are none.
const SvgWindow* weights_over(const SvgWindow& window, const std::vector<SvgWindow>& all);

}  // namespace fovea::explain
