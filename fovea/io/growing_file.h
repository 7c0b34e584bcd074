// A file that grows by whole pieces while something goes on: rows of a table, records of events.
//
// A piece is handed to the system at once, so that others can follow; one that does not fit on the
// disk leaves no part behind. What was appended is on disk only after sync().
//
// Threads: belongs to one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace fovea::io {

/// See the head of this file.
class GrowingFile {
 public:
  /// Makes an empty file, or empties the one that is there. Throws IoError.
  explicit GrowingFile(std::filesystem::path path);
  /// Goes on behind the first `length` bytes of a file: the others are cut off. One that is shorter
  /// is taken as it is, one that is missing is made. Throws IoError.
  GrowingFile(std::filesystem::path path, std::uint64_t length);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  const std::filesystem::path& path() const { return path_; }  ///< as it was given
  std::uint64_t size() const { return size_; }                 ///< bytes in it
  /// Adds a piece, whole or not at all. Throws IoError.
  void append(std::string_view piece);
  /// Waits until all of it is on disk. Throws IoError.
  void sync();

 private:
  [[noreturn]] void fail(const char* step, int error) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace fovea::io
