// Pictures side by side, each with a few lines of text below it: samples of a data set, what a
// model saw and answered, what it took for something else.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fovea/io/pictures/image.h"
#include "fovea/io/svg.h"

namespace fovea::vision {

/// The width of a letter in a line, as io::svg_shortened counts it.
inline constexpr double kTileLetter = 7.2;
/// What there is room for in a line.
inline constexpr double kTileWidth = 17 * kTileLetter;

/// A line below a picture.
struct TileLine {
  std::string text;            ///< shortened where there is no room for it
  std::string fill = "@text";  ///< colour, see io::SvgCanvas
};

/// A picture and what is said of it.
struct Tile {
  io::Image image;               ///< u8 [1, h, w] or [3, h, w]
  std::vector<TileLine> lines;   ///< below it
  std::string description = {};  ///< for who cannot see it, or points at it
};

/// What stands around the pictures.
struct TileOptions {
  int columns = 5;            ///< pictures a row
  std::string title = {};     ///< above all; may be empty
  std::string subtitle = {};  ///< a line below the title; may be empty
};

/// The pictures in rows, each in its proportions.
/// Throws   ArgumentError when columns < 1; DTypeError, ShapeError for images that are others.
io::SvgCanvas draw_tiles(std::span<const Tile> tiles, const TileOptions& options = {});

}  // namespace fovea::vision
