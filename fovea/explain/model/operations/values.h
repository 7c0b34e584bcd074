// What walks over operations read, and how they show it: single values, windows with their borders,
// feature maps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/explain/model/operations.h"

namespace fovea::explain {

/// The element at `index`.
double value_at(const Tensor& tensor, const Shape& index);
/// The index, in a tensor of `sizes` that is broadcast to what `index` is of.
Shape broadcast_index(const Shape& index, const Shape& sizes);
/// f64 values in logical order as a tensor.
Tensor tensor_from(const std::vector<double>& values, const Shape& sizes);
/// Values as nested lists of `sizes`, null where `there` is false.
Value list_with_gaps(const std::vector<double>& values, const std::vector<bool>& there,
                     const Shape& sizes);
/// The exact sum, as near as f64 can add.
double sum_of(const std::vector<double>& values);
/// "row 3, column 5", or "place 3", or "(2, 3, 5)".
Text place_text(const Shape& at);

/// Calls f(index) for each index of `sizes`, last dimension fastest.
template <class F>
void for_each_index(const Shape& sizes, const F& f) {
  if (sizes.numel() == 0) return;
  Shape index = Shape::filled(sizes.ndim(), 0);
  for (;;) {
    f(index);
    int i = sizes.ndim() - 1;
    while (i >= 0 && ++index[i] == sizes[i]) index[i--] = 0;
    if (i < 0) return;
  }
}

/// A number behind a sign or under a power: a negative one stands in brackets.
std::string bracketed(double value, int digits = 4);

/// A window on spatial dimensions.
struct WindowAt {
  Shape begin;   ///< its first cell; may lie in the border, below 0
  Shape cells;   ///< how many
  Shape step;    ///< between neighbours
  Shape border;  ///< how wide the layer's border is: shown around the map
};

/// The window of a layer with `places` that gives the value at `at`.
WindowAt window_at(const graph::WindowPlaces& places, const Shape& at);
/// Everything of these spatial sizes.
WindowAt whole_window(const Shape& sizes);

/// Outputs along a dimension, neighbours.
struct OutputRange {
  std::int64_t first = 0;  ///< the first one
  std::int64_t count = 0;  ///< how many; may be none
};
/// Of `outputs` those whose windows reach over input cell `cell` in dimension `dim`. Dilated
/// windows may miss it.
OutputRange outputs_that_see(const graph::WindowPlaces& places, int dim, std::int64_t cell,
                             std::int64_t outputs);

/// What a window shows of some channels.
struct Seen {
  std::vector<double> values;  ///< [channels, cells...] in order; 0 outside
  std::vector<bool> inside;    ///< whether it is the input's, and not the border's
};
/// Reads it from x [n, c, spatial...].
Seen read_window(const Tensor& x, std::int64_t sample, std::int64_t channel, std::int64_t channels,
                 const WindowAt& window);

/// A feature map and the window on it. Of a large one the part around the window.
struct MapView {
  Grid grid;     ///< in shades
  Cells window;  ///< in grid 0
};
/// The map [spatial...].
MapView map_view(const Text& title, const Tensor& map, const WindowAt& window);
/// Numbers of `sizes` as a grid; of one dimension as a row.
Grid number_grid(const Text& title, const std::vector<double>& values, const Shape& sizes);

}  // namespace fovea::explain
