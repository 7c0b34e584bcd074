// All maps of a layer in one picture: equal tiles in reading order.
#pragma once

#include <cstdint>

#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"

namespace fovea::explain {

/// Which maps, and how they look.
struct MapSheetOptions {
  /// What is drawn of a map.
  enum class Look : std::uint8_t {
    kGreys,  ///< from black, its least, to white, its largest value
    kSigns,  ///< blue below 0, white 0, orange above; its largest value in size has the full colour
  };
  Look look = Look::kGreys;  ///< see there
  std::int64_t from = 0;     ///< the first map
  std::int64_t count = 64;   ///< so many, or as there are
  std::int64_t side = 96;    ///< longest side of a tile: of larger maps cells are averaged
};

/// A picture of maps. Values that are no numbers are black.
struct MapSheet {
  io::Image image;           ///< [1 or 3, rows height, columns width]
  std::int64_t columns = 0;  ///< tiles a row
  std::int64_t rows = 0;     ///< rows of tiles
  std::int64_t width = 0;    ///< of a tile
  std::int64_t height = 0;   ///< of a tile
  std::int64_t count = 0;    ///< maps that are there; tiles behind them are black
};

/// Draws maps [maps, height, width].
/// Throws   ShapeError for other shapes; ArgumentError for options out of range.
MapSheet map_sheet(const Tensor& maps, const MapSheetOptions& options = {});

}  // namespace fovea::explain
