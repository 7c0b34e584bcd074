#include "fovea/io/tensors/idx.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "fovea/io/archive/gzip.h"
#include "fovea/io/bytes.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

namespace {

// Larger than any data set kept as IDX, small enough to stop a gzip bomb.
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{4} << 30;

DType dtype_of_code(std::byte code, const std::string& name) {
  switch (std::to_integer<int>(code)) {
    case 0x08:
      return u8;
    case 0x09:
      return i8;
    case 0x0b:
      return i16;
    case 0x0c:
      return i32;
    case 0x0d:
      return f32;
    case 0x0e:
      return f64;
    default:
      throw ParseError(str("idx: element type expected 08, 09, 0b, 0c, 0d or 0e, got ",
                           hex_of(std::span(&code, 1), 1), " (", name, ", byte 2)"));
  }
}

// Reads the sizes and checks that their elements fill `data_bytes` exactly.
Shape parse_sizes(std::span<const std::byte> content, int ndim, std::size_t width,
                  const std::string& name) {
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(ndim);
  check<ParseError>(content.size() >= header, "idx: header expected ", header, " bytes, got ",
                    content.size(), " (", name, ", byte ", content.size(), ")");
  Shape sizes;
  for (int i = 0; i < ndim; ++i)
    sizes.push_back(load_big<std::uint32_t>(content.subspan(4 + 4 * static_cast<std::size_t>(i))));
  const std::uint64_t data_bytes = content.size() - header;
  const std::optional<std::uint64_t> bytes = bytes_of(sizes, width);
  check<ParseError>(bytes == data_bytes, "idx: data expected ",
                    bytes ? str(*bytes) : std::string("more than 2^62"), " bytes for sizes ", sizes,
                    ", got ", data_bytes, " (", name, ", byte ",
                    header + std::min(bytes.value_or(data_bytes), data_bytes), ")");
  return sizes;
}

Tensor parse_plain(std::span<const std::byte> content, const std::string& name) {
  check<ParseError>(content.size() >= 4, "idx: header expected at least 4 bytes, got ",
                    content.size(), " (", name, ", byte ", content.size(), ")");
  check<ParseError>(content[0] == std::byte{0} && content[1] == std::byte{0},
                    "idx: first bytes expected 00 00, got ", hex_of(content, 2),
                    ", so this is no IDX file (", name, ", byte 0)");
  const DType dtype = dtype_of_code(content[2], name);
  const int ndim = std::to_integer<int>(content[3]);
  check<ParseError>(ndim >= 1 && ndim <= kMaxDims, "idx: number of dimensions expected 1 to ",
                    kMaxDims, ", got ", ndim, " (", name, ", byte 3)");
  const std::size_t width = size_of(dtype);
  const Shape sizes = parse_sizes(content, ndim, width, name);
  const std::span<const std::byte> data = content.subspan(4 + 4 * static_cast<std::size_t>(ndim));
  if (width == 1) return from_bytes(data, sizes, dtype);
  std::vector<std::byte> elements(data.begin(), data.end());
  swap_bytes(elements, width);
  return from_bytes(elements, sizes, dtype);
}

}  // namespace

Tensor parse_idx(std::span<const std::byte> content, const std::string& name) {
  if (!is_gzip(content)) return parse_plain(content, name);
  // Positions in the unpacked data are not positions in the file: the name says which it is.
  return parse_plain(gunzip(content, name, kMaxUnpacked), name + " unpacked");
}

Tensor read_idx(const std::filesystem::path& path) {
  return parse_idx(read_file(path), path.string());
}

}  // namespace fovea::io
