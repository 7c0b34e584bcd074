// The one tag of EXIF that changes pixels: the orientation of the camera.
#include <algorithm>
#include <string_view>

#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

int exif_orientation(std::span<const std::byte> segment) {
  constexpr std::string_view kName("Exif\0\0", 6);
  constexpr unsigned kOrientation = 0x0112, kShort = 3;
  const auto name = std::as_bytes(std::span(kName));
  if (segment.size() < name.size() + 8 || !std::equal(name.begin(), name.end(), segment.begin()))
    return 1;
  // A TIFF file: byte order, 42, the position of a table of 12-byte entries.
  const std::span<const std::byte> tiff = segment.subspan(name.size());
  const bool big = tiff[0] == std::byte{'M'};
  const auto load16 = [&](std::size_t at) -> unsigned {
    return big ? load_big<std::uint16_t>(tiff.subspan(at))
               : load_little<std::uint16_t>(tiff.subspan(at));
  };
  const auto load32 = [&](std::size_t at) -> std::size_t {
    return big ? load_big<std::uint32_t>(tiff.subspan(at))
               : load_little<std::uint32_t>(tiff.subspan(at));
  };
  const std::size_t table = load32(4);
  if (table > tiff.size() || tiff.size() - table < 2) return 1;
  const std::size_t entries = std::min<std::size_t>(load16(table), (tiff.size() - table - 2) / 12);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = table + 2 + 12 * i;
    if (load16(entry) != kOrientation || load16(entry + 2) != kShort) continue;
    const unsigned orientation = load16(entry + 8);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

Pixels upright(Pixels pixels, int orientation) {
  if (orientation == 1) return pixels;
  // What stands in row y, column x of the upright image lies in the stored one with rows and
  // columns exchanged (5 to 8), and counted from the other end as the orientation says.
  const bool exchanged = orientation >= 5;
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Pixels result;
  result.channels = pixels.channels;
  result.width = exchanged ? pixels.height : pixels.width;
  result.height = exchanged ? pixels.width : pixels.height;
  result.values.resize(pixels.values.size());
  std::uint8_t* to = result.values.data();
  for (std::size_t y = 0; y < result.height; ++y) {
    for (std::size_t x = 0; x < result.width; ++x) {
      std::size_t from_x = exchanged ? y : x, from_y = exchanged ? x : y;
      if (flip_x) from_x = pixels.width - 1 - from_x;
      if (flip_y) from_y = pixels.height - 1 - from_y;
      const std::uint8_t* from =
          pixels.values.data() + (from_y * pixels.width + from_x) * pixels.channels;
      to = std::copy_n(from, pixels.channels, to);
    }
  }
  return result;
}

}  // namespace fovea::io
