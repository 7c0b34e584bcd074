#include "apps/serve/api/sheet.h"

#include <algorithm>

#include "fovea/io/base64.h"
#include "fovea/io/json.h"
#include "fovea/tensor/ops.h"

namespace fovea::serve {

PictureSheet sheet_of(const std::vector<io::Image>& pictures) {
  constexpr std::int64_t kColumns = 10;
  PictureSheet sheet;
  sheet.count = static_cast<std::int64_t>(pictures.size());
  if (pictures.empty()) return sheet;
  const Shape& size = pictures.front().sizes();
  sheet.columns = std::min(kColumns, sheet.count);
  sheet.rows = (sheet.count + sheet.columns - 1) / sheet.columns;
  sheet.height = size[1];
  sheet.width = size[2];
  const std::int64_t channels =
      std::ranges::any_of(pictures, [](const io::Image& one) { return one.size(0) == 3; }) ? 3 : 1;
  Tensor all =
      zeros({channels, sheet.rows * sheet.height, sheet.columns * sheet.width}, {.dtype = u8});
  for (std::int64_t i = 0; i < sheet.count; ++i) {
    const io::Image& one = pictures[static_cast<std::size_t>(i)];
    const std::int64_t height = std::min(one.size(1), sheet.height);
    const std::int64_t width = std::min(one.size(2), sheet.width);
    all.narrow(1, i / sheet.columns * sheet.height, height)
        .narrow(2, i % sheet.columns * sheet.width, width)
        .copy_(one.narrow(1, 0, height).narrow(2, 0, width).expand({channels, height, width}));
  }
  sheet.png = data_url(all);
  return sheet;
}

io::Json json_of(const PictureSheet& sheet) {
  return {{"columns", sheet.columns}, {"rows", sheet.rows},   {"width", sheet.width},
          {"height", sheet.height},   {"count", sheet.count}, {"png", sheet.png}};
}

std::string data_url(const io::Image& picture) {
  return "data:image/png;base64," + io::encode_base64(io::encode_png(picture));
}

}  // namespace fovea::serve
