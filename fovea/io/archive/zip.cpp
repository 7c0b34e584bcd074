#include "fovea/io/archive/zip.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/archive/deflate.h"
#include "fovea/io/archive/zip_directory.h"
#include "fovea/io/archive/zip_format.h"
#include "fovea/io/bytes.h"

namespace fovea::io {

bool is_zip(std::span<const std::byte> content) {
  return content.size() >= 4 && load_little<std::uint32_t>(content) == kZipLocalHeader.signature;
}

ZipArchive::ZipArchive(FileBytes file)
    : file_(std::move(file)), entries_(read_zip_directory(file_.bytes, file_.name)) {}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const ZipEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

std::span<const std::byte> ZipArchive::open(const ZipEntry& entry,
                                            std::vector<std::vector<std::byte>>& unpacked,
                                            std::uint64_t max_bytes) const {
  const auto context = [&] { return str(" (", file_.name, ", byte ", entry.data_byte, ")"); };
  const std::string who = str("\"", printable(entry.name), "\"");
  const std::span<const std::byte> packed = file_.bytes.subspan(entry.data_byte, entry.packed_size);
  std::uint32_t crc = 0;
  std::span<const std::byte> content = packed;
  if (entry.method == ZipMethod::kStored) {
    crc = checksum_in_place(packed);
  } else {
    check<ParseError>(entry.size <= max_bytes, "zip: size of ", who, " expected at most ",
                      max_bytes, " bytes, got ", entry.size, context());
    std::vector<std::byte>& into = unpacked.emplace_back(entry.size);
    const std::string defect = inflate_exactly(packed, into);
    check<ParseError>(defect.empty(), "zip: data of ", who, " expected to unpack to ", entry.size,
                      " bytes, got ", defect, context());
    crc = crc32(into);
    content = into;
  }
  check<ParseError>(crc == entry.crc, "zip: checksum of ", who, " expected ", entry.crc, ", got ",
                    crc, context());
  return content;
}

// Looking at a large entry must not make all of it part of this process's memory.
std::uint32_t ZipArchive::checksum_in_place(std::span<const std::byte> bytes) const {
  constexpr std::size_t kPiece = std::size_t{2} << 20;
  std::uint32_t crc = 0;
  while (!bytes.empty()) {
    const std::span<const std::byte> piece = bytes.first(std::min(kPiece, bytes.size()));
    crc = crc32(piece, crc);
    file_.release(piece);
    bytes = bytes.subspan(piece.size());
  }
  return crc;
}

}  // namespace fovea::io
