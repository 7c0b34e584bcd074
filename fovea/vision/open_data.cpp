#include "fovea/vision/open_data.h"

#include <algorithm>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/io/read_file.h"
#include "fovea/vision/stored_data_set.h"

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

}  // namespace

bool names_folder(const std::string& data) {
  return !is_known(data) && (data.find('/') != std::string::npos || is_folder(data));
}

fs::path split_folder(const fs::path& folder, Split split) {
  check<IoError>(is_folder(folder), "data: folder of pictures expected at ", folder.native(),
                 ", got none");
  const std::vector<const char*> names = split == Split::kTrain
                                             ? std::vector<const char*>{"train"}
                                             : std::vector<const char*>{"test", "val"};
  for (const char* name : names) {
    if (is_folder(folder / name)) return folder / name;
  }
  throw IoError(str("data: folder ", names.front(), names.size() > 1 ? " or val" : "",
                    " expected in ", folder.native(), ", got none"));
}

std::vector<fs::path> list_shards(const fs::path& split_folder) {
  std::vector<fs::path> shards;
  std::error_code error;
  for (fs::directory_iterator entry(split_folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".tar" && !entry->is_directory())
      shards.push_back(entry->path());
  }
  check<IoError>(!error, "data: folder ", split_folder.native(), " expected to be readable, got \"",
                 error.message(), "\"");
  std::sort(shards.begin(), shards.end());
  return shards;
}

std::shared_ptr<WebDataset> open_shards(const DataChoice& choice) {
  const ImageFolderOptions& folder = choice.folder;
  check<ArgumentError>(!folder.skip_corrupt,
                       "data: skip_corrupt expected false for shards, got true (", choice.data,
                       ")");
  WebDatasetOptions options{.channels = folder.channels,
                            .image_transform = folder.image_transform,
                            .classes = folder.classes,
                            .transform = folder.transform};
  const fs::path names = fs::path(choice.data) / "classes.txt";
  std::error_code error;
  if (options.classes.empty() && fs::exists(names, error)) options.classes = read_lines(names);
  return std::make_shared<WebDataset>(list_shards(split_folder(choice.data, choice.split)),
                                      std::move(options));
}

std::shared_ptr<data::Dataset> open_data(const DataChoice& choice) {
  if (names_folder(choice.data)) {
    if (!list_shards(split_folder(choice.data, choice.split)).empty()) return open_shards(choice);
    return std::make_shared<ImageFolder>(split_folder(choice.data, choice.split), choice.folder);
  }
  const std::vector<std::string> names = data_set_names();
  check<ArgumentError>(is_known(choice.data), "data: name expected one of ", join_words(names),
                       ", or a folder of pictures, got \"", choice.data, "\"",
                       did_you_mean(choice.data, names));
  return make_data_set(choice.data, {.root = choice.root, .train = choice.split == Split::kTrain});
}

}  // namespace fovea::vision
