// Writing files whole or not at all. Fovea writes all of its files this way, but for those that
// grow by whole rows and records while a training runs (growing_file.h) and what a download gathers
// in (vision/part_file.h): `writers` in docs/layers.txt.
//
// The content goes to a temporary file in the same directory, is synced to disk, and is renamed
// over the final name, whose directory is synced too. Whoever looks at the final name, after a
// crash as well, sees the old content or the new one, never a part; a failure removes the
// temporary file. A symbolic link is followed: its target is replaced. A device or a pipe
// (/dev/stdout) cannot be replaced and is written directly.
//
// Threads: different files may be written at once; one AtomicFile belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace fovea::io {

/// A file being written that gets its name only when it is whole.
class AtomicFile {
 public:
  /// Opens a temporary file beside `path`. An existing file keeps its permissions.
  /// Throws   IoError naming path and reason: no such directory, read-only, a directory there.
  explicit AtomicFile(std::filesystem::path path);
  /// Removes the temporary file unless commit() was called.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes. Throws IoError, for example when the disk is full.
  void write(std::span<const std::byte> bytes);
  /// Appends text. Throws IoError.
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// Syncs the content and gives it the final name. Throws IoError.
  void commit();

 private:
  [[noreturn]] void fail(const char* step, int error);
  void discard() noexcept;

  std::filesystem::path path_;       // as the caller named it, for messages
  std::filesystem::path target_;     // with symbolic links resolved
  std::filesystem::path temporary_;  // empty when the target is written directly
  int descriptor_ = -1;
  std::uint64_t written_ = 0;
};

/// Writes `bytes` to `path`, whole or not at all. Throws IoError.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
/// Writes `text` to `path`, whole or not at all. Throws IoError.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Removes from `directory` what writers left there that were killed. For a directory that nobody
/// else writes into; what cannot be removed stays.
void remove_temporaries(const std::filesystem::path& directory);

/// Syncs the complete file `from` and renames it to `to`, in the same directory: the last step of a
/// download. Throws IoError.
void publish_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace fovea::io
