// Reading files: whole, or parts of a large one, with a limit on what is believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/check_head.h"

namespace fovea::io {

/// What read_file takes unless told otherwise: no format that is read whole is larger.
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

/// What is taken from a pipe: nearly twice the weights of vgg19, the largest model that Fovea
/// knows. It is held in memory, while a file of any size is mapped.
inline constexpr std::uint64_t kMaxPipeBytes = std::uint64_t{1} << 30;
/// What is taken from a device that is no file and no pipe.
inline constexpr std::uint64_t kMaxDeviceBytes = std::uint64_t{1} << 20;

/// An open file whose parts are read as they are wanted.
/// Threads: read_at may be called from several threads at once.
class InputFile {
 public:
  /// Throws   IoError naming path and reason when it is missing, unreadable or a directory.
  explicit InputFile(std::filesystem::path path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Its length when it was opened; 0 for a pipe.
  std::uint64_t size() const { return size_; }
  /// True for a file with a length and positions; false for a pipe or a terminal.
  bool is_regular() const { return regular_; }
  /// The path as given.
  const std::filesystem::path& path() const { return path_; }
  /// The open file, for system calls; it closes with this object.
  int descriptor() const { return descriptor_; }
  /// Fills `into` with the bytes from `offset`. Throws IoError, also when the file ends before.
  void read_at(std::uint64_t offset, std::span<std::byte> into) const;
  /// Everything from the start. `check_head`, if there is one, is shown the first bytes before the
  /// others are read (kHeadBytes, or all when there are fewer) and may throw.
  /// Throws   IoError when there are more than `max_bytes`, or more than check_head says; from what
  ///          may have no end also when there are more than kMaxPipeBytes, or from a device such as
  ///          /dev/zero more than kMaxDeviceBytes.
  std::vector<std::byte> read_all(std::uint64_t max_bytes = kMaxFileBytes,
                                  const CheckHead& check_head = {}) const;

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  bool regular_ = false;
  bool device_ = false;
};

/// The content of `path`, which may be a pipe too. Throws IoError: missing, unreadable, or larger
/// than `max_bytes`.
std::vector<std::byte> read_file(const std::filesystem::path& path,
                                 std::uint64_t max_bytes = kMaxFileBytes);
/// The content of `path` as text. Throws IoError.
std::string read_text(const std::filesystem::path& path, std::uint64_t max_bytes = kMaxFileBytes);

}  // namespace fovea::io
