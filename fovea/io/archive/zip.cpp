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

namespace {

/// What messages say of an entry, and where it is.
std::string who(const ZipEntry& entry) { return str("\"", printable(entry.name), "\""); }
std::string context(const ZipEntry& entry, const std::string& file) {
  return str(" (", file, ", byte ", entry.data_byte, ")");
}

}  // namespace

std::span<const std::byte> ZipArchive::open(const ZipEntry& entry,
                                            std::vector<std::vector<std::byte>>& unpacked,
                                            std::uint64_t max_bytes) const {
  if (entry.method != ZipMethod::kStored) return unpacked.emplace_back(unpack(entry, max_bytes));
  check_crc(entry, checksum_in_place(packed(entry)));
  return packed(entry);
}

std::vector<std::byte> ZipArchive::unpack(const ZipEntry& entry, std::uint64_t max_bytes) const {
  check<ParseError>(entry.size <= max_bytes, "zip: size of ", who(entry), " expected at most ",
                    max_bytes, " bytes, got ", entry.size, context(entry, file_.name));
  std::vector<std::byte> content(entry.size);
  const std::string defect = inflate_exactly(packed(entry), content);
  check<ParseError>(defect.empty(), "zip: data of ", who(entry), " expected to unpack to ",
                    entry.size, " bytes, got ", defect, context(entry, file_.name));
  check_crc(entry, crc32(content));
  return content;
}

std::vector<std::byte> ZipArchive::head(const ZipEntry& entry, std::size_t count) const {
  std::vector<std::byte> content(std::min<std::uint64_t>(count, entry.size));
  content.resize(inflate_head(packed(entry), content));
  return content;
}

void ZipArchive::check_crc(const ZipEntry& entry, std::uint32_t crc) const {
  check<ParseError>(crc == entry.crc, "zip: checksum of ", who(entry), " expected ", entry.crc,
                    ", got ", crc, context(entry, file_.name));
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
