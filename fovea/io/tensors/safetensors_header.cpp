#include "fovea/io/tensors/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/utf8.h"
#include "fovea/io/bytes.h"
#include "fovea/io/json.h"
#include "fovea/io/parse_cursor.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

namespace {

// Dtypes from the narrowest to the widest: the order in the specification's own code.
constexpr std::array<std::pair<std::string_view, DType>, 13> kNames = {{{"BOOL", DType::kBool},
                                                                        {"U8", DType::kU8},
                                                                        {"I8", DType::kI8},
                                                                        {"I16", DType::kI16},
                                                                        {"U16", DType::kU16},
                                                                        {"F16", DType::kF16},
                                                                        {"BF16", DType::kBF16},
                                                                        {"I32", DType::kI32},
                                                                        {"U32", DType::kU32},
                                                                        {"F32", DType::kF32},
                                                                        {"F64", DType::kF64},
                                                                        {"I64", DType::kI64},
                                                                        {"U64", DType::kU64}}};

// A name from an untrusted file as it may stand in a one-line message.
std::string quote(const std::string& name) {
  constexpr std::size_t kLongest = 100;
  const std::string shown = name.size() > kLongest ? name.substr(0, kLongest) + "..." : name;
  return json_ascii(shown);
}

// Takes the parser's events one by one, so that a duplicate key is seen (a parsed object has lost
// it) and deep nesting costs nothing. Throws at the first defect.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, std::optional<std::uint64_t> data_bytes,
               const std::string& name)
      : text_(text), data_bytes_(data_bytes), name_(name), furthest_(text.data()) {}

  SafetensorsHeader read() {
    Json::sax_parse(ParseCursor(text_.data(), furthest_),
                    ParseCursor(text_.data() + text_.size(), furthest_), this);
    check_coverage();
    return std::move(header_);
  }

  // --- Events ------------------------------------------------------------------------------------
  bool null() { return other("null"); }
  bool boolean(bool) { return other("a boolean"); }
  bool number_integer(Json::number_integer_t) { return other("a negative number"); }
  bool number_float(Json::number_float_t, const std::string& text) { return other(text); }
  bool binary(Json::binary_t&) { return other("binary data"); }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (place_ == Place::kSkipped) return true;
    if (place_ == Place::kShape) {
      constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
      need(value <= kLargest, str("shape of ", quote(entry_.name), " expected sizes below 2^63"),
           value);
      need(entry_.shape.ndim() < kMaxDims,
           str("shape of ", quote(entry_.name), " expected at most ", kMaxDims, " sizes"), "more");
      entry_.shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (place_ != Place::kOffsets) return other("a number");
    need(offsets_ < 2, str("data_offsets of ", quote(entry_.name), " expected 2 numbers"), "more");
    (offsets_++ == 0 ? entry_.begin : entry_.end) = value;
    return true;
  }
  bool string(std::string& value) {
    if (place_ == Place::kSkipped) return true;
    if (place_ == Place::kMetadata) {
      header_.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::kEntry || key_ != "dtype") return other("a string");
    const std::optional<DType> dtype = safetensors_dtype(value);
    need(dtype.has_value(), str("dtype of ", quote(entry_.name), " expected ", known_dtypes()),
         quote(value));
    entry_.dtype = *dtype;
    return true;
  }
  bool start_object(std::size_t) {
    if (place_ == Place::kSkipped) return deeper();
    if (place_ == Place::kOutside) return enter(Place::kTop);
    if (place_ == Place::kTop) {
      keys_.clear();
      if (key_ == "__metadata__") return enter(Place::kMetadata);
      entry_ = {};
      entry_.name = key_;
      has_dtype_ = has_shape_ = has_offsets_ = false;
      return enter(Place::kEntry);
    }
    return other("an object");
  }
  bool end_object() {
    if (place_ == Place::kSkipped) return shallower();
    if (place_ == Place::kEntry) finish_entry();
    if (place_ == Place::kTop) {
      place_ = Place::kOutside;
      need(furthest_ == text_.data() + text_.size(), "header expected nothing after its object",
           str(text_.data() + text_.size() - furthest_, " bytes"));
      return true;
    }
    return enter(Place::kTop);
  }
  bool start_array(std::size_t) {
    if (place_ == Place::kSkipped) return deeper();
    if (place_ != Place::kEntry || (key_ != "shape" && key_ != "data_offsets"))
      return other("an array");
    offsets_ = 0;
    return enter(key_ == "shape" ? Place::kShape : Place::kOffsets);
  }
  bool end_array() {
    if (place_ == Place::kSkipped) return shallower();
    if (place_ == Place::kOffsets)
      need(offsets_ == 2, str("data_offsets of ", quote(entry_.name), " expected 2 numbers"),
           offsets_);
    return enter(Place::kEntry);
  }
  bool key(std::string& key) {
    if (place_ == Place::kSkipped && depth_ > 0) return true;
    if (place_ == Place::kSkipped) place_ = Place::kEntry;
    std::unordered_set<std::string>& seen = place_ == Place::kTop ? names_ : keys_;
    need(seen.insert(key).second, str("key ", quote(key), " expected once"), "it again");
    key_ = key;
    if (place_ == Place::kEntry) begin_field();
    return true;
  }
  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception&) {
    throw ParseError(str("safetensors: header expected JSON in UTF-8, got something else (", name_,
                         ", header byte ", position == 0 ? 0 : position - 1, ")"));
  }

 private:
  // Where in the header the parser is; kSkipped: in the value of a key of an entry that the
  // specification does not know and its own code ignores.
  enum class Place { kOutside, kTop, kMetadata, kEntry, kShape, kOffsets, kSkipped };

  template <class Got>
  void need(bool ok, const std::string& expected, const Got& got) const {
    check<ParseError>(ok, "safetensors: ", expected, ", got ", got, " (", name_, ", header byte ",
                      byte(), ")");
  }
  // The last byte that the parser has taken.
  std::ptrdiff_t byte() const { return std::max<std::ptrdiff_t>(furthest_ - text_.data() - 1, 0); }
  bool enter(Place place) {
    place_ = place;
    return true;
  }
  bool deeper() {
    ++depth_;
    return true;
  }
  bool shallower() {
    // The end of the entry itself: its last key was a skipped one.
    if (depth_ == 0) {
      place_ = Place::kEntry;
      return end_object();
    }
    --depth_;
    return true;
  }

  // A value that does not belong where it stands.
  bool other(const std::string& got) {
    switch (place_) {
      case Place::kSkipped:
      case Place::kOutside:  // not reached: the header begins with '{', and nothing follows its '}'
        return true;
      case Place::kTop:
        need(false, str("entry ", quote(key_), " expected an object"), got);
        break;
      case Place::kMetadata:
        need(false, str("__metadata__ value of ", quote(key_), " expected a string"), got);
        break;
      case Place::kEntry:
        need(false,
             str(key_, " of ", quote(entry_.name), " expected ",
                 key_ == "dtype" ? "a string" : "an array"),
             got);
        break;
      case Place::kShape:
      case Place::kOffsets:
        need(false, str(key_, " of ", quote(entry_.name), " expected whole numbers from 0"), got);
        break;
    }
    return false;
  }

  void begin_field() {
    if (key_ == "dtype")
      has_dtype_ = true;
    else if (key_ == "shape")
      has_shape_ = true;
    else if (key_ == "data_offsets")
      has_offsets_ = true;
    else {
      place_ = Place::kSkipped;
      depth_ = 0;
    }
  }

  void finish_entry() {
    const std::string who = quote(entry_.name);
    need(has_dtype_, str("entry ", who, " expected dtype"), "none");
    need(has_shape_, str("entry ", who, " expected shape"), "none");
    need(has_offsets_, str("entry ", who, " expected data_offsets"), "none");
    need(entry_.begin <= entry_.end, str("data_offsets of ", who, " expected begin <= end"),
         str("[", entry_.begin, ", ", entry_.end, "]"));
    need(!data_bytes_ || entry_.end <= *data_bytes_,
         str("data_offsets of ", who, " expected end <= ", data_bytes_.value_or(0)), entry_.end);
    const std::optional<std::uint64_t> bytes = bytes_of(entry_.shape, size_of(entry_.dtype));
    need(bytes.has_value(), str("shape of ", who, " expected at most 2^62 elements"), entry_.shape);
    need(*bytes == entry_.end - entry_.begin,
         str("data_offsets of ", who, " expected ", *bytes, " bytes for ",
             safetensors_name_of(entry_.dtype), " ", entry_.shape),
         entry_.end - entry_.begin);
    header_.entries.push_back(entry_);
    bytes_.push_back(byte());
  }

  // The tensors must cover the data: no holes, no overlaps, nothing left over.
  void check_coverage() const {
    std::vector<std::size_t> order(header_.entries.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const SafetensorsEntry &x = header_.entries[a], &y = header_.entries[b];
      return std::pair(x.begin, x.end) < std::pair(y.begin, y.end);
    });
    std::uint64_t covered = 0;
    for (const std::size_t i : order) {
      const SafetensorsEntry& entry = header_.entries[i];
      check<ParseError>(entry.begin == covered, "safetensors: data_offsets of ", quote(entry.name),
                        " expected begin = ", covered, ", got ", entry.begin,
                        entry.begin < covered ? ", an overlap (" : ", a hole (", name_,
                        ", header byte ", bytes_[i], ")");
      covered = entry.end;
    }
    check<ParseError>(!data_bytes_ || covered == *data_bytes_, "safetensors: data expected ",
                      covered, " bytes, got ", data_bytes_.value_or(0), " (", name_, ", data byte ",
                      covered, ")");
  }

  static std::string known_dtypes() {
    std::string all;
    for (const auto& [known, dtype] : kNames) all += str(all.empty() ? "" : ", ", known);
    return all;
  }

  std::string_view text_;
  std::optional<std::uint64_t> data_bytes_;
  const std::string& name_;
  const char* furthest_;
  Place place_ = Place::kOutside;
  int depth_ = 0;  // within a skipped value
  std::string key_;
  std::unordered_set<std::string> names_, keys_;
  SafetensorsEntry entry_;
  int offsets_ = 0;
  bool has_dtype_ = false, has_shape_ = false, has_offsets_ = false;
  SafetensorsHeader header_;
  std::vector<std::ptrdiff_t> bytes_;  // where each entry ends, for messages
};

