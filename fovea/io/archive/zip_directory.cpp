#include "fovea/io/archive/zip_directory.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/archive/deflate.h"
#include "fovea/io/archive/zip_format.h"
#include "fovea/io/bytes.h"

namespace fovea::io {

namespace {

using Bytes = std::span<const std::byte>;

// What the end of an archive says of its directory.
struct Directory {
  std::uint64_t begin = 0;    // its first byte
  std::uint64_t end = 0;      // the byte past its last
  std::uint64_t entries = 0;  // headers in it
};

// Walks an archive's records. Positions are those in the file.
class DirectoryReader {
 public:
  DirectoryReader(Bytes content, const std::string& name) : content_(content), name_(name) {}

  std::vector<ZipEntry> read() const {
    const Directory directory = find_directory();
    std::vector<ZipEntry> entries;
    std::unordered_set<std::string> names;
    std::uint64_t at = directory.begin;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
      const std::uint64_t header = at;
      ZipEntry entry = read_header(at, directory.end);
      need(names.insert(entry.name).second,
           str("name \"", printable(entry.name), "\" expected once"), "it again", header);
      entries.push_back(std::move(entry));
    }
    need(at == directory.end,
         str("directory of ", directory.entries, " entries expected ",
             directory.end - directory.begin, " bytes"),
         at - directory.begin, at);
    for (ZipEntry& entry : entries) locate(entry, directory.begin);
    check_overlaps(entries, directory.begin);
    return entries;
  }

 private:
  template <class Got>
  void need(bool ok, const std::string& expected, const Got& got, std::uint64_t byte) const {
    check<ParseError>(ok, "zip: ", expected, ", got ", got, " (", name_, ", byte ", byte, ")");
  }

  // `count` bytes from `at`, all of them before `end`.
  Bytes part(std::uint64_t at, std::uint64_t count, std::uint64_t end, const char* what) const {
    need(at <= end && count <= end - at, str(what, " expected ", count, " bytes"),
         at <= end ? end - at : 0, at);
    return content_.subspan(at, count);
  }
  Bytes record(std::uint64_t at, const ZipRecord& kind, std::uint64_t end) const {
    const Bytes bytes = part(at, kind.bytes, end, kind.name);
    need(load_little<std::uint32_t>(bytes) == kind.signature,
         str(kind.name, " expected to begin with its signature"), hex_of(bytes, 4), at);
    return bytes;
  }

  // The end record is the last one whose comment reaches to the end of the file exactly.
  std::uint64_t find_end() const {
    const std::uint64_t size = content_.size();
    need(size >= kZipEnd.bytes, str("archive expected at least ", kZipEnd.bytes, " bytes"), size,
         size);
    const std::uint64_t last = size - kZipEnd.bytes;
    const std::uint64_t first = last - std::min<std::uint64_t>(last, 0xffff);
    for (std::uint64_t at = last + 1; at-- > first;) {
      const Bytes bytes = content_.subspan(at);
      if (load_little<std::uint32_t>(bytes) == kZipEnd.signature &&
          load_little<std::uint16_t>(bytes.subspan(20)) == last - at)
        return at;
    }
    need(false, "end of central directory expected", "none, so this is no whole ZIP archive", size);
    return 0;
  }

  Directory find_directory() const {
    const std::uint64_t end = find_end();
    const Bytes bytes = content_.subspan(end, kZipEnd.bytes);
    const auto disk = load_little<std::uint16_t>(bytes.subspan(4));
    const auto first_disk = load_little<std::uint16_t>(bytes.subspan(6));
    const auto here = load_little<std::uint16_t>(bytes.subspan(8));
    const auto all = load_little<std::uint16_t>(bytes.subspan(10));
    const auto size = load_little<std::uint32_t>(bytes.subspan(12));
    const auto begin = load_little<std::uint32_t>(bytes.subspan(16));
    if (end >= kZip64Locator.bytes && load_little<std::uint32_t>(content_.subspan(
                                          end - kZip64Locator.bytes)) == kZip64Locator.signature)
      return find_directory64(end - kZip64Locator.bytes);
    need(disk == 0 && first_disk == 0 && here == all, "archive expected in one part", "several",
         end + 4);
    return checked({begin, std::uint64_t{begin} + size, all}, end, end + 16);
  }

