#include "fovea/io/archive/tar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"

namespace fovea::io {

namespace {

constexpr std::uint64_t kBlock = 512;
// A name is at most a few kilobytes long on any system; a pax header holds a few of that kind.
constexpr std::uint64_t kMaxExtension = std::uint64_t{1} << 20;
// What is unpacked at a time.
constexpr std::size_t kTarPiece = std::size_t{1} << 20;

// Where the fields of a header are.
struct Field {
  std::size_t offset, bytes;
};
constexpr Field kName{0, 100}, kSize{124, 12}, kChecksum{148, 8}, kKind{156, 1}, kMagic{257, 5},
    kPrefix{345, 155};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
// Up to the first NUL: fields that are full have none.
std::string_view text_of(std::span<const std::byte> block, Field field) {
  const std::string_view text = text_of(block.subspan(field.offset, field.bytes));
  return text.substr(0, text.find('\0'));
}

// Octal digits with spaces around them, or GNU's binary form, which begins with the byte 80.
std::optional<std::uint64_t> number_of(std::span<const std::byte> block, Field field) {
  const auto bytes = block.subspan(field.offset, field.bytes);
  if (bytes[0] == std::byte{0x80}) {
    const auto high = bytes.subspan(1, bytes.size() - 9);
    if (std::any_of(high.begin(), high.end(), [](std::byte b) { return b != std::byte{0}; }))
      return std::nullopt;
    return load_big<std::uint64_t>(bytes.last(8));
  }
  std::string_view text = text_of(block, field);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The sum of the header's bytes, with its checksum taken as spaces.
std::uint64_t checksum_of(std::span<const std::byte> block) {
  std::uint64_t sum = kChecksum.bytes * ' ';
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (i < kChecksum.offset || i >= kChecksum.offset + kChecksum.bytes)
      sum += std::to_integer<std::uint64_t>(block[i]);
  }
  return sum;
}

}  // namespace

struct TarReader::Header {
  std::string name;
  char kind = '0';
  std::uint64_t size = 0;
  std::uint64_t byte = 0;  // where the header is
};

template <class Got>
void TarReader::need(bool ok, const std::string& expected, const Got& got,
                     std::uint64_t byte) const {
  check<ParseError>(ok, "tar: ", expected, ", got ", got, " (", file_.name, ", byte ", byte, ")");
}

// At most `count` bytes: fewer at the end.
std::span<const std::byte> TarReader::fetch(std::uint64_t count) {
  if (packed_ == nullptr) {
    const auto bytes = file_.bytes.subspan(at_, std::min(count, file_.bytes.size() - at_));
    at_ += bytes.size();
    return bytes;
  }
  // A header may claim any size: the buffer grows with what there is.
  buffer_.clear();
  while (buffer_.size() < count) {
    const std::size_t before = buffer_.size();
    const std::size_t piece = std::min<std::uint64_t>(kTarPiece, count - before);
    buffer_.resize(before + piece);
    const std::size_t read = packed_->read(std::span(buffer_).subspan(before));
    buffer_.resize(before + read);
    if (read < piece) break;
  }
  at_ += buffer_.size();
  return buffer_;
}

// To the end of the block that `count` bytes began; the archive's last block may lack its zeros.
void TarReader::skip_padding(std::uint64_t count) {
  const std::uint64_t padding = (kBlock - count % kBlock) % kBlock;
  if (packed_ == nullptr) {
    at_ += std::min(padding, file_.bytes.size() - at_);
  } else {
    std::array<std::byte, kBlock> zeros;
    at_ += packed_->read(std::span(zeros).first(padding));
  }
}

std::span<const std::byte> TarReader::take(std::uint64_t count, const char* what) {
  const std::uint64_t begin = at_;
  const auto bytes = fetch(count);
  need(bytes.size() == count, str(what, " expected ", count, " bytes"), bytes.size(), begin);
  skip_padding(count);
  return bytes;
}

// Behind the end: in packed data the rest is read.
void TarReader::drain() {
  ended_ = true;
  if (packed_ == nullptr) {
    at_ = file_.bytes.size();
    return;
  }
  std::vector<std::byte> rest(kTarPiece);
  for (std::size_t count = kTarPiece; count == kTarPiece; at_ += count) count = packed_->read(rest);
}

std::optional<TarReader::Header> TarReader::read_header() {
  if (ended_) return std::nullopt;
  Header header{.name = {}, .byte = at_};
  const auto block = fetch(kBlock);
  // The two blocks of zeros are the end; archives that were cut off behind a whole file, and those
  // of tools that write no such blocks, end where their bytes do.
  const bool zeros =
      std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{0}; });
  if (block.empty() || (zeros && block.size() == kBlock)) {
    drain();
    return std::nullopt;
  }
  need(block.size() == kBlock, str("header expected ", kBlock, " bytes"), block.size(),
       header.byte);
  const std::uint64_t sum = checksum_of(block);
  const auto expected = number_of(block, kChecksum);
  need(expected == sum, str("checksum of header expected ", sum),
       expected ? str(*expected) : str("\"", printable(text_of(block, kChecksum)), "\""),
       header.byte + kChecksum.offset);
  const auto size = number_of(block, kSize);
  need(size.has_value(), "size expected an octal number",
       str("\"", printable(text_of(block, kSize)), "\""), header.byte + kSize.offset);
  header.size = *size;
  header.kind = static_cast<char>(block[kKind.offset]);
  header.name = text_of(block, kName);
  const std::string_view prefix = text_of(block, kPrefix);
  // GNU's own form has times where ustar has a prefix; it calls itself "ustar " with a space.
  const bool ustar =
      text_of(block.subspan(kMagic.offset, kMagic.bytes + 1)) == std::string_view("ustar\0", 6);
  if (ustar && !prefix.empty()) header.name = str(prefix, "/", header.name);
  return header;
}

