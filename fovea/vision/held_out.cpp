#include "fovea/vision/held_out.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

namespace {

/// How many of a class's `count` samples are held out.
std::size_t held_out_of(std::size_t count, double share) {
  if (count < 2) return 0;
  const auto rounded = static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
  return std::clamp<std::size_t>(rounded, 1, count - 1);
}

std::string place_in_line(std::int64_t seed, const std::string& name) {
  Sha256 sha;
  const std::string text = str(seed, '\0', name);
  sha.update(std::as_bytes(std::span(text)));
  return sha.hex();
}

}  // namespace

std::vector<std::int64_t> samples_of(const Part& part, std::span<const std::string> names,
                                     std::span<const std::int64_t> labels) {
  // By class: places in the line. Of one name twice the first comes first.
  std::map<std::int64_t, std::vector<std::pair<std::string, std::int64_t>>> lines;
  for (std::size_t i = 0; i < names.size(); ++i) {
    lines[labels[i]].emplace_back(place_in_line(part.held_out.seed, names[i]),
                                  static_cast<std::int64_t>(i));
  }
  std::vector<std::int64_t> samples;
  for (auto& [label, line] : lines) {
    std::sort(line.begin(), line.end());
    const std::size_t held = held_out_of(line.size(), part.held_out.share);
    const bool judges = part.split == Split::kTest;
    for (std::size_t i = judges ? 0 : held; i < (judges ? held : line.size()); ++i)
      samples.push_back(line[i].second);
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

void keep_part(const Part& part, const std::filesystem::path& folder,
               std::vector<ImageFile>& files) {
  std::vector<std::string> names;
  std::vector<std::int64_t> labels;
  for (const ImageFile& file : files) {
    names.push_back(file.path.lexically_relative(folder).generic_string());
    labels.push_back(file.label);
  }
  std::vector<ImageFile> kept;
  for (const std::int64_t i : samples_of(part, names, labels))
    kept.push_back(std::move(files[static_cast<std::size_t>(i)]));
  files = std::move(kept);
}

const char* describe(const Part& part) {
  return part.split == Split::kTest ? "held out" : "to learn from";
}

}  // namespace fovea::vision
