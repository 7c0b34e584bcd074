#include "fovea/vision/image_files.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::vision {

namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

[[noreturn]] void fail(const fs::path& folder, const std::error_code& error) {
  throw IoError(str("image_folder: ", folder.native(), " expected to be a readable folder, got \"",
                    error.message(), "\""));
}

/// Names of the folders in `folder` that stand for classes, sorted.
std::vector<std::string> class_folders(const fs::path& folder) {
  std::vector<std::string> names;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_directory() && !name.starts_with(".")) names.push_back(name);
    }
  } catch (const fs::filesystem_error& error) {
    fail(folder, error.code());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Appends the pictures in the folder of a class.
void list_class(const fs::path& folder, std::int64_t label, ImageListing& listing) {
  std::map<std::string, std::vector<std::string>> names;  // by folder
  try {
    constexpr auto kFollow = fs::directory_options::follow_directory_symlink;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, kFollow)) {
      if (entry.is_directory()) continue;
      if (is_picture(entry.path())) {
        names[entry.path().parent_path().native()].push_back(entry.path().filename().native());
      } else {
        ++listing.others;
      }
    }
  } catch (const fs::filesystem_error& error) {
    fail(folder, error.code());
  }
  for (auto& [parent, files] : names) {
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) listing.files.push_back({fs::path(parent) / file, label});
  }
}

}  // namespace

ImageListing list_images(const fs::path& folder, const std::vector<std::string>& classes) {
  const std::vector<std::string> names = class_folders(folder);
  check<ParseError>(!names.empty(), "image_folder: folder of each class expected in ",
                    folder.native(), ", got none");
  ImageListing listing{.classes = classes.empty() ? names : classes, .files = {}};
  for (const std::string& name : names) {
    const auto found = std::find(listing.classes.begin(), listing.classes.end(), name);
    check<ParseError>(found != listing.classes.end(), "image_folder: class expected one of the ",
                      classes.size(), " of the training, got \"", name, "\"",
                      did_you_mean(name, classes), " (", (folder / name).native(), ")");
    const std::size_t before = listing.files.size();
    list_class(folder / name, found - listing.classes.begin(), listing);
    check<ParseError>(listing.files.size() > before || !classes.empty(),
                      "image_folder: pictures (.png, .jpg, .jpeg) of class \"", name,
                      "\" expected in ", (folder / name).native(), ", got none");
  }
  check<ParseError>(!listing.files.empty(),
                    "image_folder: pictures (.png, .jpg, .jpeg) expected in ", folder.native(),
                    ", got none");
  return listing;
}

}  // namespace fovea::vision