  Directory find_directory64(std::uint64_t locator_at) const {
    const Bytes locator = record(locator_at, kZip64Locator, content_.size());
    const auto at = load_little<std::uint64_t>(locator.subspan(8));
    need(load_little<std::uint32_t>(locator.subspan(4)) == 0 &&
             load_little<std::uint32_t>(locator.subspan(16)) <= 1,
         "archive expected in one part", "several", locator_at + 4);
    const Bytes bytes = record(at, kZip64End, locator_at);
    // The record may have an extension, of which nothing is known; it reaches to its locator.
    const auto length = load_little<std::uint64_t>(bytes.subspan(4));
    need(length == locator_at - at - 12,
         str("zip64 end expected a length of ", locator_at - at - 12), length, at + 4);
    const auto here = load_little<std::uint64_t>(bytes.subspan(24));
    const auto all = load_little<std::uint64_t>(bytes.subspan(32));
    need(load_little<std::uint64_t>(bytes.subspan(16)) == 0 && here == all,
         "archive expected in one part", "several", at + 16);
    const auto size = load_little<std::uint64_t>(bytes.subspan(40));
    const auto begin = load_little<std::uint64_t>(bytes.subspan(48));
    std::uint64_t end = 0;
    need(!__builtin_add_overflow(begin, size, &end), "directory expected to end below 2^64", "more",
         at + 40);
    return checked({begin, end, all}, at, at + 48);
  }

  // The directory ends where the end record begins: archives with something before them (programs
  // that unpack themselves) or between are not what arrays come in.
  Directory checked(Directory directory, std::uint64_t end, std::uint64_t byte) const {
    need(directory.end == end && directory.begin <= directory.end,
         str("directory expected to end at byte ", end), directory.end, byte);
    need(directory.entries <= (directory.end - directory.begin) / kZipHeader.bytes,
         str("entries expected at most ", (directory.end - directory.begin) / kZipHeader.bytes,
             " in a directory of ", directory.end - directory.begin, " bytes"),
         directory.entries, byte);
    return directory;
  }

  // The header at `at` of the directory; moves `at` past it.
  ZipEntry read_header(std::uint64_t& at, std::uint64_t end) const {
    const std::uint64_t header = at;
    const Bytes bytes = record(header, kZipHeader, end);
    const auto flags = load_little<std::uint16_t>(bytes.subspan(8));
    const auto method = load_little<std::uint16_t>(bytes.subspan(10));
    const auto name_bytes = load_little<std::uint16_t>(bytes.subspan(28));
    const auto extra_bytes = load_little<std::uint16_t>(bytes.subspan(30));
    const auto comment_bytes = load_little<std::uint16_t>(bytes.subspan(32));
    at = header + kZipHeader.bytes;
    ZipEntry entry{.name = text_of(part(at, name_bytes, end, "entry's name")),
                   .crc = load_little<std::uint32_t>(bytes.subspan(16))};
    const std::string who = str("entry \"", printable(entry.name), "\"");
    at += name_bytes;
    need((flags & kZipRefusedFlags) == 0, who + " expected to be neither encrypted nor a patch",
         str("flags ", flags), header + 8);
    need(method == 0 || method == 8, who + " expected to be stored (0) or deflated (8)",
         str("method ", method), header + 10);
    entry.method = method == 0 ? ZipMethod::kStored : ZipMethod::kDeflated;
    read_numbers(entry, bytes, at, part(at, extra_bytes, end, "entry's extra fields"));
    at += extra_bytes;
    (void)part(at, comment_bytes, end, "entry's comment");
    at += comment_bytes;

    if (entry.method == ZipMethod::kStored) {
      need(entry.size == entry.packed_size,
           str("size of stored ", who, " expected ", entry.packed_size, " bytes"), entry.size,
           header + 24);
    } else {
      // No overflow: a position or size above the file's is refused when its data is located, but
      // the quotient here must not depend on that.
      need(entry.size / kMaxDeflateRatio <= entry.packed_size,
           str("size of ", who, " expected at most ", kMaxDeflateRatio, " times its ",
               entry.packed_size, " packed bytes"),
           entry.size, header + 24);
    }
    return entry;
  }

