// The file in which a download gathers: TARGET.part, locked by the process that writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace fovea::vision {

/// An unfinished download on disk.
class PartFile {
 public:
  /// Opens or makes `target`.part, and its directory. Throws IoError, also when another process is
  /// writing it.
  explicit PartFile(const std::filesystem::path& target);
  /// Closes it; an empty one is removed.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const { return size_; }                 ///< bytes gathered
  const std::filesystem::path& path() const { return path_; }  ///< where they lie
  /// Forgets all that was gathered. Throws IoError.
  void clear();
  /// Adds bytes at the end. Throws IoError, for example when the disk is full.
  void append(std::span<const std::byte> bytes);
  /// Syncs the file and gives it its final name, whole. Throws IoError.
  void publish();

 private:
  [[noreturn]] void fail(const char* step, int error) const;
  bool open_and_lock();

  std::filesystem::path target_, path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace fovea::vision