std::string json_string(const std::string& text) {
  check<ArgumentError>(is_utf8(text), "save_safetensors: names and metadata expected UTF-8, got ",
                       quote(text));
  return json_line(text);
}

}  // namespace

std::string_view safetensors_name_of(DType dtype) {
  return kNames[static_cast<std::size_t>(safetensors_rank(dtype))].first;
}

std::optional<DType> safetensors_dtype(std::string_view name) {
  for (const auto& [known, dtype] : kNames)
    if (known == name) return dtype;
  return std::nullopt;
}

int safetensors_rank(DType dtype) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i].second == dtype) return static_cast<int>(i);
  return 0;
}

std::uint64_t check_safetensors_length(std::uint64_t length, std::uint64_t file_bytes,
                                       const std::string& name) {
  check<ParseError>(length <= kMaxSafetensorsHeader,
                    "safetensors: header length expected <= ", kMaxSafetensorsHeader, ", got ",
                    length, " (", name, ", byte 0)");
  check<ParseError>(length <= file_bytes - 8,
                    "safetensors: header length expected <= ", file_bytes - 8,
                    ", the rest of the file, got ", length, " (", name, ", byte 0)");
  return length;
}

SafetensorsHeader parse_safetensors_header(std::string_view text,
                                           std::optional<std::uint64_t> data_bytes,
                                           const std::string& name) {
  check<ParseError>(text.starts_with('{'), "safetensors: header expected to begin with '{', got ",
                    text.empty() ? "nothing" : "another byte", " (", name, ", header byte 0)");
  const std::string_view object = text.substr(0, text.find_last_not_of(' ') + 1);
  return HeaderReader(object, data_bytes, name).read();
}

