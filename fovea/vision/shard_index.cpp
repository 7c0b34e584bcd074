#include "fovea/vision/shard_index.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/io/archive/tar.h"
#include "fovea/io/bytes.h"
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

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Puts the files of a shard together to samples.
class Indexer {
 public:
  Indexer(const io::FileBytes& shard, const std::string& label_key)
      : shard_(shard), label_key_(label_key) {}

  std::vector<ShardSample> read() {
    io::TarReader tar(shard_);
    while (const std::optional<io::TarEntry> entry = tar.next()) add(*entry);
    finish();
    return std::move(samples_);
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
    if (!name) return;
    if (name->key != key_) {
      finish();
      key_ = name->key;
    }
    std::optional<Part>* const part =
        name->kind == "jpg" || name->kind == "jpeg" || name->kind == "png" ? &image_
        : name->kind == "cls"                                              ? &cls_
        : name->kind == "json"                                             ? &json_
                                                                           : nullptr;
    if (part == nullptr) return;
    if (part->has_value()) fail("sample", "one file of a kind", "two", entry.name, entry.byte);
    const std::uint64_t most = part == &image_ ? io::kMaxImageFile : kMostLabelBytes;
    if (entry.content.size() > most)
      fail("file", str("at most ", most, " bytes"), str(entry.content.size()), entry.name,
           entry.byte);
    *part = Part{entry.name, entry.byte, entry.content};
  }

  /// The sample whose last file has been met. Keys without any file that counts are none.
  void finish() {
    if (image_ || cls_ || json_) {
      const Part& any = image_ ? *image_ : cls_ ? *cls_ : *json_;
      if (!image_) fail("sample", "a .jpg, .jpeg or .png file", "none", any.name, any.byte);
      if (!cls_ && !json_) fail("sample", "a .cls or .json file", "none", any.name, any.byte);
      samples_.push_back({.image_byte = image_->byte,
                          .image_bytes = static_cast<std::uint32_t>(image_->content.size()),
                          .label = cls_ ? label_of_text(*cls_) : label_of_json(*json_)});
    }
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
    const auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
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
  std::vector<ShardSample> samples_;
};

}  // namespace

std::vector<ShardSample> index_shard(const io::FileBytes& shard, const std::string& label_key) {
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
