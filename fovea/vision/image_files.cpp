#include "fovea/vision/image_files.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::vision {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& known_endings() {
  static const std::vector<std::string> kEndings = {".png", ".jpg", ".jpeg", ".webp",
                                                    ".bmp", ".tif", ".tiff"};
  return kEndings;
}

[[noreturn]] void fail(const fs::path& folder, const std::error_code& error) {
  throw IoError(str("image_folder: ", folder.native(), " expected to be a readable folder, got \"",
                    error.message(), "\""));
}

/// Names of the folders in `folder` that stand for classes, sorted. Counts what lies beside them.
std::vector<std::string> class_folders(const fs::path& folder, ImageListing& listing) {
  std::vector<std::string> names;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (is_hidden(name)) continue;
      if (entry.is_directory()) {
        names.push_back(name);
      } else if (entry.is_symlink() && !entry.exists()) {
        listing.broken.push_back(entry.path());  // it may have been a class
      } else if (is_picture_ending(small_ending(name))) {
        ++listing.strays;
      }
    }
  } catch (const fs::filesystem_error& error) {
    fail(folder, error.code());
  }
  std::sort(names.begin(), names.end());
  std::sort(listing.broken.begin(), listing.broken.end());
  return names;
}

/// Appends the pictures in the folder of a class, and says which other files it has.
CountByEnding list_class(const fs::path& folder, std::int64_t label, ImageListing& listing) {
  PictureListing pictures = list_pictures(folder);
  for (fs::path& file : pictures.files) listing.files.push_back({std::move(file), label});
  for (const auto& [ending, count] : pictures.others) listing.others[ending] += count;
  return std::move(pictures.others);
}

/// "none", or "none but 3 .gif".
std::string none_but(const CountByEnding& others) {
  return others.empty() ? "none" : "none but " + list_endings(others);
}

}  // namespace

bool is_picture_ending(std::string_view ending) {
  const std::vector<std::string>& known = known_endings();
  return std::find(known.begin(), known.end(), ending) != known.end();
}

std::string picture_endings() { return join_words(known_endings()); }

bool is_hidden(std::string_view name) { return name.starts_with('.') || name == "__MACOSX"; }

std::string small_ending(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return ending;
}

std::string list_endings(const CountByEnding& endings) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(endings.begin(), endings.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [ending, count] : sorted) {
    text += str(text.empty() ? "" : ", ", count, ' ',
                ending.empty() ? std::string("without an ending") : ending);
  }
  return text;
}

std::string describe_others(const CountByEnding& others) {
  std::int64_t files = 0;
  for (const auto& [ending, count] : others) files += count;
  if (files == 0) return {};
  return str(files,
             files == 1 ? " file that is no picture by its ending: "
                        : " files that are no pictures by their endings: ",
             list_endings(others));
}

std::vector<std::string> describe_left_out(const ImageListing& listing) {
  std::vector<std::string> lines;
  if (std::string others = describe_others(listing.others); !others.empty())
    lines.push_back(std::move(others));
  if (listing.strays > 0) {
    lines.push_back(str(listing.strays, listing.strays == 1 ? " picture" : " pictures",
                        " in no class's folder"));
  }
  for (const fs::path& link : listing.broken)
    lines.push_back(str("a broken link, ", link.native()));
  return lines;
}

PictureListing list_pictures(const fs::path& folder) {
  PictureListing listing;
  std::map<std::string, std::vector<std::string>> names;  // by folder
  try {
    constexpr auto kFollow = fs::directory_options::follow_directory_symlink;
    for (fs::recursive_directory_iterator entry(folder, kFollow), end; entry != end; ++entry) {
      const fs::path& path = entry->path();
      if (is_hidden(path.filename().native())) {
        entry.disable_recursion_pending();
      } else if (entry->is_directory()) {
        continue;
      } else if (std::string ending = small_ending(path); is_picture_ending(ending)) {
        names[path.parent_path().native()].push_back(path.filename().native());
      } else {
        ++listing.others[std::move(ending)];
      }
    }
  } catch (const fs::filesystem_error& error) {
    fail(folder, error.code());
  }
  for (auto& [parent, files] : names) {
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) listing.files.push_back(fs::path(parent) / file);
  }
  return listing;
}

ImageListing list_images(const fs::path& folder, const std::vector<std::string>& classes) {
  ImageListing listing;
  const std::vector<std::string> names = class_folders(folder, listing);
  check<ParseError>(!names.empty(), "image_folder: folder of each class expected in ",
                    folder.native(), ", got none");
  listing.classes = classes.empty() ? names : classes;
  for (const std::string& name : names) {
    const auto found = std::find(listing.classes.begin(), listing.classes.end(), name);
    check<ParseError>(found != listing.classes.end(), "image_folder: class expected one of the ",
                      classes.size(), " of the training, got \"", name, "\"",
                      did_you_mean(name, classes), " (", (folder / name).native(), ")");
    const std::size_t before = listing.files.size();
    const CountByEnding others =
        list_class(folder / name, found - listing.classes.begin(), listing);
    check<ParseError>(listing.files.size() > before || !classes.empty(), "image_folder: pictures (",
                      picture_endings(), ") of class \"", name, "\" expected in ",
                      (folder / name).native(), ", got ", none_but(others));
  }
  check<ParseError>(!listing.files.empty(), "image_folder: pictures (", picture_endings(),
                    ") expected in ", folder.native(), ", got ", none_but(listing.others));
  return listing;
}

}  // namespace fovea::vision
