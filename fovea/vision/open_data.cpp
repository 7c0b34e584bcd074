#include "fovea/vision/open_data.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/vision/stored_data_set.h"

namespace fovea::vision {

namespace fs = std::filesystem;

namespace {

bool is_known(const std::string& data) {
  const std::vector<std::string> names = data_set_names();
  return std::find(names.begin(), names.end(), data) != names.end();
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

std::shared_ptr<data::Dataset> open_data(const DataChoice& choice) {
  if (names_folder(choice.data)) {
    return std::make_shared<ImageFolder>(split_folder(choice.data, choice.split), choice.folder);
  }
  const std::vector<std::string> names = data_set_names();
  check<ArgumentError>(is_known(choice.data), "data: name expected one of ", join_words(names),
                       ", or a folder of pictures, got \"", choice.data, "\"",
                       did_you_mean(choice.data, names));
  return make_data_set(choice.data, {.root = choice.root, .train = choice.split == Split::kTrain});
}

}  // namespace fovea::vision