std::uint64_t safetensors_length(std::span<const std::byte> head, const std::string& name) {
  check<ParseError>(head.size() >= 8, "safetensors: file expected at least 8 bytes, got ",
                    head.size(), " (", name, ", byte ", head.size(), ")");
  const std::uint64_t length =
      check_safetensors_length(load_little<std::uint64_t>(head), kMaxFileBytes, name);
  const std::string_view rest(reinterpret_cast<const char*>(head.data()) + 8, head.size() - 8);
  if (rest.size() < length && rest.starts_with('{')) return 8 + length;
  std::uint64_t data = 0;
  for (const auto& entry : parse_safetensors_header(rest.substr(0, length), {}, name).entries)
    data = std::max(data, entry.end);
  return data < kMaxFileBytes ? 8 + length + data : kAnyLength;
}

std::string safetensors_header_text(const SafetensorsHeader& header) {
  std::string text = "{";
  const auto comma = [&] { return text.size() == 1 ? "" : ","; };
  if (!header.metadata.empty()) {
    std::string pairs;
    for (const auto& [key, value] : header.metadata)
      pairs += str(pairs.empty() ? "" : ",", json_string(key), ":", json_string(value));
    text += str(R"("__metadata__":{)", pairs, "}");
  }
  for (const SafetensorsEntry& entry : header.entries) {
    std::string shape;
    for (const std::int64_t size : entry.shape) shape += str(shape.empty() ? "" : ",", size);
    text +=
        str(comma(), json_string(entry.name), R"(:{"dtype":")", safetensors_name_of(entry.dtype),
            R"(","shape":[)", shape, R"(],"data_offsets":[)", entry.begin, ",", entry.end, "]}");
  }
  text += "}";
  text.append((8 - text.size() % 8) % 8, ' ');
  check<ArgumentError>(text.size() <= kMaxSafetensorsHeader,
                       "save_safetensors: header expected at most ", kMaxSafetensorsHeader,
                       " bytes, got ", text.size());
  return text;
}

}  // namespace fovea::io
