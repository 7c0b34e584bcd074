#include "fovea/vision/web_dataset.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/data/shard_sampler.h"
#include "fovea/io/read_file.h"
#include "fovea/vision/for_each.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

namespace {

constexpr std::size_t kMostShards = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& pattern, const char* expected) {
  throw ArgumentError(str("shards: pattern expected ", expected, ", got \"", pattern, "\""));
}

/// The words that braces hold: "a,b", or "0000..0146".
std::vector<std::string> words_of(const std::string& braces, const std::string& pattern) {
  std::vector<std::string> words;
  if (const std::size_t dots = braces.find(".."); dots != std::string::npos) {
    const std::string low = braces.substr(0, dots), high = braces.substr(dots + 2);
    const auto number = [&](const std::string& digits) {
      std::uint64_t value = 0;
      const char* const end = digits.data() + digits.size();
      const auto [after, error] = std::from_chars(digits.data(), end, value);
      if (error != std::errc() || after != end) refuse(pattern, "numbers around ..");
      return value;
    };
    const std::uint64_t first = number(low), last = number(high);
    if (last < first) refuse(pattern, "a count that goes up");
    if (last - first >= kMostShards) refuse(pattern, "at most 1048576 shards");
    for (std::uint64_t value = first; value <= last; ++value) {
      const std::string digits = std::to_string(value);
      words.push_back(std::string(low.size() - std::min(low.size(), digits.size()), '0') + digits);
    }
    return words;
  }
  if (braces.find(',') == std::string::npos) refuse(pattern, "{first..last} or {a,b}");
  for (std::size_t start = 0; start <= braces.size();) {
    const std::size_t end = std::min(braces.find(',', start), braces.size());
    words.push_back(braces.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

std::vector<std::filesystem::path> expand_shards(const std::string& pattern) {
  std::vector<std::string> paths = {""};
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t open = std::min(pattern.find('{', at), pattern.size());
    for (std::string& path : paths) path.append(pattern, at, open - at);
    if (open == pattern.size()) break;
    const std::size_t close = pattern.find('}', open);
    if (close == std::string::npos) refuse(pattern, "braces that close");
    const auto words = words_of(pattern.substr(open + 1, close - open - 1), pattern);
    if (paths.size() > kMostShards / words.size()) refuse(pattern, "at most 1048576 shards");
    std::vector<std::string> longer;
    for (const std::string& path : paths)
      for (const std::string& word : words) longer.push_back(path + word);
    paths = std::move(longer);
    at = close + 1;
  }
  return {paths.begin(), paths.end()};
}

struct WebDataset::Shard {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::vector<ShardSample> samples;
  // Of the index, what came to no sample.
  CountByEnding others = {};
  std::int64_t dotted = 0;
  std::string first_dotted = {};

  static Shard read(const std::filesystem::path& path, const std::string& label_key) {
    const io::MappedFile mapping(path);
    ShardIndex index = index_shard(
        {.bytes = mapping.bytes(), .name = path.string(), .mapping = &mapping}, label_key);
    return {.path = path,
            .bytes = mapping.bytes().size(),
            .samples = std::move(index.samples),
            .others = std::move(index.others),
            .dotted = index.dotted,
            .first_dotted = std::move(index.first_dotted)};
  }
};

/// A sample and the shard that it is in.
struct WebDataset::Place {
  const Shard& shard;
  const ShardSample& sample;
};

WebDataset::WebDataset(const std::string& pattern, PictureSetOptions pictures,
                       const WebDatasetOptions& options)
    : WebDataset(expand_shards(pattern), std::move(pictures), options) {}

WebDataset::WebDataset(const std::vector<std::filesystem::path>& paths, PictureSetOptions pictures,
                       const WebDatasetOptions& options)
    : PictureSet(std::move(pictures), "WebDataset"), shuffle_window_(options.shuffle_window) {
  check<ArgumentError>(shuffle_window_ >= 1, "WebDataset: shuffle_window expected at least 1, got ",
                       shuffle_window_);
  std::vector<Shard> shards(paths.size());
  for_each_index(static_cast<std::int64_t>(paths.size()), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    shards[at] = Shard::read(paths[at], options.label_key);
  });
  shards_ = std::make_shared<const std::vector<Shard>>(std::move(shards));
  number_samples();
  if (size() == 0) {
    std::string why;
    for (const std::string& line : left_out()) why += "; " + line;
    throw ParseError(str("WebDataset: samples expected at least 1, got 0 (in ", shards_->size(),
                         shards_->size() == 1 ? " shard" : " shards", why, ")"));
  }
  look_at_pictures(class_names());
}

std::vector<std::string> WebDataset::left_out() const {
  std::vector<std::string> lines;
  CountByEnding others;
  std::int64_t dotted = 0, files = 0;
  std::string first;
  for (const Shard& shard : *shards_) {
    if (dotted == 0 && shard.dotted > 0)
      first = str(shard.path.filename().native(), ": ", shard.first_dotted);
    dotted += shard.dotted;
    for (const auto& [ending, count] : shard.others) {
      others[ending] += count;
      files += count;
    }
  }
  if (dotted > 0) {
    lines.push_back(
        str(dotted, dotted == 1 ? " picture" : " pictures",
            " with more than one dot in the name, where a sample's key ends at the first "
            "one (",
            first, ")"));
  }
  if (files > 0)
    lines.push_back(
        str(files, files == 1 ? " file" : " files", " of no sample: ", list_endings(others)));
  return lines;
}

void WebDataset::number_samples() {
  first_ = {0};
  for (const Shard& shard : *shards_)
    first_.push_back(first_.back() + static_cast<std::int64_t>(shard.samples.size()));
}

/// Classes without names are called by their numbers; labels without a class are errors.
std::vector<std::string> WebDataset::class_names() const {
  std::vector<std::string> names = classes();
  const bool named = !names.empty();
  std::int32_t most = 0;
  for (const Shard& shard : *shards_) {
    for (const ShardSample& sample : shard.samples) {
      most = std::max(most, sample.label);
      check<ParseError>(!named || static_cast<std::size_t>(sample.label) < names.size(),
                        "WebDataset: label expected 0 to ", names.size() - 1, ", got ",
                        sample.label, " (", shard.path.string(), ", image at byte ",
                        sample.image_byte, ")");
    }
  }
  for (std::int32_t label = 0; !named && label <= most; ++label)
    names.push_back(std::to_string(label));
  return names;
}

WebDataset::Place WebDataset::place_of(std::int64_t index) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), index);
  const auto at = static_cast<std::size_t>(after - first_.begin() - 1);
  const Shard& shard = (*shards_)[at];
  return {shard, shard.samples[static_cast<std::size_t>(index - first_[at])]};
}