  // Sizes and position: plain numbers, or where those are all ones, from the zip64 extra field.
  void read_numbers(ZipEntry& entry, Bytes header, std::uint64_t extra_at, Bytes extra) const {
    entry.packed_size = load_little<std::uint32_t>(header.subspan(20));
    entry.size = load_little<std::uint32_t>(header.subspan(24));
    const auto disk = load_little<std::uint16_t>(header.subspan(34));
    entry.header_byte = load_little<std::uint32_t>(header.subspan(42));
    need(disk == 0 || disk == 0xffff, "archive expected in one part", "several", extra_at);
    Bytes zip64 = zip64_field(extra_at, extra);
    for (std::uint64_t* number : {&entry.size, &entry.packed_size, &entry.header_byte}) {
      if (*number != 0xffff'ffff) continue;
      need(zip64.size() >= 8, "zip64 field expected a number of 8 bytes",
           str(zip64.size(), " bytes"), extra_at);
      *number = load_little<std::uint64_t>(zip64);
      zip64 = zip64.subspan(8);
    }
  }

  Bytes zip64_field(std::uint64_t at, Bytes extra) const {
    Bytes found;
    while (extra.size() >= 4) {
      const auto id = load_little<std::uint16_t>(extra);
      const auto length = load_little<std::uint16_t>(extra.subspan(2));
      need(length <= extra.size() - 4,
           str("extra field expected at most ", extra.size() - 4, " bytes"), length, at);
      if (id == kZip64Extra) found = extra.subspan(4, length);
      extra = extra.subspan(4 + std::size_t{length});
      at += 4 + std::uint64_t{length};
    }
    return found;
  }

  // Finds an entry's data behind its local header, which must tell the same name and method.
  void locate(ZipEntry& entry, std::uint64_t end) const {
    const Bytes bytes = record(entry.header_byte, kZipLocalHeader, end);
    const auto name_bytes = load_little<std::uint16_t>(bytes.subspan(26));
    const auto extra_bytes = load_little<std::uint16_t>(bytes.subspan(28));
    const std::uint64_t name_at = entry.header_byte + kZipLocalHeader.bytes;
    const std::string name = text_of(part(name_at, name_bytes, end, "entry's name"));
    need(name == entry.name,
         str("local header expected the directory's name \"", printable(entry.name), "\""),
         str("\"", printable(name), "\""), name_at);
    const auto method = load_little<std::uint16_t>(bytes.subspan(8));
    need(method == (entry.method == ZipMethod::kStored ? 0 : 8),
         str("local header of \"", printable(name), "\" expected the directory's method"), method,
         entry.header_byte + 8);
    (void)part(name_at + name_bytes, extra_bytes, end, "entry's extra fields");
    entry.data_byte = name_at + name_bytes + extra_bytes;
    (void)part(entry.data_byte, entry.packed_size, end, "entry's data");
  }

  void check_overlaps(const std::vector<ZipEntry>& entries, std::uint64_t end) const {
    std::vector<const ZipEntry*> order;
    order.reserve(entries.size());
    for (const ZipEntry& entry : entries) order.push_back(&entry);
    std::sort(order.begin(), order.end(),
              [](const auto* a, const auto* b) { return a->header_byte < b->header_byte; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::uint64_t next = i + 1 < order.size() ? order[i + 1]->header_byte : end;
      need(order[i]->data_byte + order[i]->packed_size <= next,
           str("data of \"", printable(order[i]->name), "\" expected to end by byte ", next),
           str(order[i]->data_byte + order[i]->packed_size, ", an overlap"), order[i]->data_byte);
    }
  }

  static std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  Bytes content_;
  const std::string& name_;
};

}  // namespace

std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> content,
                                         const std::string& name) {
  return DirectoryReader(content, name).read();
}

}  // namespace fovea::io
