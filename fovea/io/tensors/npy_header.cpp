#include "fovea/io/tensors/npy_header.h"

#include <charconv>
#include <cstdint>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"

namespace fovea::io {

namespace {

// Reads the few kinds of Python literal that a header may hold. Positions are those in the file.
class LiteralReader {
 public:
  LiteralReader(std::string_view text, std::size_t first, const std::string& name)
      : text_(text), first_(first), name_(name) {}

  [[noreturn]] void fail(std::string_view expected) const {
    const std::string got =
        at_ < text_.size() ? str("\"", printable(text_.substr(at_, 12)), "\"") : "its end";
    throw ParseError(str("npy: header expected ", expected, ", got ", got, " (", name_, ", byte ",
                         position(), ")"));
  }
  std::size_t position() const { return first_ + at_; }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token, std::string_view expected) {
    if (!take(token)) fail(expected);
  }

  std::string string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("a string");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("a closing quote");
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    if (value.find('\\') != std::string_view::npos) fail("a string without escapes");
    at_ = end + 1;
    return std::string(value);
  }

  bool boolean() {
    if (take("True")) return true;
    if (take("False")) return false;
    fail("True or False");
  }

  Shape tuple() {
    expect("(", "a tuple of sizes");
    Shape sizes;
    while (!take(")")) {
      skip_space();
      std::int64_t size = 0;
      const char* begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) fail("a size from 0 to 2^63 - 1");
      if (sizes.ndim() == kMaxDims) fail(str("at most ", kMaxDims, " sizes"));
      at_ += static_cast<std::size_t>(end - begin);
      (void)take("L");  // Python 2 wrote long integers so
      sizes.push_back(size);
      if (take(",")) continue;
      // (3) would be a number, not a tuple.
      if (sizes.ndim() == 1) fail("\",\" after the only size");
      expect(")", "\",\" or \")\"");
      break;
    }
    return sizes;
  }

 private:
  std::string_view text_;
  std::size_t first_;
  const std::string& name_;
  std::size_t at_ = 0;
};

void parse_dict(LiteralReader& reader, NpyHeader& header) {
  bool has_descr = false, has_order = false, has_shape = false;
  const auto once = [&](bool& seen) {
    if (seen) reader.fail("each key once");
    seen = true;
  };
  reader.expect("{", "a dict");
  while (!reader.take("}")) {
    const std::string key = reader.string();
    reader.expect(":", "\":\" after a key");
    reader.skip_space();
    if (key == "descr") {
      once(has_descr);
      header.descr_byte = reader.position();
      if (reader.take("[")) reader.fail("a plain element type and no record");
      header.descr = reader.string();
    } else if (key == "fortran_order") {
      once(has_order);
      header.fortran_order = reader.boolean();
    } else if (key == "shape") {
      once(has_shape);
      header.shape = reader.tuple();
    } else {
      reader.fail(str("no key but descr, fortran_order and shape, not ", printable(key)));
    }
    if (reader.take(",")) continue;
    reader.expect("}", "\",\" or \"}\"");
    break;
  }
  if (!has_descr || !has_order || !has_shape) reader.fail("the keys descr, fortran_order, shape");
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> content, const std::string& name) {
  const auto need = [&](std::size_t bytes) {
    check<ParseError>(content.size() >= bytes, "npy: header expected ", bytes, " bytes, got ",
                      content.size(), " (", name, ", byte ", content.size(), ")");
  };
  const auto magic = std::as_bytes(std::span(kNpyMagic));
  const std::size_t there = std::min(content.size(), magic.size());
  check<ParseError>(std::equal(magic.begin(), magic.begin() + static_cast<std::ptrdiff_t>(there),
                               content.begin()),
                    "npy: first bytes expected 93 4e 55 4d 50 59, got ", hex_of(content, 6),
                    ", so this is no .npy file (", name, ", byte 0)");
  need(10);
  const int major = std::to_integer<int>(content[6]), minor = std::to_integer<int>(content[7]);
  check<ParseError>(major >= 1 && major <= 3 && minor == 0,
                    "npy: version expected 1.0, 2.0 or 3.0, got ", major, ".", minor, " (", name,
                    ", byte 6)");
  const std::size_t first = major == 1 ? 10 : 12;
  need(first);
  const std::size_t length = major == 1 ? load_little<std::uint16_t>(content.subspan(8))
                                        : load_little<std::uint32_t>(content.subspan(8));
  need(first + length);

  std::string_view text(reinterpret_cast<const char*>(content.data()) + first, length);
  if (text.ends_with('\n')) text.remove_suffix(1);
  NpyHeader header;
  header.data_byte = first + length;
  LiteralReader reader(text, first, name);
  parse_dict(reader, header);
  reader.skip_space();
  if (reader.position() != first + text.size()) reader.fail("nothing after the dict but spaces");
  return header;
}

}  // namespace fovea::io
