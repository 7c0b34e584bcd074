#include "fovea/vision/shard_index.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/io/archive/tar.h"
#include "fovea/io/bytes.h"
#include "fovea/io/json.h"
#include "fovea/io/pictures/image.h"

namespace fovea::vision {

namespace {

constexpr std::uint64_t kMostLabelBytes = std::uint64_t{1} << 20;
static_assert(io::kMaxImageFile <= std::numeric_limits<decltype(ShardSample::image_bytes)>::max());

/// A path cut at the first dot of its last part, and what is behind it in small letters.
struct Name {
  std::string_view key;
  std::string kind;
};

std::optional<Name> split(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t base = slash == std::string_view::npos ? 0 : slash + 1;
  const std::size_t dot = path.find('.', base);
  if (dot == std::string_view::npos || dot == base) return std::nullopt;
  std::string kind(path.substr(dot + 1));
  for (char& c : kind) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return Name{path.substr(0, dot), std::move(kind)};
}

/// Whether a part of the path is hidden. The dots of "./a.png" are no names.
bool is_hidden_path(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (part != "." && part != ".." && is_hidden(part)) return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

bool is_picture_kind(std::string_view kind) { return is_picture_ending(str('.', kind)); }

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Puts the files of a shard together to samples.
class Indexer {
 public:
  Indexer(const io::FileBytes& shard, const std::string& label_key)
      : shard_(shard), label_key_(label_key) {}

  ShardIndex read() {
    io::TarReader tar(shard_);
    while (const std::optional<io::TarEntry> entry = tar.next()) add(*entry);
    finish();
    return std::move(index_);
  }

 private:
  /// A file of the present sample.
  struct Part {
    std::string name;
    std::uint64_t byte = 0;
    std::span<const std::byte> content;
  };

  [[noreturn]] void fail(const std::string& what, const std::string& expected,
                         const std::string& got, std::string_view member,
                         std::uint64_t byte) const {
    throw ParseError(str("webdataset: ", what, " expected ", expected, ", got ", got, " (",
                         shard_.name, ", ", io::printable(member, 120), ", byte ", byte, ")"));
  }

  void add(const io::TarEntry& entry) {
    const std::optional<Name> name = split(entry.name);
    if (!name || is_hidden_path(entry.name)) return;
    if (name->key != key_) {
      finish();
      key_ = name->key;
    }
    std::optional<Part>* const part = is_picture_kind(name->kind) ? &image_
                                      : name->kind == "cls"       ? &cls_
                                      : name->kind == "json"      ? &json_
                                                                  : nullptr;
    if (part == nullptr) return add_other(entry.name, name->kind);
    if (part->has_value()) fail("sample", "one file of a kind", "two", entry.name, entry.byte);
    const std::uint64_t most = part == &image_ ? io::kMaxImageFile : kMostLabelBytes;
    if (entry.content.size() > most)
      fail("file", str("at most ", most, " bytes"), str(entry.content.size()), entry.name,
           entry.byte);
    *part = Part{entry.name, entry.byte, entry.content};
  }

  /// Notes a file that is no part of the present sample.
  void add_other(const std::string& path, std::string_view kind) {
    const std::size_t dot = kind.rfind('.');
    if (dot == std::string_view::npos) {
      ++others_["." + std::string(kind)];
    } else if (is_picture_kind(kind.substr(dot + 1))) {
      dotted_.push_back(path);
    } else if (kind.ends_with(".cls") || kind.ends_with(".json")) {
      dotted_labels_.insert(path.substr(0, path.rfind('.')));
    }
  }

  /// What the files beside those that count came to. A picture that has a label by its own whole
  /// name is no part of the sample, whether there is one or not.
  void count_others(bool sample) {
    for (const std::string& path : dotted_) {
      if (sample && !dotted_labels_.contains(path.substr(0, path.rfind('.')))) continue;
      if (index_.dotted++ == 0) index_.first_dotted = path;
    }
    if (!sample) {
      for (const auto& [ending, count] : others_) index_.others[ending] += count;
    }
    others_.clear();
    dotted_.clear();
    dotted_labels_.clear();
  }

  /// "none", or what stands where an image should be.
  std::string no_image() const {
    if (!dotted_.empty())
      return str("none but \"", io::printable(dotted_.front(), 60),
                 "\", whose key ends at its first dot");
    return others_.empty() ? "none" : "none but " + list_endings(others_);
  }

  /// The sample whose last file has been met. Keys without any file that counts are none.
  void finish() {
    const bool sample = image_ || cls_ || json_;
    if (sample) {
      const Part& any = image_ ? *image_ : cls_ ? *cls_ : *json_;
      if (!image_)
        fail("sample", "a picture (" + picture_endings() + ")", no_image(), any.name, any.byte);
      if (!cls_ && !json_) fail("sample", "a .cls or .json file", "none", any.name, any.byte);
      index_.samples.push_back({.image_byte = image_->byte,
                                .image_bytes = static_cast<std::uint32_t>(image_->content.size()),
                                .label = cls_ ? label_of_text(*cls_) : label_of_json(*json_)});
    }
    count_others(sample);
    image_.reset();
    cls_.reset();
    json_.reset();
    // The system maps pages around each that is read: all at once they would be the whole shard.
    shard_.release(shard_.bytes);
  }

  std::int32_t label_of_text(const Part& part) const {
    std::string_view text = text_of(part.content);
    constexpr std::string_view kSpace = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    text = text.substr(0, text.find_last_not_of(kSpace) + 1);
    std::int64_t label = -1;
    const char* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, label);
    if (error != std::errc() || after != end)
      fail("label", "a whole number", str("\"", io::printable(text), "\""), part.name, part.byte);
    return checked(label, part);
  }

  std::int32_t label_of_json(const Part& part) const {
    const std::string_view text = text_of(part.content);
    const auto object = io::parse_json(text).value_or(io::Json());
    if (!object.is_object())
      fail("label", "a JSON object", str("\"", io::printable(text), "\""), part.name, part.byte);
    const auto found = object.find(label_key_);
    const bool whole = found != object.end() && found->is_number_integer() &&
                       (!found->is_number_unsigned() ||
                        found->get<std::uint64_t>() <= static_cast<std::uint64_t>(kMaxLabel));
    if (!whole)
      fail("label", str("a whole number \"", label_key_, "\" up to ", kMaxLabel),
           str("\"", io::printable(text), "\""), part.name, part.byte);
    return checked(found->get<std::int64_t>(), part);
  }

  std::int32_t checked(std::int64_t label, const Part& part) const {
    if (label < 0 || label > kMaxLabel)
      fail("label", str("0 to ", kMaxLabel), str(label), part.name, part.byte);
    return static_cast<std::int32_t>(label);
  }

  const io::FileBytes& shard_;
  const std::string& label_key_;
  std::string key_;
  std::optional<Part> image_, cls_, json_;
  // Of the present key, too.
  CountByEnding others_;
  std::vector<std::string> dotted_;
  std::set<std::string> dotted_labels_;
  ShardIndex index_;
};

}  // namespace

ShardIndex index_shard(const io::FileBytes& shard, const std::string& label_key) {
  return Indexer(shard, label_key).read();
}

std::string member_at(const io::FileBytes& shard, std::uint64_t byte) {
  io::TarReader tar(shard);
  while (const std::optional<io::TarEntry> entry = tar.next()) {
    if (entry->byte == byte) return entry->name;
  }
  return {};
}

}  // namespace fovea::vision
