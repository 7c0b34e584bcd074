// A file's bytes as memory: mapped, so that a large file is copied once, from the system's page
// cache to where its values are used.
//
// Whoever truncates a file while it is mapped makes reading the missing part fatal (SIGBUS); a file
// that Fovea wrote is never truncated but replaced (atomic_file.h), which does no harm.
// Threads: may be read from several threads at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/check_head.h"

namespace fovea::io {

/// Maps a file for reading; what has no length, such as a pipe, is read into memory instead.
class MappedFile {
 public:
  /// `check_head` is asked as by InputFile::read_all when the file is read and not mapped.
  /// Throws   IoError naming path and reason; what check_head throws.
  explicit MappedFile(const std::filesystem::path& path, const CheckHead& check_head = {});
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// The whole content, as long as this object lives.
  std::span<const std::byte> bytes() const { return bytes_; }
  /// Gives the pages that lie wholly inside `part` back to the system: they no longer count as this
  /// process's memory, and come from the file again when they are read again.
  void release(std::span<const std::byte> part) const;

 private:
  std::vector<std::byte> content_;  // of what could not be mapped
  std::span<const std::byte> bytes_;
};

/// A file's content and what messages call it: what readers take, whether the file is mapped or
/// not.
struct FileBytes {
  std::span<const std::byte> bytes;     ///< the whole content
  std::string name;                     ///< the file's
  const MappedFile* mapping = nullptr;  ///< where the bytes are mapped, if they are

  /// MappedFile::release, for bytes that are mapped.
  void release(std::span<const std::byte> part) const {
    if (mapping != nullptr) mapping->release(part);
  }
};

}  // namespace fovea::io
