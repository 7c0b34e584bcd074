#include "fovea/vision/tiles.h"

#include <algorithm>

#include "fovea/core/error.h"

namespace fovea::vision {

namespace {

// Pixels of the picture.
constexpr double kImage = 112;  // four times the side of a Fashion-MNIST image
constexpr double kGap = 16, kCaption = 22, kLine = 17, kMargin = 20, kTitle = 34, kSubtitle = 20;

void draw_tile(io::SvgCanvas& canvas, double x, double y, const Tile& tile) {
  // Images keep their proportions within the square.
  const auto height = static_cast<double>(tile.image.size(1)),
             width = static_cast<double>(tile.image.size(2));
  const double scale = kImage / std::max(height, width);
  const double w = width * scale, h = height * scale;
  canvas.image(x + (kImage - w) / 2, y + (kImage - h) / 2, w, h, io::encode_png(tile.image),
               tile.description);
  canvas.rect(x, y, kImage, kImage, {.stroke = "@grid"});
  double baseline = y + kImage + 16;
  for (const TileLine& line : tile.lines) {
    canvas.text(x + kImage / 2, baseline, io::svg_shortened(line.text, kImage + kGap),
                {.anchor = io::SvgAnchor::kMiddle, .fill = line.fill});
    baseline += kLine;
  }
}

/// Pixels that the lines below the pictures take.
double caption_height(std::span<const Tile> tiles) {
  std::size_t lines = 1;
  for (const Tile& tile : tiles) lines = std::max(lines, tile.lines.size());
  return kCaption + kLine * static_cast<double>(lines - 1);
}

}  // namespace

io::SvgCanvas draw_tiles(std::span<const Tile> tiles, const TileOptions& options) {
  check<ArgumentError>(options.columns >= 1, "tiles: columns expected at least 1, got ",
                       options.columns);
  const auto columns = static_cast<std::size_t>(options.columns);
  const std::size_t rows = (tiles.size() + columns - 1) / columns;
  const double step = kImage + caption_height(tiles) + kGap;
  const double top =
      kMargin + (options.title.empty() ? 0 : kTitle) + (options.subtitle.empty() ? 0 : kSubtitle);
  io::SvgCanvas canvas(2 * kMargin + options.columns * (kImage + kGap) - kGap,
                       top + static_cast<double>(rows) * step - (rows > 0 ? kGap : 0) + kMargin,
                       options.title.empty() ? "Samples" : options.title);
  if (!options.title.empty())
    canvas.text(kMargin, kMargin + 16, options.title, {.size = 18, .bold = true});
  if (!options.subtitle.empty())
    canvas.text(kMargin, top - 15, options.subtitle, {.fill = "@muted"});
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const std::size_t row = i / columns, column = i % columns;
    draw_tile(canvas, kMargin + static_cast<double>(column) * (kImage + kGap),
              top + static_cast<double>(row) * step, tiles[i]);
  }
  return canvas;
}

}  // namespace fovea::vision
