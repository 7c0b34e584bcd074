// The files of samples of a data set, read from wherever they lie: plain, packed with gzip, or in
// an archive, which is unpacked on the way and only once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fovea/vision/data_sets.h"
#include "fovea/vision/file_backed.h"

namespace fovea::vision {

/// The files of one split. Belongs to one thread.
class DataFiles {
 public:
  /// Finds them. Throws IoError, see find_split.
  DataFiles(const DataSetInfo& info, Split split, const std::filesystem::path& root);

  /// Takes the content of file number `file` of the split; `name` stands for it in messages. The
  /// bytes are there for the time of the call.
  using Take = std::function<void(std::size_t file, std::span<const std::byte> content,
                                  const std::string& name)>;
  /// Looks at the first bytes of a packed file and says how many there will be, for a file that
  /// gives its own size; may throw.
  using Measure = std::function<std::uint64_t(std::size_t file, std::span<const std::byte> head,
                                              const std::string& name)>;
  /// Gives every file to `take` once: those of an archive in the archive's order, not in theirs.
  /// What is packed is unpacked as far as `measure` says, or as far as any file of samples is long.
  /// Throws   IoError; ParseError when packed data is damaged or longer, or an archive lacks a file
  ///          or has it twice; what `take` and `measure` throw.
  void read(const Take& take, const Measure& measure = {});

  const std::vector<FileLocation>& locations() const { return locations_; }  ///< in their order
  /// Of the unpacked contents that read() has given, in the files' order: the same however they are
  /// packed.
  const Checksums& checksums() const { return checksums_; }

 private:
  void give(std::size_t file, std::span<const std::byte> content, const std::string& name,
            const Take& take);
  void read_file(std::size_t file, const Take& take, const Measure& measure);
  void read_archive(const std::filesystem::path& archive, const Take& take);

  std::string data_set_;
  std::vector<FileLocation> locations_;
  Checksums checksums_;
};

}  // namespace fovea::vision
