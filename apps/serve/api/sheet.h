// Pictures side by side in one, as the page takes them: equal tiles in reading order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/io/json_fwd.h"
#include "fovea/io/pictures/image.h"

namespace fovea::serve {

/// Such a picture.
struct PictureSheet {
  std::string png;           ///< as a data URL
  std::int64_t columns = 1;  ///< tiles a row
  std::int64_t rows = 0;     ///< rows of tiles
  std::int64_t width = 0;    ///< of a tile
  std::int64_t height = 0;   ///< of a tile
  std::int64_t count = 0;    ///< pictures; tiles behind them are black
};

/// Pictures [1 or 3, h, w] u8, which are as large as the first; others are cut or filled up with
/// black.
PictureSheet sheet_of(const std::vector<io::Image>& pictures);
/// {"columns", "rows", "width", "height", "count", "png"}.
io::Json json_of(const PictureSheet& sheet);
/// A picture as a data URL.
std::string data_url(const io::Image& picture);

}  // namespace fovea::serve
