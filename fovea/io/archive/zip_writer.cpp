#include "fovea/io/archive/zip_writer.h"

#include <algorithm>
#include <concepts>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/archive/deflate.h"
#include "fovea/io/archive/zip_format.h"

namespace fovea::io {

namespace {

constexpr std::uint16_t kPlainVersion = 20;  // deflate
constexpr std::uint16_t kZip64Version = 45;
constexpr std::uint16_t kDate = 0 << 9 | 1 << 5 | 1;  // year since 1980, month, day
constexpr std::uint32_t kInZip64 = 0xffff'ffff;
constexpr std::uint16_t kInZip64Short = 0xffff;

// A record being put together, little-endian.
class Record {
 public:
  explicit Record(std::uint32_t signature) { add(signature); }
  Record() = default;

  template <std::unsigned_integral T>
  Record& add(T value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Record& add(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

// Numbers of an entry that are too large for the plain form, as the zip64 extra field holds them.
class Zip64Field {
 public:
  explicit Zip64Field(std::uint64_t largest) : largest_(largest) {}

  // What stands in the header for `value`, which goes into the field if it must.
  std::uint32_t put(std::uint64_t value) {
    if (value <= largest_) return static_cast<std::uint32_t>(value);
    numbers_.add(value);
    return kInZip64;
  }
  bool empty() const { return numbers_.bytes().empty(); }
  std::vector<std::byte> bytes() const {
    if (empty()) return {};
    Record field;
    field.add(kZip64Extra).add(static_cast<std::uint16_t>(numbers_.bytes().size()));
    return field.add(numbers_.bytes()).bytes();
  }

 private:
  std::uint64_t largest_;
  Record numbers_;
};

std::uint16_t flags_of(const ZipEntry& entry) {
  const bool ascii = std::all_of(entry.name.begin(), entry.name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? 0 : kZipUtf8Flag;
}

std::uint16_t method_of(const ZipEntry& entry) {
  return entry.method == ZipMethod::kStored ? 0 : 8;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::byte> local_header(const ZipEntry& entry, std::uint64_t largest_plain) {
  // In a local header the field holds both sizes or none.
  const bool zip64 = std::max(entry.size, entry.packed_size) > largest_plain;
  Record header(kZipLocalHeader.signature);
  header.add(zip64 ? kZip64Version : kPlainVersion)
      .add(flags_of(entry))
      .add(method_of(entry))
      .add(std::uint16_t{0})  // time of day
      .add(kDate)
      .add(entry.crc);
  std::vector<std::byte> extra;
  if (zip64) {
    header.add(kInZip64).add(kInZip64);
    extra = Record()
                .add(kZip64Extra)
                .add(std::uint16_t{16})
                .add(entry.size)
                .add(entry.packed_size)
                .bytes();
  } else {
    header.add(static_cast<std::uint32_t>(entry.packed_size))
        .add(static_cast<std::uint32_t>(entry.size));
  }
  header.add(static_cast<std::uint16_t>(entry.name.size()))
      .add(static_cast<std::uint16_t>(extra.size()))
      .add(bytes_of(entry.name));
  return header.add(extra).bytes();
}

std::vector<std::byte> directory_header(const ZipEntry& entry, std::uint64_t largest_plain) {
  Zip64Field field(largest_plain);
  // The field's order: unpacked size, packed size, position.
  const std::uint32_t size = field.put(entry.size);
  const std::uint32_t packed_size = field.put(entry.packed_size);
  const std::uint32_t position = field.put(entry.header_byte);
  const std::vector<std::byte> extra = field.bytes();
  const std::uint16_t version = field.empty() ? kPlainVersion : kZip64Version;
  Record header(kZipHeader.signature);
  header.add(version)
      .add(version)
      .add(flags_of(entry))
      .add(method_of(entry))
      .add(std::uint16_t{0})
      .add(kDate)
      .add(entry.crc)
      .add(packed_size)
      .add(size)
      .add(static_cast<std::uint16_t>(entry.name.size()))
      .add(static_cast<std::uint16_t>(extra.size()))
      .add(std::uint16_t{0})  // comment
      .add(std::uint16_t{0})  // disk
      .add(std::uint16_t{0})  // kind of file: unknown
      .add(std::uint32_t{0})  // permissions: none given
      .add(position)
      .add(bytes_of(entry.name))
      .add(extra);
  return header.bytes();
}

}  // namespace

ZipWriter::ZipWriter(Write write, std::uint64_t largest_plain)
    : write_(std::move(write)), largest_plain_(largest_plain) {}

void ZipWriter::put(std::span<const std::byte> bytes) {
  write_(bytes);
  written_ += bytes.size();
}

void ZipWriter::add(const std::string& name,
                    std::initializer_list<std::span<const std::byte>> pieces, ZipMethod method) {
  check<ArgumentError>(name.size() <= 0xffff, "zip: name expected at most 65535 bytes, got ",
                       name.size());
  check<ArgumentError>(names_.insert(name).second, "zip: name \"", name,
                       "\" expected once, got it twice");
  ZipEntry entry{.name = name, .method = method, .header_byte = written_};
  for (const std::span<const std::byte> piece : pieces) {
    entry.size += piece.size();
    entry.crc = crc32(piece, entry.crc);
  }
  std::vector<std::byte> packed;
  if (method == ZipMethod::kDeflated) packed = deflate_pieces(pieces);
  entry.packed_size = method == ZipMethod::kDeflated ? packed.size() : entry.size;
  put(local_header(entry, largest_plain_));
  entry.data_byte = written_;
  if (method == ZipMethod::kDeflated) {
    put(packed);
  } else {
    for (const std::span<const std::byte> piece : pieces) put(piece);
  }
  entries_.push_back(std::move(entry));
}

void ZipWriter::finish() {
  const std::uint64_t begin = written_;
  for (const ZipEntry& entry : entries_) put(directory_header(entry, largest_plain_));
  const std::uint64_t size = written_ - begin;
  const std::uint64_t count = entries_.size();
  const bool many = count > std::min<std::uint64_t>(largest_plain_, kInZip64Short - 1);
  const bool zip64 = many || std::max(begin, size) > largest_plain_;
  if (zip64) {
    const std::uint64_t end = written_;
    put(Record(kZip64End.signature)
            .add(kZip64End.bytes - 12)  // what follows this number
            .add(kZip64Version)
            .add(kZip64Version)
            .add(std::uint32_t{0})
            .add(std::uint32_t{0})
            .add(count)
            .add(count)
            .add(size)
            .add(begin)
            .bytes());
    put(Record(kZip64Locator.signature)
            .add(std::uint32_t{0})
            .add(end)
            .add(std::uint32_t{1})
            .bytes());
  }
  const auto short_count = zip64 ? kInZip64Short : static_cast<std::uint16_t>(count);
  put(Record(kZipEnd.signature)
          .add(std::uint16_t{0})
          .add(std::uint16_t{0})
          .add(short_count)
          .add(short_count)
          .add(zip64 ? kInZip64 : static_cast<std::uint32_t>(size))
          .add(zip64 ? kInZip64 : static_cast<std::uint32_t>(begin))
          .add(std::uint16_t{0})
          .bytes());
}

}  // namespace fovea::io