std::optional<TarEntry> TarReader::next() {
  Extension extension;
  while (std::optional<Header> header = read_header()) {
    const char kind = header->kind;
    if (kind == 'x' || kind == 'L') {
      need(header->size <= kMaxExtension,
           str("extended header expected at most ", kMaxExtension, " bytes"), header->size,
           header->byte + kSize.offset);
      const std::uint64_t byte = at_;
      const auto content = take(header->size, "extended header");
      const std::string_view text = text_of(content);
      if (kind == 'x')
        read_pax(content, byte, extension);
      else
        extension.name = text.substr(0, text.find('\0'));
      continue;
    }
    need(kind != 'S', "file expected without holes", "GNU's sparse form",
         header->byte + kKind.offset);
    const bool is_file = kind == '0' || kind == '\0' || kind == '7';
    const bool is_extension = kind == 'g' || kind == 'K';  // of all files; the name of a link
    const std::string name = extension.name.value_or(header->name);
    // Links, devices and directories have no content, whatever their size says.
    const std::uint64_t size = is_file        ? extension.size.value_or(header->size)
                               : is_extension ? header->size
                                              : 0;
    const std::uint64_t byte = at_;
    need(packed_ == nullptr || size <= max_content_,
         str("content expected at most ", max_content_, " bytes"), size, byte);
    const auto content = take(size, "content");
    if (is_file) return TarEntry{.name = name, .content = content, .byte = byte};
    if (!is_extension) extension = {};
  }
  need(!extension.name && !extension.size, "file expected after its extended header", "the end",
       at_);
  return std::nullopt;
}

// "LENGTH KEY=VALUE\n", where LENGTH counts all of the record.
void TarReader::read_pax(std::span<const std::byte> records, std::uint64_t byte,
                         Extension& extension) const {
  std::string_view rest = text_of(records);
  while (!rest.empty() && rest[0] != '\0') {
    std::size_t length = 0;
    const char* const begin = rest.data();
    const auto [end, error] = std::from_chars(begin, begin + rest.size(), length);
    const auto digits = static_cast<std::size_t>(end - begin);
    const bool whole = error == std::errc() && length > digits + 1 && length <= rest.size() &&
                       rest[digits] == ' ' && rest[length - 1] == '\n';
    need(whole, "pax record expected \"LENGTH KEY=VALUE\" and a line's end",
         str("\"", printable(rest), "\""), byte);
    const std::string_view record = rest.substr(digits + 1, length - digits - 2);
    const std::size_t equals = record.find('=');
    need(equals != std::string_view::npos, "pax record expected KEY=VALUE",
         str("\"", printable(record), "\""), byte);
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") extension.name = value;
    if (key == "size") {
      std::uint64_t size = 0;
      const auto [last, problem] = std::from_chars(value.data(), value.data() + value.size(), size);
      need(problem == std::errc() && last == value.data() + value.size(),
           "pax size expected a whole number", str("\"", printable(value), "\""), byte);
      extension.size = size;
    }
    need(!key.starts_with("GNU.sparse."), "file expected without holes", "GNU's sparse form", byte);
    rest.remove_prefix(length);
    byte += length;
  }
}

}  // namespace fovea::io