std::int64_t WebDataset::label_of(std::int64_t index) const { return place_of(index).sample.label; }

/// The index holds no names: the shard is searched for this one's.
std::string WebDataset::name_of(std::int64_t index) const {
  const auto [shard, sample] = place_of(index);
  const io::MappedFile mapping(shard.path);
  const std::string member =
      member_at({.bytes = mapping.bytes(), .name = shard.path.string(), .mapping = &mapping},
                sample.image_byte);
  return str(shard.path.string(), ": ", member, " at byte ", sample.image_byte);
}

/// Reads the image rather than mapping it: what a mapping holds of a file in memory is for the
/// system to say, and a shard that is cut off meanwhile is an error. The shard is open for this
/// image alone, since a set may have more of them than a process may have open files.
io::Image WebDataset::read(std::int64_t index, io::Channels channels) const {
  const auto [shard, sample] = place_of(index);
  std::vector<std::byte> content(sample.image_bytes);
  io::InputFile(shard.path).read_at(sample.image_byte, content);
  try {
    return io::decode_image(content, shard.path.string(), channels, max_pixels());
  } catch (const ParseError&) {
    return io::decode_image(content, name_of(index), channels,
                            max_pixels());  // fails again, with its name
  }
}

void WebDataset::keep(std::span<const std::int64_t> samples) {
  std::vector<Shard> kept(shards_->size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i] = (*shards_)[i];
    kept[i].samples.clear();
    for (; !samples.empty() && samples.front() < first_[i + 1]; samples = samples.subspan(1))
      kept[i].samples.push_back(place_of(samples.front()).sample);
  }
  shards_ = std::make_shared<const std::vector<Shard>>(std::move(kept));
  number_samples();
}

std::shared_ptr<PictureSet> WebDataset::copy() const { return std::make_shared<WebDataset>(*this); }

std::int64_t WebDataset::shards() const { return static_cast<std::int64_t>(shards_->size()); }

std::shared_ptr<const data::Sampler> WebDataset::shuffled(std::uint64_t seed) const {
  std::vector<std::int64_t> sizes;
  for (const Shard& shard : *shards_)
    sizes.push_back(static_cast<std::int64_t>(shard.samples.size()));
  return std::make_shared<data::ShardSampler>(std::move(sizes), shuffle_window_, seed);
}

Checksums WebDataset::checksums() const {
  Sha256 sha;
  for (const Shard& shard : *shards_) {
    const std::string line = str(shard.path.filename().native(), '\0', shard.bytes, '\n');
    sha.update(std::as_bytes(std::span(line)));
  }
  return {
      {str("names and lengths of ", shards_->size(), shards_->size() == 1 ? " shard" : " shards"),
       sha.hex()}};
}

}  // namespace fovea::vision
