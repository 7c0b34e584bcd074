// ZIP archives, as far as files of arrays need them: .npz, and the weights files of PyTorch.
//
//   local header, name, extra fields, data     for each entry
//   central directory                          a header for each entry, which says where it lies
//   [zip64 end of central directory, its locator]   when 32 bits are not enough
//   end of central directory                   the last 22 bytes, and a comment
//
// Entries are stored or deflated. What cannot be trusted is refused before anything is unpacked:
// encryption, archives in several parts, names that occur twice, entries that overlap each other or
// the directory (how small archives unpack to petabytes), sizes that deflate cannot reach, and
// directories that do not agree with the local headers.
//
// Source   PKWARE, APPNOTE.TXT 6.3.10; RFC 1951.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/io/mapped_file.h"

namespace fovea::io {

/// How an entry is kept.
enum class ZipMethod : std::uint8_t { kStored, kDeflated };

/// One file of an archive.
struct ZipEntry {
  std::string name;                       ///< as it stands in the archive
  ZipMethod method = ZipMethod::kStored;  ///< how it is kept
  std::uint64_t size = 0;                 ///< bytes unpacked
  std::uint64_t packed_size = 0;          ///< bytes in the archive
  std::uint32_t crc = 0;                  ///< CRC-32 of the unpacked bytes
  std::uint64_t header_byte = 0;          ///< where its local header begins
  std::uint64_t data_byte = 0;            ///< where its data begins
};

/// True when `content` begins as a ZIP archive with at least one entry does.
bool is_zip(std::span<const std::byte> content);

/// Reads the entries of an archive. Threads: may be read from several threads at once.
class ZipArchive {
 public:
  /// Reads and checks the directory. The file's bytes must outlive this.
  /// Throws   ParseError naming the byte.
  explicit ZipArchive(FileBytes file);

  const std::vector<ZipEntry>& entries() const { return entries_; }  ///< in the directory's order
  /// The entry called `name`; null when there is none.
  const ZipEntry* find(std::string_view name) const;

  /// An entry's bytes, their checksum verified: where they lie in the file when the entry is
  /// stored, otherwise unpacked into a new element of `unpacked`.
  /// Throws   ParseError when the data is damaged or does not unpack to the size that the directory
  ///          tells, or when that is more than `max_bytes`.
  std::span<const std::byte> open(const ZipEntry& entry,
                                  std::vector<std::vector<std::byte>>& unpacked,
                                  std::uint64_t max_bytes) const;
  /// A deflated entry, unpacked and verified. Throws ParseError as open.
  std::vector<std::byte> unpack(const ZipEntry& entry, std::uint64_t max_bytes) const;
  /// The first bytes of a deflated entry, at most `count`, with nothing verified.
  std::vector<std::byte> head(const ZipEntry& entry, std::size_t count) const;

 private:
  std::span<const std::byte> packed(const ZipEntry& entry) const {
    return file_.bytes.subspan(entry.data_byte, entry.packed_size);
  }
  void check_crc(const ZipEntry& entry, std::uint32_t crc) const;
  std::uint32_t checksum_in_place(std::span<const std::byte> bytes) const;

  FileBytes file_;
  std::vector<ZipEntry> entries_;
};

}  // namespace fovea::io
