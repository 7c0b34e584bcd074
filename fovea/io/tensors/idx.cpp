#include "fovea/io/tensors/idx.h"

#include <algorithm>
#include <array>
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

Tensor parse_plain(std::span<const std::byte> content, const std::string& name) {
  const IdxHeader header = parse_idx_header(content, name);
  const std::size_t width = size_of(header.dtype);
  const std::size_t first = 4 + 4 * static_cast<std::size_t>(header.sizes.ndim());
  const std::span<const std::byte> data = content.subspan(first);
  const std::uint64_t bytes = header.file_bytes - first;
  check<ParseError>(bytes == data.size(), "idx: data expected ", bytes, " bytes for sizes ",
                    header.sizes, ", got ", data.size(), " (", name, ", byte ",
                    first + std::min<std::uint64_t>(bytes, data.size()), ")");
  if (width == 1) return from_bytes(data, header.sizes, header.dtype);
  std::vector<std::byte> elements(data.begin(), data.end());
  swap_bytes(elements, width);
  return from_bytes(elements, header.sizes, header.dtype);
}

}  // namespace

IdxHeader parse_idx_header(std::span<const std::byte> head, const std::string& name) {
  check<ParseError>(head.size() >= 4, "idx: header expected at least 4 bytes, got ", head.size(),
                    " (", name, ", byte ", head.size(), ")");
  check<ParseError>(head[0] == std::byte{0} && head[1] == std::byte{0},
                    "idx: first bytes expected 00 00, got ", hex_of(head, 2),
                    ", so this is no IDX file (", name, ", byte 0)");
  IdxHeader header{.dtype = dtype_of_code(head[2], name), .sizes = {}};
  const int ndim = std::to_integer<int>(head[3]);
  check<ParseError>(ndim >= 1 && ndim <= kMaxDims, "idx: number of dimensions expected 1 to ",
                    kMaxDims, ", got ", ndim, " (", name, ", byte 3)");
  const std::size_t bytes = 4 + 4 * static_cast<std::size_t>(ndim);
  check<ParseError>(head.size() >= bytes, "idx: header expected ", bytes, " bytes, got ",
                    head.size(), " (", name, ", byte ", head.size(), ")");
  for (std::size_t at = 4; at < bytes; at += 4)
    header.sizes.push_back(load_big<std::uint32_t>(head.subspan(at)));
  const std::optional<std::uint64_t> data = bytes_of(header.sizes, size_of(header.dtype));
  check<ParseError>(data.has_value(), "idx: data expected more than 2^62 bytes for sizes ",
                    header.sizes, ", got ", head.size() - bytes, " (", name, ", byte ", head.size(),
                    ")");
  header.file_bytes = bytes + *data;
  return header;
}

Tensor parse_idx(std::span<const std::byte> content, const std::string& name) {
  if (!is_gzip(content)) return parse_plain(content, name);
  // Positions in the unpacked data are not positions in the file: the name says which it is.
  const std::string unpacked = name + " unpacked";
  std::array<std::byte, 4 + 4 * kMaxDims> head;
  const std::size_t count = GzipReader(content, name).read(head);
  const std::uint64_t bytes = parse_idx_header(std::span(head).first(count), unpacked).file_bytes;
  return parse_plain(gunzip(content, name, std::min(bytes, kMaxUnpacked)), unpacked);
}

Tensor read_idx(const std::filesystem::path& path) {
  return parse_idx(read_file(path), path.string());
}

}  // namespace fovea::io
