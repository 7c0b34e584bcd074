// Unpacking gzip data, by content: a file is gzip when it begins so, whatever its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fovea::io {

/// True when `content` begins as gzip data does (1f 8b).
/// Source   RFC 1952, section 2.3.1.
bool is_gzip(std::span<const std::byte> content);

/// Gzip data, unpacked a piece at a time: what is large once unpacked need not be in memory at
/// once. Belongs to one thread.
class GzipReader {
 public:
  /// Unpacks `content`, which must outlive this; `name` stands for the file in messages.
  GzipReader(std::span<const std::byte> content, std::string name);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Fills `into` with the bytes that come next and says how many: fewer than fit at the end alone.
  /// Throws   ParseError naming file and byte when the data ends early, is damaged (checksum and
  ///          length are verified where they stand, at the end), or is followed by something else.
  std::size_t read(std::span<std::byte> into);
  /// As given.
  const std::string& name() const { return name_; }
  /// Bytes of the packed data that have been used.
  std::size_t position() const;

 private:
  struct Stream;
  void feed();
  bool next_member();
  std::string context() const;

  std::span<const std::byte> content_;
  std::string name_;
  std::size_t fed_ = 0;  // bytes of the content that zlib has been given
  std::uint64_t unpacked_ = 0;
  bool ended_ = false;
  std::unique_ptr<Stream> stream_;
};

/// Unpacks gzip data: one member, or several one after the other.
/// Throws   ParseError naming `name` and the byte when the data ends early, is damaged (its
///          checksum and length are verified), is followed by something else, or unpacks to more
///          than `max_bytes`.
std::vector<std::byte> gunzip(std::span<const std::byte> content, const std::string& name,
                              std::uint64_t max_bytes);

}  // namespace fovea::io
