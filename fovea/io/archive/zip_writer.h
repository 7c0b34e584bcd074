// Writes ZIP archives: see zip.h for their form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/archive/zip.h"

namespace fovea::io {

/// Writes an archive piece by piece. The same entries give the same bytes: every date is
/// 1980-01-01, as in NumPy's files.
class ZipWriter {
 public:
  /// Takes the archive's bytes, in order.
  using Write = std::function<void(std::span<const std::byte>)>;
  /// The largest size, offset and (16 bits of it) number of entries in the plain form: the next
  /// value means that the zip64 form holds the number.
  static constexpr std::uint64_t kLargestPlain = 0xffff'fffe;

  /// `largest_plain` is there to be lowered by tests, which cannot write entries of 4 GiB.
  explicit ZipWriter(Write write, std::uint64_t largest_plain = kLargestPlain);

  /// Adds an entry whose content is the pieces one after the other.
  /// Throws   ArgumentError for a name that was given before, or is longer than 65,535 bytes; what
  ///          writing throws.
  void add(const std::string& name, std::initializer_list<std::span<const std::byte>> pieces,
           ZipMethod method = ZipMethod::kStored);
  /// Writes the directory. Nothing may be added afterwards.
  void finish();

 private:
  void put(std::span<const std::byte> bytes);

  Write write_;
  std::uint64_t largest_plain_;
  std::uint64_t written_ = 0;
  std::vector<ZipEntry> entries_;
  std::set<std::string> names_;
};

}  // namespace fovea::io
