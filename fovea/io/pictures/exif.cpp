// The one tag of EXIF that changes pixels: the orientation of the camera. XMP may hold it as well.
#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>

#include "fovea/io/bytes.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

namespace {

constexpr std::string_view kExifName("Exif\0\0", 6);

/// A TIFF file: byte order, 42, the position of a table of 12-byte entries.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes)
      : bytes_(bytes), big_(bytes[0] == std::byte{'M'}) {}

  template <class T>
  std::optional<T> load(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) return {};
    const auto from = bytes_.subspan(at);
    return big_ ? load_big<T>(from) : load_little<T>(from);
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  bool big_;
};

/// The number in an entry of the table. Standards ask for SHORT, and software writes what it likes.
std::optional<double> number_of(const Tiff& tiff, std::size_t entry) {
  const unsigned type = tiff.load<std::uint16_t>(entry + 2).value_or(0);
  const std::size_t count = tiff.load<std::uint32_t>(entry + 4).value_or(0);
  constexpr std::size_t kBytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};
  if (type >= std::size(kBytes) || count == 0) return {};
  // Values of more than four bytes altogether lie elsewhere.
  const bool here = count <= 4 && count * kBytes[type] <= 4;
  const std::size_t at = here ? entry + 8 : tiff.load<std::uint32_t>(entry + 8).value_or(0);
  const auto number = [&]<class Stored, class Meant>(Stored, Meant) -> std::optional<double> {
    const auto bits = tiff.load<Stored>(at);
    if (!bits) return {};
    return static_cast<double>(std::bit_cast<Meant>(*bits));
  };
  switch (type) {
    case 3:  // SHORT
      return number(std::uint16_t{}, std::uint16_t{});
    case 8:  // SSHORT
      return number(std::uint16_t{}, std::int16_t{});
    case 4:   // LONG
    case 13:  // IFD
      return number(std::uint32_t{}, std::uint32_t{});
    case 9:  // SLONG
      return number(std::uint32_t{}, std::int32_t{});
    case 16:  // LONG8
      return number(std::uint64_t{}, std::uint64_t{});
    case 11:  // FLOAT
      return number(std::uint32_t{}, float{});
    case 12:  // DOUBLE
      return number(std::uint64_t{}, double{});
    case 5:     // RATIONAL
    case 10: {  // SRATIONAL
      const auto above = tiff.load<std::uint32_t>(at), below = tiff.load<std::uint32_t>(at + 4);
      if (!above || !below || *below == 0) return {};
      return static_cast<double>(static_cast<std::int32_t>(*above)) /
             static_cast<double>(static_cast<std::int32_t>(*below));
    }
    default:  // bytes and texts are no numbers
      return {};
  }
}

/// 1 for what is no orientation.
int orientation_of(std::optional<double> number) {
  for (int orientation = 1; number && orientation <= 8; ++orientation) {
    if (*number == orientation) return orientation;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::span<const std::byte> segment) {
  constexpr unsigned kOrientation = 0x0112;
  const auto name = std::as_bytes(std::span(kExifName));
  while (segment.size() >= name.size() && std::equal(name.begin(), name.end(), segment.begin()))
    segment = segment.subspan(name.size());
  if (segment.size() < 8) return 0;
  const Tiff tiff(segment);
  const std::size_t table = *tiff.load<std::uint32_t>(4);
  const auto listed = tiff.load<std::uint16_t>(table);
  if (!listed) return 0;
  const std::size_t entries = std::min<std::size_t>(*listed, (tiff.size() - table - 2) / 12);
  int orientation = 0;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = table + 2 + 12 * i;
    if (tiff.load<std::uint16_t>(entry) == kOrientation)
      orientation = orientation_of(number_of(tiff, entry));
  }
  return orientation;
}

int xmp_orientation(std::string_view text) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = text.find(kName); at != std::string_view::npos;
       at = text.find(kName, at + 1)) {
    std::string_view value = text.substr(at + kName.size());
    if (value.starts_with("=\""))
      value.remove_prefix(2);
    else if (value.starts_with(">"))
      value.remove_prefix(1);
    else
      continue;
    if (!value.empty() && value[0] >= '0' && value[0] <= '9') return orientation_of(value[0] - '0');
  }
  return 0;
}

Pixels upright(Pixels pixels, int orientation) {
  if (orientation <= 1) return pixels;
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
