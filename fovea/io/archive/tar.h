// Tar archives, read one file after the other: the form that WebDataset's shards come in.
//
// An archive is a row of blocks of 512 bytes: for each file a header (name, size, kind, a checksum
// of the header) and the content, filled up with zeros; two blocks of zeros at the end.
//
//   ustar   the plain form; names up to 255 bytes in two parts
//   pax     a file of kind x before another one holds what its header has no room for: path, size
//   GNU     a file of kind L before another one holds its name; sizes of 8 GiB and more in binary
//
// Directories, links and devices are passed over, and nothing is ever written anywhere.
//
// Source   POSIX.1-2017, pax, "ustar Interchange Format"; the manual of GNU tar, "Basic Tar
//          Format".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fovea/io/archive/gzip.h"
#include "fovea/io/mapped_file.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

/// A file in an archive.
struct TarEntry {
  std::string name;                    ///< its path in the archive
  std::span<const std::byte> content;  ///< where it lies in the archive's bytes
  std::uint64_t byte = 0;              ///< where its content begins, in the unpacked archive
};

/// Reads an archive from its beginning. Belongs to one thread.
class TarReader {
 public:
  /// The file's bytes must outlive this. FileBytes::release gives back what was read.
  explicit TarReader(FileBytes file) : file_(std::move(file)) {}
  /// An archive that is packed with gzip (.tar.gz) and must outlive this. It is unpacked on the
  /// way, so that an entry's content is there until the next call of next() alone. A file of more
  /// than `max_content` bytes is refused before it is unpacked.
  explicit TarReader(GzipReader& packed, std::uint64_t max_content = kMaxFileBytes)
      : file_{.bytes = {}, .name = packed.name() + " unpacked"},
        packed_(&packed),
        max_content_(max_content) {}

  /// The next file; nothing at the end. The end of packed archives is read to its last byte, so
  /// that gzip's checksum has been verified.
  /// Throws   ParseError naming the byte when the archive is damaged, ends early, or has a file of
  ///          holes (GNU's sparse form).
  std::optional<TarEntry> next();

 private:
  struct Header;
  /// What a pax or GNU file says of the one after it.
  struct Extension {
    std::optional<std::string> name;
    std::optional<std::uint64_t> size;
  };

  std::optional<Header> read_header();
  std::span<const std::byte> fetch(std::uint64_t count);
  void skip_padding(std::uint64_t count);
  void drain();
  std::span<const std::byte> take(std::uint64_t count, const char* what);
  void read_pax(std::span<const std::byte> records, std::uint64_t byte, Extension& extension) const;
  template <class Got>
  void need(bool ok, const std::string& expected, const Got& got, std::uint64_t byte) const;

  FileBytes file_;
  GzipReader* packed_ = nullptr;               // where bytes come from, if not from file_
  std::vector<std::byte> buffer_;              // what came last from packed_
  std::uint64_t max_content_ = kMaxFileBytes;  // of what is unpacked
  std::uint64_t at_ = 0;                       // the next block
  bool ended_ = false;
};

}  // namespace fovea::io
