// The windows of a pooling, worked out once a call: which elements of x each output takes, and
// which neighbouring outputs are the same work at another place.
//
// Windows are boxes, so each dimension is described alone. Two poolings need nothing else: an
// average's backward is again a sum over windows, those of the outputs that an input took part in,
// with a weight each.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fovea/kernels/reference/pool.h"
#include "fovea/kernels/specs.h"

namespace fovea::kernels::cpu {

using reference::Extent3;

/// The windows along one dimension: window i takes sources begin, begin + step, ..., `count` of
/// them.
struct AxisWindows {
  struct Window {
    std::int64_t begin = 0;  ///< first source inside
    std::int64_t count = 0;  ///< sources inside
    float extent = 1;        ///< what this dimension contributes to an average's divisor
  };
  std::vector<Window> windows;  ///< in order of the outputs
  std::int64_t step = 1;        ///< distance between the sources of a window
  std::vector<float> weights;   ///< of each source; empty: 1

  /// The most sources in a window.
  std::int64_t longest() const;
};

/// Windows of a pooling's geometry along dimension `axis` (0 to 2) with `out` outputs of `in`
/// sources.
AxisWindows sliding_windows(const PoolSpec& spec, int axis, std::int64_t in, std::int64_t out);
/// Windows of an adaptive average pooling.
AxisWindows adaptive_windows(std::int64_t in, std::int64_t out);
/// The windows of the adjoint: for each of `in` sources the windows that took it, with weight 1 /
/// extent each, or 1 when a divisor is given for the whole window. Requires forward.step == 1.
AxisWindows adjoint_windows(const AxisWindows& forward, std::int64_t in, bool divisor_given);

/// Neighbouring windows of the last dimension whose sources are the same but for a shift.
struct WindowRun {
  std::int64_t first = 0;   ///< first window
  std::int64_t count = 1;   ///< windows
  std::int64_t stride = 0;  ///< sources from one window's begin to the next one's
  /// When the run is treated as one row of count * channels lanes: each lane's window and source
  /// element.
  std::vector<std::int32_t> lane_window = {};
  std::vector<std::int32_t> lane_offset = {};  ///< see lane_window
};

/// A pooling of channels-last arrays, ready to be executed a row at a time.
struct PoolPlan {
  std::int64_t images = 0, channels = 0;  ///< n and c
  Extent3 source{}, target{};             ///< spatial sizes of what is read and what is written
  std::array<AxisWindows, 3> axes;        ///< depth, height, width
  std::vector<WindowRun> runs;            ///< of the width

  /// Rows to write: n * depth * height.
  std::int64_t rows() const { return images * target[0] * target[1]; }
  /// The most sources of one output.
  std::int64_t longest() const { return axes[0].longest() * axes[1].longest() * axes[2].longest(); }
  /// Whether positions and offsets within a row fit 32 bits, as the vector loops want.
  bool fits() const;
};

/// The plan of reading `source` and writing `target` (sizes [n, c, spatial...]) along the given
/// windows.
PoolPlan make_plan(const Shape& source, const Shape& target, std::array<AxisWindows, 3> axes);

}  // namespace fovea::kernels::cpu
