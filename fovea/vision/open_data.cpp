#include "fovea/vision/open_data.h"

#include <algorithm>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/core/suggest.h"
#include "fovea/io/read_file.h"
#include "fovea/vision/image_folder.h"
#include "fovea/vision/image_list.h"
#include "fovea/vision/stored_data_set.h"
#include "fovea/vision/web_dataset.h"

namespace fovea::vision {

namespace fs = std::filesystem;

namespace {

bool is_known(const std::string& data) {
  const std::vector<std::string> names = data_set_names();
  return std::find(names.begin(), names.end(), data) != names.end();
}

/// The lines of a text, however they end; empty ones at its end are none.
std::vector<std::string> read_lines(const fs::path& path) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 24;
  std::istringstream text(io::read_text(path, kMostBytes));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

/// The names that a split's folder may have, the first that is there being it.
std::vector<std::string> split_names(Split split) {
  switch (split) {
    case Split::kTrain:
      return {"train"};
    case Split::kVal:
      return {"val", "valid", "validation"};
    case Split::kTest:
      break;
  }
  return {"test", "val", "valid", "validation"};
}

bool is_list(const fs::path& path) { return small_ending(path) == ".csv"; }

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The folders in `folder` that are not hidden, sorted. Throws IoError.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path path = folder / entry->path().filename();
    if (is_folder(path) && !is_hidden(path.filename().native())) folders.push_back(path);
  }
  check<IoError>(!error, "data: folder ", folder.native(), " expected to be readable, got \"",
                 error.message(), "\"");
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// The archives in a split's folder, by name; none in a folder of pictures.
std::vector<fs::path> list_shards(const fs::path& folder) {
  std::vector<fs::path> shards;
  const std::vector<fs::path> folders = folders_in(folder);
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    const bool hidden = is_hidden(path.filename().native());
    if (!hidden && !is_folder(path) && path.extension() == ".tar") shards.push_back(path);
  }
  check<IoError>(!error, "data: folder ", folder.native(), " expected to be readable, got \"",
                 error.message(), "\"");
  std::sort(shards.begin(), shards.end());
  // Either may be there by mistake, and to guess wrong is to learn from other pictures.
  if (!shards.empty() && !folders.empty())
    throw ParseError(str("data: folder of each class, or else shards (.tar), expected in ",
                         folder.native(), ", got both (", folders.front().native(), " and ",
                         shards.front().native(), ")"));
  return shards;
}

std::shared_ptr<WebDataset> open_shards(const fs::path& folder, const std::vector<fs::path>& shards,
                                        PictureSetOptions options) {
  const fs::path names = folder / "classes.txt";
  std::error_code error;
  if (options.classes.empty() && fs::exists(names, error)) options.classes = read_lines(names);
  return std::make_shared<WebDataset>(shards, std::move(options));
}

}  // namespace

bool names_folder(const std::string& data) {
  return !is_known(data) &&
         (data.find('/') != std::string::npos || is_list(data) || is_folder(data));
}

bool is_one_piece(const fs::path& data) {
  if (is_list(data)) return true;
  for (const char* name : {"train", "test", "val", "valid", "validation"}) {
    if (is_folder(data / name) || is_file(data / (std::string(name) + ".csv"))) return false;
  }
  return is_folder(data) && folders_in(data).size() >= 2;
}

std::optional<fs::path> split_folder(const fs::path& folder, Split split) {
  const bool list = is_list(folder);
  check<IoError>(list ? is_file(folder) : is_folder(folder), "data: ", list ? "list" : "folder",
                 " of pictures expected at ", folder.native(), ", got none");
  if (is_one_piece(folder)) return split == Split::kVal ? std::nullopt : std::optional(folder);
  for (const std::string& name : split_names(split)) {
    const fs::path path = folder / name, listed = folder / (name + ".csv");
    if (is_file(listed) &&
        (!is_folder(path) || (folders_in(path).empty() && list_shards(path).empty())))
      return listed;
    if (is_folder(path)) return path;
  }
  return {};
}

std::vector<fs::path> unused_folders(const fs::path& folder) {
  if (is_one_piece(folder)) return {};
  std::vector<fs::path> used, unused;
  for (const Split split : {Split::kTrain, Split::kVal, Split::kTest}) {
    if (const auto path = split_folder(folder, split)) used.push_back(*path);
  }
  for (const fs::path& path : folders_in(folder)) {
    // A folder of pictures beside the list that names them is in use.
    const bool is_used = std::find(used.begin(), used.end(), path) != used.end() ||
                         std::any_of(used.begin(), used.end(), is_list);
    if (!is_used) unused.push_back(path);
  }
  return unused;
}

std::shared_ptr<PictureSet> open_folder(const DataChoice& choice) {
  check<ArgumentError>(choice.root.empty(), "data: data_root expected empty for a folder, got ",
                       choice.root.native(), " (", choice.data, ")");
  const std::optional<fs::path> folder = split_folder(choice.data, choice.split);
  check<IoError>(folder.has_value(), "data: folder ", join_words(split_names(choice.split), " or "),
                 ", or two folders of classes at least, expected in ", choice.data, ", got none");
  const bool one_piece = is_one_piece(choice.data);
  std::optional<Part> part;
  if (one_piece && choice.held_out)
    part = Part{.held_out = *choice.held_out, .split = choice.split};
  if (is_list(*folder)) return std::make_shared<ImageList>(*folder, choice.folder, part);
  if (one_piece) return std::make_shared<ImageFolder>(*folder, choice.folder, part);
  const std::vector<fs::path> shards = list_shards(*folder);
  if (!shards.empty()) return open_shards(choice.data, shards, choice.folder);
  return std::make_shared<ImageFolder>(*folder, choice.folder);
}

std::shared_ptr<data::Dataset> open_data(const DataChoice& choice) {
  if (names_folder(choice.data)) return open_folder(choice);
  const std::vector<std::string> names = data_set_names();
  check_in_both<ArgumentError>(is_known(choice.data), [&] {
    const Text meant = meant_word(choice.data, names);
    return Text(
        str("data: name expected one of ", join_words(names), ", or a folder of pictures, got \"",
            choice.data, "\"", meant.english),
        str("data: 이름은 ", join_words(names), " 가운데 하나이거나 사진 폴더여야 하는데 \"",
            choice.data, "\"입니다", meant.korean));
  });
  return make_data_set(choice.data, {.root = choice.root, .train = choice.split == Split::kTrain});
}

}  // namespace fovea::vision
